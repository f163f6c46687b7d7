/** Open… from a native menu: a page may show the system's dialog only after a press in the page itself. */
import { useTranslation } from 'react-i18next'
import { closeDialog, useView } from '../../store/view'
import { Dialog } from '../../ui/dialog'
import { DocumentIcon, FolderIcon } from '../../ui/icons'
import { pick } from './pickers'

export function OpenDialog() {
  const isOpen = useView(view => view.dialog === 'open')
  return isOpen ? <Shown /> : null
}

function Shown() {
  const { t } = useTranslation('library')
  const open = (kind: 'files' | 'folder'): void => {
    pick(kind)
    closeDialog()
  }
  return (
    <Dialog title={t('openTitle')} size="small" onClose={closeDialog}>
      <div className="library-open">
        <button type="button" className="button main" onClick={() => open('files')}>
          <DocumentIcon />
          {t('open')}
        </button>
        <button type="button" className="button" onClick={() => open('folder')}>
          <FolderIcon />
          {t('openFolder')}
        </button>
      </div>
      <p className="quiet">{t('openText')}</p>
    </Dialog>
  )
}
