/** What is above and below the panes: fold buttons, dialogs, and on a narrow window the tabs between panes. */
import type { ReactNode } from 'react'
import { useTranslation } from 'react-i18next'
import { type Command, keysOf, shownKeys } from './shortcuts/commands'
import { focusPane, runCommand } from './shortcuts/run-command'
import { useSettings } from './store/settings'
import { type Pane, showPane, useView } from './store/view'
import {
  BookIcon,
  ChatIcon,
  DiagnosticsIcon,
  KeyboardIcon,
  LibraryIcon,
  ModelIcon,
  MoreIcon,
  PanelEndIcon,
  PanelStartIcon,
  SettingsIcon
} from './ui/icons'
import { Menu } from './ui/menu'
import type { Layout } from './ui/use-layout'

const panes = ['library', 'reader', 'chat'] as const

export function SkipLinks() {
  const { t } = useTranslation()
  return (
    <div className="skip-links" role="navigation" aria-label={t('skip.label')}>
      {panes.map(pane => (
        <button
          key={pane}
          type="button"
          className="button small visually-hidden"
          onClick={() => focusPane(pane)}
        >
          {t(`skip.${pane}`)}
        </button>
      ))}
    </div>
  )
}

export function TopBar({ layout, isOpen }: { layout: Layout; isOpen: boolean }) {
  const { t } = useTranslation(['shell', 'settings'])
  const withKeys = useKeys()
  const narrow = layout === 'narrow'
  const { folded, drawer } = useView()
  return (
    <header className="top-bar">
      {!narrow && (
        <Fold pane="library" folded={layout === 'middle' ? !drawer : folded.library}>
          <PanelStartIcon />
        </Fold>
      )}
      <h1 className="top-name">{t('name')}</h1>
      {!narrow && isOpen && (
        <>
          <Fold pane="reader" folded={folded.reader}>
            <BookIcon />
          </Fold>
          <Fold pane="chat" folded={folded.chat}>
            <PanelEndIcon />
          </Fold>
          <span className="top-line" />
        </>
      )}
      <Command command="models" withKeys={withKeys}>
        <ModelIcon />
      </Command>
      <Command command="settings" withKeys={withKeys}>
        <SettingsIcon />
      </Command>
      <Menu
        label={t('more')}
        entries={() => [
          {
            label: t('settings:shortcuts.title'),
            icon: <KeyboardIcon />,
            onSelect: () => runCommand('shortcuts')
          },
          {
            label: t('settings:diagnostics.title'),
            icon: <DiagnosticsIcon />,
            onSelect: () => runCommand('diagnostics')
          }
        ]}
      >
        <MoreIcon />
      </Menu>
    </header>
  )
}

interface FoldProps {
  readonly pane: Pane
  readonly folded: boolean
  readonly children: ReactNode
}

function Fold({ pane, folded, children }: FoldProps) {
  const { t } = useTranslation()
  const withKeys = useKeys()
  const words = t(folded ? `unfold.${pane}` : `fold.${pane}`)
  const command = ({ library: 'foldLibrary', reader: 'foldReader', chat: 'foldChat' } as const)[pane]
  return (
    <button
      type="button"
      className="icon-button"
      aria-label={words}
      aria-expanded={!folded}
      aria-controls={`pane-${pane}`}
      title={withKeys(words, command)}
      onClick={() => runCommand(command)}
    >
      {children}
    </button>
  )
}

interface CommandProps {
  readonly command: 'models' | 'settings'
  readonly withKeys: (words: string, command: Command) => string
  readonly children: ReactNode
}

function Command({ command, withKeys, children }: CommandProps) {
  const { t } = useTranslation(['shell', 'settings'])
  const words = t(`settings:command.${command}`)
  return (
    <button
      type="button"
      className="icon-button"
      aria-label={words}
      title={withKeys(words, command)}
      onClick={() => runCommand(command)}
    >
      {children}
    </button>
  )
}

/** A name with its keys behind it, for titles. */
function useKeys(): (words: string, command: Command) => string {
  const chosen = useSettings(settings => settings.shortcuts)
  return (words, command) => {
    const shown = shownKeys(keysOf(chosen)[command])
    return shown.length > 0 ? `${words} (${shown.join('+')})` : words
  }
}

export function PaneTabs() {
  const { t } = useTranslation()
  const shown = useView(view => view.pane)
  const icons = { library: <LibraryIcon />, reader: <BookIcon />, chat: <ChatIcon /> }
  return (
    <nav className="pane-tabs" aria-label={t('panes')}>
      {panes.map(pane => (
        <button
          key={pane}
          type="button"
          aria-current={pane === shown ? 'page' : undefined}
          onClick={() => showPane(pane)}
        >
          {icons[pane]}
          {t(`pane.${pane}`)}
        </button>
      ))}
    </nav>
  )
}
