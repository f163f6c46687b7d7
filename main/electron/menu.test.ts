/** The menus of each platform, as templates: Electron itself draws them. */
import { expect, test, vi } from 'vitest'
import { defaultSettings } from '../../contract/settings'
import { template } from './menu'
import { itemsOf } from './testing/fake-electron'

vi.mock('electron', () => import('./testing/fake-electron'))

const menu = (platform: NodeJS.Platform) => template(defaultSettings, () => undefined, platform)
const roles = (platform: NodeJS.Platform) => itemsOf(menu(platform)).map(({ role }) => role)

test('macOS has its application menu first, recent documents, and closes windows without quitting', () => {
  const [first] = menu('darwin')
  const inFirst = itemsOf(Array.isArray(first.submenu) ? first.submenu : []).map(({ role }) => role)
  for (const role of ['about', 'services', 'hide', 'hideOthers', 'unhide', 'quit'])
    expect(inFirst).toContain(role)
  for (const role of ['recentDocuments', 'clearRecentDocuments', 'windowMenu', 'help', 'close'])
    expect(roles('darwin')).toContain(role)
  expect(roles('darwin').filter(role => role === 'quit')).toHaveLength(1)
})

test.each(['win32', 'linux'] as const)('%s quits by the file menu and has no part of macOS', platform => {
  expect(roles(platform).filter(role => role === 'quit')).toHaveLength(1)
  for (const role of ['services', 'hide', 'windowMenu', 'recentDocuments'])
    expect(roles(platform)).not.toContain(role)
})

test.each(['darwin', 'win32', 'linux'] as const)(
  '%s: every item is named, and no key is given twice',
  platform => {
    const items = itemsOf(menu(platform)).filter(({ type }) => type !== 'separator')
    for (const { label, role } of items) expect(label ?? role).toBeTruthy()
    const keys = items.map(({ accelerator }) => accelerator).filter(Boolean)
    expect(new Set(keys).size).toBe(keys.length)
    for (const role of [
      'undo',
      'redo',
      'cut',
      'copy',
      'paste',
      'selectAll',
      'zoomIn',
      'zoomOut',
      'resetZoom'
    ])
      expect(roles(platform)).toContain(role)
    // A packed program has no developer tools in its menu.
    expect(roles(platform)).not.toContain('toggleDevTools')
  }
)
