/** The parts of the settings that the system's side shows: theme, and words and keys of the menus. */
import { nativeTheme } from 'electron'
import type { MenuCommand } from '../../contract/host'
import { defaultSettings, type Settings } from '../../contract/settings'
import type { MachineHost } from '../host/host'
import { setMenu } from './menu'
import { paperNow, theWindow } from './window'
import { type Words, wordsFor } from './words'

/** Rejects never: settings that cannot be read are the page's to tell of, and the defaults hold. Returns the words of now. */
export async function followSettings(
  host: MachineHost,
  send: (command: MenuCommand) => void
): Promise<() => Words> {
  let now: Settings = await host.calls.getSettings().catch(() => defaultSettings)
  const apply = (settings: Settings): void => {
    now = settings
    nativeTheme.themeSource = settings.theme
    setMenu(settings, send)
  }
  apply(now)
  host.listen((event, news) => {
    if (event === 'settingsChanged') apply(news)
  })
  nativeTheme.on('updated', () => theWindow()?.setBackgroundColor(paperNow()))
  return () => wordsFor(now.language)
}
