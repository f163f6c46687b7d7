/** The window: what is above the panes, the panes, and what is below and over them. */
import { useEffect } from 'react'
import { useTranslation } from 'react-i18next'
import './app.css'
import { DropZone } from './features/library/drop-zone'
import { Pickers } from './features/library/pickers'
import { ReadingSaid } from './features/library/reading-said'
import { CannotStart } from './features/status/cannot-start'
import { EngineBanner } from './features/status/engine-banner'
import { StatusBar } from './features/status/status-bar'
import { Dialogs } from './dialogs'
import { flows } from './flows/flows'
import { Panes, useIsOpen } from './panes'
import { allCommands, runCommand } from './shortcuts/run-command'
import { useShortcuts } from './shortcuts/use-shortcuts'
import { useDocuments } from './store/documents'
import { useEngine } from './store/engine'
import { useSettings } from './store/settings'
import { useView } from './store/view'
import { PaneTabs, SkipLinks, TopBar } from './top-bar'
import { percent } from './ui/format'
import { useLayout } from './ui/use-layout'
import { useLanguage } from './words/index'

export function App() {
  useAppearance()
  useShortcuts(allCommands)
  useNativeMenu()
  const layout = useLayout()
  const cannot = useCannotStart()
  const isOpen = useIsOpen()
  return (
    <div className={`app ${layout}`}>
      {cannot ? (
        <CannotStart {...cannot} />
      ) : (
        <>
          <SkipLinks />
          <TopBar layout={layout} isOpen={isOpen} />
          <EngineBanner />
          <Panes />
          <StatusBar />
          {layout === 'narrow' && <PaneTabs />}
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
      return flows.host().on('menu', runCommand)
    } catch {
      // A page that was opened without its key says so where it starts.
      return undefined
    }
  }, [])
}

/** What is being read now, and how far, for the title: it is seen while another window is in front. */
function useReading(): { document: string; percent: string } | undefined {
  const id = useDocuments(({ activity }) =>
    Object.keys(activity).find(each => activity[each]?.name === 'reading')
  )
  const name = useDocuments(({ documents }) => documents[id ?? '']?.name)
  // A string, so that the window is drawn again only when the whole percent changes.
  const now = useDocuments(({ activity }) => {
    const reading = activity[id ?? '']
    const progress = reading?.name === 'reading' ? reading.progress : undefined
    return progress && percent(progress.tokens, progress.total)
  })
  return name !== undefined && now !== undefined ? { document: name, percent: now } : undefined
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
  const reading = useReading()
  useEffect(() => {
    if (reading) document.title = t('titleReading', reading)
    else document.title = name === undefined ? t('name') : t('title', { document: name })
  }, [name, reading?.document, reading?.percent, t])
}
