import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  truncateSync,
  writeFileSync
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import { HostFailure } from '../../contract/failure'
import { long } from '../../gpu/testing/long'
import { copyModel, removeUnfinished } from './copy-model'
import { listModels } from './models'
import { bundle, start } from './testing/child'

let folder: string
let library: string
let source: string
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'readonce-import-'))
  ;[library, source] = [join(folder, 'library'), join(folder, 'source')]
  mkdirSync(source)
  mkdirSync(library)
  writeFileSync(join(source, 'config.json'), '{}')
  writeFileSync(join(source, 'empty.txt'), '')
})
afterEach(() => rmSync(folder, { recursive: true, force: true }))

const weights = (bytes: number): Uint8Array =>
  Uint8Array.from({ length: bytes }, (_, i) => (i * 7 + (i >> 8)) & 255)
const inModels = (): string[] => readdirSync(join(library, 'models'))

test.each([undefined, false])(
  'a folder with links, holes and empty files is copied as it is (clone: %s)',
  async clone => {
    const bytes = Buffer.concat([weights(20e6), Buffer.alloc(20 << 20), weights(1001)])
    writeFileSync(join(folder, 'blob'), bytes)
    symlinkSync(join(folder, 'blob'), join(source, 'model.safetensors'))
    const told: number[] = []
    expect(
      await copyModel(library, [source], 'A: model', { clone, onProgress: done => told.push(done) })
    ).toBe('A- model')
    expect(inModels()).toEqual(['A- model'])
    const copied = join(library, 'models', 'A- model')
    expect(readFileSync(join(copied, 'model.safetensors')).equals(bytes)).toBe(true)
    expect(statSync(join(copied, 'empty.txt')).size).toBe(0)
    expect(told).toEqual([...told].sort((a, b) => a - b))
    expect(told.at(-1)).toBe(bytes.length + 2)
  }
)

// Lengths beyond 32 bits are a matter of the long mode; the memory is the same.
const size = long('large-copy') ? 4.4e9 : 400e6

test(`${size / 1e6} MB pass through 8 MiB of memory`, async () => {
  const large = join(source, 'model.safetensors')
  writeFileSync(large, weights(5e6))
  // The code is loaded and the threads are there before anything is measured.
  await copyModel(library, [source], 'first', { clone: false })
  truncateSync(large, size)
  const before = process.memoryUsage().rss
  let most = 0
  await copyModel(library, [source], 'second', {
    clone: false,
    onProgress: () => (most = Math.max(most, process.memoryUsage().rss - before))
  })
  expect(most).toBeLessThan(64e6)
  expect(statSync(join(library, 'models', 'second', 'model.safetensors')).size).toBe(size)
}, 120_000)

describe('what is no model or cannot be copied leaves nothing', () => {
  test.each([
    ['no weights', () => undefined, 'unsupported-model'],
    ['a folder inside', () => mkdirSync(join(source, 'more')), 'unsupported-model'],
    ['more than the disk has', () => truncateSync(join(source, 'model.safetensors'), 2 ** 42), 'disk-full']
  ])('%s', async (what, change, code) => {
    if (what !== 'no weights') writeFileSync(join(source, 'model.safetensors'), weights(100))
    change()
    await expect(copyModel(library, [source], 'm', { clone: false })).rejects.toMatchObject({ code })
    expect(existsSync(join(library, 'models')) ? inModels() : []).toEqual([])
  })

  test('a pause, and an end in it', async () => {
    writeFileSync(join(source, 'model.safetensors'), weights(30e6))
    const ending = new AbortController()
    let go = (): void => undefined
    const paused = new Promise<void>(resolve => (go = resolve))
    let done = 0
    const copying = copyModel(library, [source], 'm', {
      clone: false,
      signal: ending.signal,
      onProgress: bytes => (done = bytes),
      whenGoingOn: async () => (done > 10e6 ? paused : undefined)
    })
    copying.catch(() => undefined)
    await vi.waitFor(() => expect(done).toBeGreaterThan(10e6), 30_000)
    const held = done
    await new Promise(resolve => setTimeout(resolve, 100))
    expect(done).toBe(held)
    expect(await listModels(library)).toEqual([])
    ending.abort()
    go()
    await expect(copying).rejects.toEqual(expect.objectContaining({ code: 'cancelled' }))
    await expect(copying).rejects.toBeInstanceOf(HostFailure)
    expect(inModels()).toEqual([])
  })
})

test('killed in the middle: nothing of it is a model, and the next start removes it; a living copy stays', async () => {
  writeFileSync(join(source, 'model.safetensors'), weights(30e6))
  const child = start(await bundle('model-copier', folder), [library, source])
  await child.said('half')
  await removeUnfinished(library)
  expect(inModels().filter(name => !name.endsWith('.lock'))).toHaveLength(1)
  expect(await listModels(library)).toEqual([])
  child.process.kill('SIGKILL')
  await child.ended
  expect(inModels()).toHaveLength(2)
  await removeUnfinished(library)
  expect(inModels()).toEqual([])
}, 60_000)
