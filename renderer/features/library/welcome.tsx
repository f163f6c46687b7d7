/** What is in the middle while no document is open: what the product does, and the three ways to begin. */
import { useTranslation } from 'react-i18next'
import { useDocuments } from '../../store/documents'
import { setDrawer } from '../../store/view'
import { BookIcon, DocumentIcon, FolderIcon, LibraryIcon, PlayIcon } from '../../ui/icons'
import type { Layout } from '../../ui/use-layout'
import { openSample } from './open-sample'
import { pick } from './pickers'
import './library.css'

export function Welcome({ layout }: { layout: Layout }) {
  const { t } = useTranslation('library')
  const isEmpty = useDocuments(({ state, order }) => state === 'loaded' && order.length === 0)
  const isLoaded = useDocuments(({ state }) => state === 'loaded')
  if (!isLoaded) return null
  return (
    <div className="welcome">
      <div className="welcome-sheet">
        <BookIcon />
        <h2>{t('welcomeTitle')}</h2>
        <p>{t(isEmpty ? 'welcomeText' : layout === 'wide' ? 'welcomeBack' : 'welcomeBackNarrow')}</p>
        <div className="welcome-ways">
          {layout === 'middle' && !isEmpty && (
            <button type="button" className="button" onClick={() => setDrawer(true)}>
              <LibraryIcon />
              {t('showLibrary')}
            </button>
          )}
          <button type="button" className="button main" onClick={() => pick('files')}>
            <DocumentIcon />
            {t('open')}
          </button>
          <button type="button" className="button" onClick={() => pick('folder')}>
            <FolderIcon />
            {t('openFolder')}
          </button>
        </div>
        {isEmpty && (
          <>
            <button type="button" className="button plain" onClick={() => void openSample()}>
              <PlayIcon />
              <span>
                {t('sample')} <span className="quiet">– {t('sampleText')}</span>
              </span>
            </button>
            <p className="quiet">
              {t('kinds')}
              <br />
              {t('promise')}
            </p>
          </>
        )}
      </div>
    </div>
  )
}
