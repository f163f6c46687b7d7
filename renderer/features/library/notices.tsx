/** What was refused or should be known; stays until a person has seen it. */
import { useTranslation } from 'react-i18next'
import { dismissNotice, type Notice, useDocuments } from '../../store/documents'
import { CheckIcon, CloseIcon, WarningIcon } from '../../ui/icons'

export function Notices() {
  const notices = useDocuments(store => store.notices)
  // Both regions are always there: what appears together with its region is not read out.
  return (
    <>
      <div role="alert">
        {notices
          .filter(({ kind }) => kind !== 'done')
          .map(notice => (
            <Shown key={notice.id} notice={notice} />
          ))}
      </div>
      <div role="status">
        {notices
          .filter(({ kind }) => kind === 'done')
          .map(notice => (
            <Shown key={notice.id} notice={notice} />
          ))}
      </div>
    </>
  )
}

function Shown({ notice: { id, kind, text } }: { notice: Notice }) {
  const { t } = useTranslation('library')
  return (
    <div className={kind === 'done' ? 'notice' : 'notice bad'}>
      {kind === 'done' ? <CheckIcon /> : <WarningIcon />}
      <p>{text}</p>
      <button
        type="button"
        className="icon-button"
        aria-label={t('dismiss')}
        title={t('dismiss')}
        onClick={() => dismissNotice(id)}
      >
        <CloseIcon />
      </button>
    </div>
  )
}
