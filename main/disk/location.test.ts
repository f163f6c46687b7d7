import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { copyEntries } from './copy-entries'
import { findLibrary, openLibrary } from './library'
import { folderOf, homeFolder, moveEntries } from './location'

let folder: string
const at = (...names: string[]) => join(folder, ...names)
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'readonce-location-'))
})
afterEach(() => rmSync(folder, { recursive: true }))

async function filled(home: string): Promise<string> {
  const library = await openLibrary(home)
  writeFileSync(at('a.txt'), 'Alpha\n')
  const { id } = (await library.add(at('a.txt'))).document
  writeFileSync(join(home, 'settings.json'), '{}')
  // Chromium's, on two platforms.
  mkdirSync(join(home, 'GPUCache'))
  return id
}

test('the home folder: --library, READONCE_LIBRARY, the platform’s', () => {
  expect(homeFolder('/here', { READONCE_LIBRARY: '/there' })).toBe('/here')
  expect(homeFolder(undefined, { READONCE_LIBRARY: '/there' })).toBe('/there')
  if (process.platform === 'linux')
    expect(homeFolder(undefined, { READONCE_LIBRARY: '', XDG_DATA_HOME: '/data' })).toBe('/data/readonce')
})

test('what was moved is found from its home, and what is not ours stays', async () => {
  const id = await filled(at('home'))
  await moveEntries(at('home'), at('home'), at('new'))
  expect(readdirSync(at('home')).sort()).toEqual(['GPUCache', 'location.json'])
  const found = await findLibrary(at('home'))
  expect([found.folder, found.home]).toEqual([at('new'), at('home')])
  expect(await found.text(id)).toBe('Alpha\n')
})

test('a move that was killed between two renames is brought to its end', async () => {
  const id = await filled(at('home'))
  mkdirSync(at('new'))
  writeFileSync(at('home', 'location.json'), JSON.stringify({ folder: at('new'), from: at('home') }))
  writeFileSync(at('new', 'settings.json'), readFileSync(at('home', 'settings.json')))
  rmSync(at('home', 'settings.json'))
  const found = await findLibrary(at('home'))
  expect(await found.text(id)).toBe('Alpha\n')
  expect(JSON.parse(readFileSync(at('home', 'location.json'), 'utf8'))).toEqual({ folder: at('new') })
  expect(readdirSync(at('home')).sort()).toEqual(['GPUCache', 'location.json'])
})

test('a copy that was killed while the old one was erased is brought to its end', async () => {
  const id = await filled(at('home'))
  mkdirSync(at('new'))
  await copyEntries(at('home'), at('new'))
  writeFileSync(at('home', 'location.json'), JSON.stringify({ folder: at('new'), erase: at('home') }))
  expect(await (await findLibrary(at('home'))).text(id)).toBe('Alpha\n')
  expect(readdirSync(at('home')).sort()).toEqual(['GPUCache', 'location.json'])
})

test('a copy that fails leaves the library where it was, and nothing of itself', async () => {
  await filled(at('home'))
  mkdirSync(at('new', 'settings.json'), { recursive: true })
  await expect(copyEntries(at('home'), at('new'))).rejects.toMatchObject({ code: 'unreadable-file' })
  expect(readdirSync(at('new'))).toEqual([])
  expect(existsSync(at('home', 'documents'))).toBe(true)
})

test('a disk that is not there, and a pointer that is broken, are told and not replaced by an empty library', async () => {
  await filled(at('home'))
  writeFileSync(at('home', 'location.json'), JSON.stringify({ folder: at('gone') }))
  await expect(folderOf(at('home'))).rejects.toMatchObject({
    code: 'not-found',
    message: expect.stringContaining(at('gone'))
  })
  expect(existsSync(at('gone'))).toBe(false)
  writeFileSync(at('home', 'location.json'), '{"folder":')
  for (let start = 0; start < 2; start++)
    await expect(findLibrary(at('home'))).rejects.toMatchObject({ code: 'unreadable-file' })
})
