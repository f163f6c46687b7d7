/** The native menus: roles where the system knows the thing, our commands as news to the page. */
import { app, Menu, type MenuItemConstructorOptions, type WebContents } from 'electron'
import type { MenuCommand } from '../../contract/host'
import type { Settings } from '../../contract/settings'
import { type Words, wordsFor } from './words'

type Item = MenuItemConstructorOptions

/** The page hears the keys itself, and a person may have bound others there; these are shown while they hold. */
const keys: Partial<Record<MenuCommand, string>> = {
  open: 'CmdOrCtrl+O',
  openFolder: 'CmdOrCtrl+Shift+O',
  find: 'CmdOrCtrl+F',
  settings: 'CmdOrCtrl+,'
}
const separator: Item = { type: 'separator' }

export function setMenu(settings: Settings, send: (command: MenuCommand) => void): void {
  Menu.setApplicationMenu(Menu.buildFromTemplate(template(settings, send)))
}

export function template(
  settings: Settings,
  send: (command: MenuCommand) => void,
  platform: NodeJS.Platform = process.platform
): Item[] {
  const words = wordsFor(settings.language)
  const mac = platform === 'darwin'
  const command = (name: MenuCommand): Item => ({
    label: words[name],
    click: () => send(name),
    registerAccelerator: false,
    ...(settings.shortcuts[name] === undefined && keys[name] ? { accelerator: keys[name] } : {})
  })
  const recent: Item = {
    role: 'recentDocuments',
    label: words.recent,
    submenu: [{ role: 'clearRecentDocuments', label: words.clearRecent }]
  }
  const file: Item[] = [
    command('open'),
    command('openFolder'),
    ...(mac ? [recent] : []),
    separator,
    ...(mac
      ? [role('close', words.close)]
      : [command('settings'), command('models'), separator, role('quit', words.quit)])
  ]
  const help: Item[] = [
    command('shortcuts'),
    command('diagnostics'),
    ...(mac ? [] : [separator, role('about', words.about)])
  ]
  return [
    ...(mac ? [appMenu(words, [command('settings'), command('models')])] : []),
    { label: words.file, submenu: file },
    { label: words.edit, submenu: [...editing(words), separator, command('find')] },
    { label: words.view, submenu: viewing(words) },
    // macOS fills these two by itself: windows, and a field to search the menus.
    mac
      ? { role: 'windowMenu', label: words.window }
      : {
          label: words.window,
          submenu: [role('minimize', words.minimize), role('close', words.close)]
        },
    { ...(mac ? { role: 'help' } : {}), label: words.help, submenu: help }
  ]
}

const role = (name: NonNullable<Item['role']>, label: string): Item => ({ role: name, label })

const appMenu = (words: Words, commands: Item[]): Item => ({
  label: app.name,
  submenu: [
    role('about', words.about),
    separator,
    ...commands,
    separator,
    { role: 'services' },
    separator,
    { role: 'hide' },
    { role: 'hideOthers' },
    { role: 'unhide' },
    separator,
    role('quit', words.quit)
  ]
})

const editing = (words: Words): Item[] => [
  role('undo', words.undo),
  role('redo', words.redo),
  separator,
  role('cut', words.cut),
  role('copy', words.copy),
  role('paste', words.paste),
  role('selectAll', words.selectAll)
]

const viewing = (words: Words): Item[] => [
  role('zoomIn', words.zoomIn),
  role('zoomOut', words.zoomOut),
  role('resetZoom', words.actualSize),
  separator,
  role('togglefullscreen', words.fullScreen),
  ...(app.isPackaged
    ? []
    : [separator, role('reload', words.reload), role('toggleDevTools', words.developer)])
]

/** Cut, copy and paste where they make sense. */
export function giveContextMenu(contents: WebContents, words: () => Words): void {
  contents.on('context-menu', (_event, { isEditable, selectionText, editFlags }) => {
    const w = words()
    const items: Item[] = isEditable
      ? [
          { ...role('cut', w.cut), enabled: editFlags.canCut },
          { ...role('copy', w.copy), enabled: editFlags.canCopy },
          { ...role('paste', w.paste), enabled: editFlags.canPaste },
          separator,
          role('selectAll', w.selectAll)
        ]
      : selectionText.trim() === ''
        ? []
        : [role('copy', w.copy)]
    if (items.length > 0) Menu.buildFromTemplate(items).popup()
  })
}
