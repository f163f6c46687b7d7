/** The window: library, text and conversation side by side, or one at a time where it is narrow. */
import { useEffect } from 'react'
import { useTranslation } from 'react-i18next'
import './app.css'
import { Chat } from './features/chat/chat'
import { DropZone } from './features/library/drop-zone'
import { LibraryPane } from './features/library/library-pane'
import { Pickers } from './features/library/pickers'
import { ReadingCard } from './features/library/reading-card'
import { ReadingSaid } from './features/library/reading-said'
import { Welcome } from './features/library/welcome'
import { Reader } from './features/reader/reader'
import { CannotStart } from './features/status/cannot-start'
import { EngineBanner } from './features/status/engine-banner'
import { StatusBar } from './features/status/status-bar'
import { Dialogs } from './dialogs'
import { currentHost } from './flows/start'
import { allCommands, runCommand } from './shortcuts/run-command'
import { useShortcuts } from './shortcuts/use-shortcuts'
import { useDocuments } from './store/documents'
import { useEngine } from './store/engine'
import { useSettings } from './store/settings'
import { defaultWidths, useView } from './store/view'
import { PaneTabs, SkipLinks, TopBar } from './top-bar'
import { Separator } from './ui/separator'
import { useNarrow } from './ui/use-narrow'
import { useLanguage } from './words/index'

export function App() {
  useAppearance()
  useShortcuts(allCommands)
  useNativeMenu()
  const narrow = useNarrow()
  const cannot = useCannotStart()
  const isOpen = useIsOpen()
  return (
    <div className={narrow ? 'app narrow' : 'app'}>
      {cannot ? (
        <CannotStart {...cannot} />
      ) : (
        <>
          <SkipLinks narrow={narrow} />
          <TopBar narrow={narrow} isOpen={isOpen} />
          <EngineBanner />
          {narrow ? <OnePane /> : <Panes />}
          <StatusBar />
          {narrow && <PaneTabs />}
          <DropZone />
          <ReadingSaid />
        </>
      )}
      <Pickers />
      <Dialogs />
    </div>
  )
}

/** Without an adapter nothing can be read or asked; without a library there is nothing to show. */
function useCannotStart(): { reason: string; isUnsupported: boolean } | undefined {
  const state = useEngine(engine => engine.state)
  const hasLibrary = useDocuments(store => store.state === 'loaded')
  if (state.name === 'unsupported') return { reason: state.reason, isUnsupported: true }
  return state.name === 'failed' && !hasLibrary ? { reason: state.reason, isUnsupported: false } : undefined
}

function useNativeMenu(): void {
  useEffect(() => {
    try {
      return currentHost().on('menu', runCommand)
    } catch {
      // A page that was opened without its key says so where it starts.
      return undefined
    }
  }, [])
}

function useAppearance(): void {
  const theme = useSettings(settings => settings.theme)
  const fontSize = useSettings(settings => settings.fontSize)
  useLanguage(useSettings(settings => settings.language))
  const { t } = useTranslation()
  const id = useView(view => view.documentId)
  const name = useDocuments(({ documents }) => documents[id ?? '']?.name)
  useEffect(() => {
    const root = document.documentElement
    if (theme === 'system') delete root.dataset['theme']
    else root.dataset['theme'] = theme
    root.style.fontSize = `${fontSize}px`
  }, [theme, fontSize])
  useEffect(() => {
    document.title = name === undefined ? t('name') : t('title', { document: name })
  }, [name, t])
}

const useIsOpen = (): boolean => {
  const id = useView(view => view.documentId)
  return useDocuments(({ documents }) => id !== undefined && documents[id] !== undefined)
}

function Panes() {
  const { t } = useTranslation()
  const { library, chat } = useView(view => view.widths)
  const folded = useView(view => view.folded)
  const isOpen = useIsOpen()
  const set = (pane: 'library' | 'chat') => (width: number) =>
    useView.setState(({ widths }) => ({ widths: { ...widths, [pane]: width } }))
  const bar = (pane: 'library' | 'chat', width: number) => ({
    label: t(`width.${pane}`),
    controls: `pane-${pane}`,
    width,
    onChange: set(pane),
    onReset: () => set(pane)(defaultWidths[pane])
  })
  return (
    <div className="panes">
      <nav
        id="pane-library"
        className="pane"
        aria-label={t('pane.library')}
        tabIndex={-1}
        hidden={folded.library}
        style={{ flexBasis: library }}
      >
        <LibraryPane />
      </nav>
      {!folded.library && <Separator {...bar('library', library)} least={220} most={460} />}
      <div className="work">
        {isOpen ? (
          <>
            <ReadingCard />
            <div className="panes">
              <main id="pane-reader" className="pane grows" tabIndex={-1} hidden={folded.reader}>
                <Reader />
              </main>
              {!folded.reader && !folded.chat && (
                <Separator {...bar('chat', chat)} least={300} most={900} isAfter />
              )}
              <aside
                id="pane-chat"
                className={folded.reader ? 'pane grows' : 'pane'}
                aria-label={t('pane.chat')}
                tabIndex={-1}
                hidden={folded.chat}
                style={folded.reader ? undefined : { flexBasis: chat }}
              >
                <Chat />
              </aside>
            </div>
          </>
        ) : (
          <main id="pane-reader" className="pane grows" tabIndex={-1}>
            <Welcome narrow={false} />
          </main>
        )}
      </div>
    </div>
  )
}

/** One pane at a time; those that are not shown keep their place. */
function OnePane() {
  const { t } = useTranslation()
  const pane = useView(view => view.pane)
  const isOpen = useIsOpen()
  return (
    <div className="work">
      {pane !== 'library' && <ReadingCard />}
      <nav
        id="pane-library"
        className="pane grows"
        aria-label={t('pane.library')}
        tabIndex={-1}
        hidden={pane !== 'library'}
      >
        <LibraryPane />
      </nav>
      <main id="pane-reader" className="pane grows" tabIndex={-1} hidden={pane !== 'reader'}>
        {isOpen ? <Reader /> : <Welcome narrow />}
      </main>
      <aside
        id="pane-chat"
        className="pane grows"
        aria-label={t('pane.chat')}
        tabIndex={-1}
        hidden={pane !== 'chat'}
      >
        <Chat />
      </aside>
    </div>
  )
}
