import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { writeAtomically } from './atomic-write'
import { checkRoom, formatBytes, freeBytes, reserveOf } from './disk-space'
import {
  checkpointFile,
  chatFile,
  dataFolder,
  documentFile,
  formerDataFolder,
  lockFile,
  modelKey,
  pagesLocation
} from './paths'

test('the data folder follows each platform, and --library wins', () => {
  expect(dataFolder(undefined, {}, 'linux', '/home/a')).toBe('/home/a/.local/share/readonce')
  expect(dataFolder(undefined, { XDG_DATA_HOME: '/data' }, 'linux', '/home/a')).toBe('/data/readonce')
  expect(dataFolder(undefined, { XDG_DATA_HOME: 'data' }, 'linux', '/home/a')).toBe(
    '/home/a/.local/share/readonce'
  )
  expect(dataFolder(undefined, {}, 'darwin', '/Users/a')).toBe(
    '/Users/a/Library/Application Support/Readonce'
  )
  const user = 'C:\\Users\\a'
  const env = { APPDATA: 'D:\\Roaming', LOCALAPPDATA: 'D:\\Local' }
  expect(dataFolder(undefined, env, 'win32', user)).toBe('D:\\Local\\Readonce')
  expect(dataFolder(undefined, {}, 'win32', user)).toBe('C:\\Users\\a\\AppData\\Local\\Readonce')
  expect(formerDataFolder(env, 'win32', user)).toBe('D:\\Roaming\\Readonce')
  expect(formerDataFolder({}, 'win32', user)).toBe('C:\\Users\\a\\AppData\\Roaming\\Readonce')
  expect(formerDataFolder(env, 'darwin', '/Users/a')).toBeUndefined()
  expect(dataFolder('here', { XDG_DATA_HOME: '/data' }, 'linux', '/home/a')).toBe('here')
  expect(() => dataFolder('')).toThrow('empty name')
})

test('no id or key leaves its folder', () => {
  const pages = pagesLocation('/l', '0123456789abcdef', 'small-1a2b')
  expect(pages).toBe(join('/l', 'documents', '0123456789abcdef', 'small-1a2b.pages'))
  expect([checkpointFile(pages), lockFile(pages)]).toEqual([
    pages.replace('pages', 'checkpoint'),
    pages.replace('pages', 'lock')
  ])
  for (const name of ['..', '../x', 'a/b', 'a\\b', '', '.hidden', 'a\0', 'x'.repeat(200), 'a:b', 'a.']) {
    expect(() => documentFile('/l', name), name).toThrow('is not an id')
    expect(() => pagesLocation('/l', 'abc', name), name).toThrow('is not an id')
    expect(() => chatFile('/l', 'abc', name), name).toThrow('is not an id')
  }
})

test('a model key can stand in a file name and differs with the weights', () => {
  expect(modelKey('YOCO 3B (long)', 'ab'.repeat(32))).toBe('yoco-3b-long-abababababab')
  expect(modelKey('日本', 'cd'.repeat(32))).toBe('model-cdcdcdcdcdcd')
  expect(pagesLocation('/l', 'abc', modelKey('../../x'.repeat(30), 'ab'.repeat(32)))).toContain('documents')
})

test('room on disk is measured where a file will lie, and refused with both numbers', async () => {
  const path = join(tmpdir(), 'not', 'there', 'yet')
  const free = await freeBytes(path)
  expect(free).toBeGreaterThan(0)
  await checkRoom(path, 1, 'noRoomToAdd', 'a.txt')
  await expect(checkRoom(path, 5e15, 'noRoomToAdd', 'a.txt')).rejects.toMatchObject({
    code: 'disk-full',
    message: expect.stringMatching(
      /^a\.txt was not added: it takes 5000\.0 TB on disk, [\d.]+ .B are free, and Readonce keeps [\d.]+ .B of it free/
    ),
    said: { name: 'noRoomToAdd', values: { name: 'a.txt', needed: 5e15 } }
  })
  // A twentieth, at least 1 MB and at most 1 GB.
  expect([0, 12e6, 136e6, 900e6, 20e9, 4e12].map(reserveOf)).toEqual([1e6, 1e6, 6.8e6, 45e6, 1e9, 1e9])
  expect([0, 999, 1000, 999_949, 999_960, 4_294_967_296].map(formatBytes)).toEqual([
    '0 bytes',
    '999 bytes',
    '1.0 kB',
    '999.9 kB',
    '1.0 MB',
    '4.3 GB'
  ])
})

test('a write that fails leaves the old content and nothing beside it', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'readonce-atomic-'))
  const path = join(folder, 'a.json')
  writeFileSync(path, 'old')
  await expect(
    writeAtomically(path, [Buffer.from('new')], join(folder, 'none', 'tmp'))
  ).rejects.toMatchObject({ code: 'unreadable-file' })
  await expect(writeAtomically(folder, [Buffer.from('new')], join(folder, 'tmp'))).rejects.toThrow()
  expect(readFileSync(path, 'utf8')).toBe('old')
  expect(existsSync(join(folder, 'tmp'))).toBe(false)
  await writeAtomically(path, [Buffer.from('n'), Buffer.alloc(0), Buffer.from('ew')])
  expect(readFileSync(path, 'utf8')).toBe('new')
  rmSync(folder, { recursive: true })
})
