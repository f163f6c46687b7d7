/** What was refused or should be known; stays until a person has seen it. Many of them scroll and push nothing away. */
import { useTranslation } from 'react-i18next'
import { flows } from '../../flows/flows'
import { dismissAllNotices, dismissNotice, type Notice, useDocuments } from '../../store/documents'
import { leaveLibrary } from '../../store/view'
import { CheckIcon, CloseIcon, WarningIcon } from '../../ui/icons'
import './library.css'

/** In the library, or below the text while the library is not on the screen: nothing is pushed down. */
export function Notices() {
  const { t } = useTranslation('library')
  const notices = useDocuments(store => store.notices)
  const rest = notices.length - 1
  // Both regions are always there: what appears together with its region is not read out.
  return (
    <section className="notices" aria-label={t('notices')}>
      {rest > 0 && (
        <div className="notices-head">
          <span className="quiet">{t('noticeCount', { count: notices.length })}</span>
          <button type="button" className="button small" onClick={dismissAllNotices}>
            {t('dismissAll')}
          </button>
        </div>
      )}
      <div className="notices-list" tabIndex={rest > 0 ? 0 : undefined}>
        <div role="alert">
          {newestFirst(notices, false).map(notice => (
            <Shown key={notice.id} notice={notice} />
          ))}
        </div>
        <div role="status">
          {newestFirst(notices, true).map(notice => (
            <Shown key={notice.id} notice={notice} />
          ))}
        </div>
      </div>
    </section>
  )
}

const newestFirst = (notices: readonly Notice[], done: boolean): Notice[] =>
  notices.filter(({ kind }) => (kind === 'done') === done).toReversed()

function Shown({ notice: { id, kind, text, documentId, trashed } }: { notice: Notice }) {
  const { t } = useTranslation('library')
  return (
    <div className={kind === 'done' ? 'notice' : 'notice bad'}>
      {kind === 'done' ? <CheckIcon /> : <WarningIcon />}
      <p>{text}</p>
      {documentId !== undefined && (
        <button
          type="button"
          className="button small"
          onClick={() => {
            dismissNotice(id)
            leaveLibrary()
            void flows.sessions.show(documentId)
          }}
        >
          {t('showIt')}
        </button>
      )}
      {trashed && (
        <button type="button" className="button small" onClick={() => void flows.trash.undo(trashed)}>
          {t('undo')}
        </button>
      )}
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
