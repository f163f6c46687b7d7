import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { migrateHome } from './former-home'
import { openLibrary } from './library'
import { homeFolder } from './location'

let folder: string
const at = (...names: string[]) => join(folder, ...names)
const place = () => at('Local', 'Readonce')
const former = () => at('Roaming', 'Readonce')
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'readonce-former-'))
})
afterEach(() => rmSync(folder, { recursive: true }))

/** A library with a document, and what Chromium and the programs keep beside it. */
async function filled(home: string): Promise<string> {
  const library = await openLibrary(home)
  writeFileSync(at('a.txt'), 'Alpha\n')
  mkdirSync(join(home, 'window', 'Local Storage'), { recursive: true })
  for (const name of ['settings.json', 'graphics.json', 'window/Local Storage/unsaved'])
    writeFileSync(join(home, name), '{}')
  return (await library.add(at('a.txt'))).document.id
}
const all = (home: string) => readdirSync(home, { recursive: true }).map(String).sort()
const pointTo = (location: unknown) => {
  mkdirSync(former(), { recursive: true })
  writeFileSync(
    join(former(), 'location.json'),
    typeof location === 'string' ? location : JSON.stringify(location)
  )
}

test('a home in the roaming profile is moved whole, once', async () => {
  const id = await filled(former())
  const before = all(former())
  expect(migrateHome(place(), former())).toBe(place())
  expect(all(place())).toEqual(before)
  expect(existsSync(former())).toBe(false)
  expect(await (await openLibrary(place())).text(id)).toBe('Alpha\n')
  expect(migrateHome(place(), former())).toBe(place())
})

test('the first start of all begins in the new place and makes nothing', () => {
  expect(migrateHome(place(), former())).toBe(place())
  expect(readdirSync(folder)).toEqual([])
  // Chromium alone may have left something there.
  mkdirSync(join(former(), 'Crashpad'), { recursive: true })
  expect(migrateHome(place(), former())).toBe(place())
})

test('where both hold a library, neither is touched', async () => {
  await filled(former())
  await filled(place())
  const before = [all(former()), all(place())]
  expect(migrateHome(place(), former())).toBe(place())
  expect([all(former()), all(place())]).toEqual(before)
})

test('a home that cannot be renamed is used where it is', async () => {
  const id = await filled(former())
  const before = all(former())
  // Something else stands in the new place: renaming fails as it does for a folder in use.
  mkdirSync(place(), { recursive: true })
  writeFileSync(join(place(), 'notes.txt'), 'Mine\n')
  expect(migrateHome(place(), former())).toBe(former())
  expect(all(former())).toEqual(before)
  expect(readFileSync(join(place(), 'notes.txt'), 'utf8')).toBe('Mine\n')
  expect(await (await openLibrary(former())).text(id)).toBe('Alpha\n')
})

test('a library that was moved elsewhere is found from the new home', () => {
  pointTo({ folder: at('Disk') })
  expect(migrateHome(place(), former())).toBe(place())
  expect(JSON.parse(readFileSync(join(place(), 'location.json'), 'utf8'))).toEqual({ folder: at('Disk') })
})

test.each([
  ['a move that was cut short', () => ({ folder: at('Disk'), from: former() })],
  ['a copy whose original is not yet erased', () => ({ folder: at('Disk'), erase: former() })],
  ['a library inside the home', () => ({ folder: join(former(), 'inside') })],
  ['a note that cannot be understood', () => '{"folder":']
])('%s is first brought to its end where it is', (_, location) => {
  pointTo(location())
  expect(migrateHome(place(), former())).toBe(former())
  expect(existsSync(place())).toBe(false)
})

test('only Windows has a former home, and not for a library that was named', () => {
  const both = (...folders: string[]) => folders.join(' < ')
  const env = { LOCALAPPDATA: 'L', APPDATA: 'A', XDG_DATA_HOME: '/data' }
  const whole = (name: string) => resolve(`${name}\\Readonce`)
  expect(homeFolder(undefined, env, 'win32', both)).toBe(`${whole('L')} < ${whole('A')}`)
  expect(homeFolder(undefined, { ...env, READONCE_LIBRARY: '/there' }, 'win32', both)).toBe(resolve('/there'))
  expect(homeFolder('/here', env, 'win32', both)).toBe(resolve('/here'))
  expect(homeFolder(undefined, env, 'linux', both)).toBe(resolve('/data/readonce'))
})
