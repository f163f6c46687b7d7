/** Files become text in processes of their own; those processes are real here and Electron's part of them is the stand-in's. `npm test` builds first. */
import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, afterEach, beforeAll, describe, expect, test, vi } from 'vitest'
import { extractFile, type ExtractOptions } from '../disk/extract-text'
import { sampleFiles } from '../disk/extract/testing/sample-files'
import { makeExtractApart } from './extract-apart'
import { app, utilities } from './testing/fake-electron'

vi.mock('electron', () => import('./testing/fake-electron'))

const built = join(import.meta.dirname, '..', '..', 'out', 'main', 'extract-process.js')
const folder = mkdtempSync(join(tmpdir(), 'readonce-apart-'))
const apart = makeExtractApart(built)
const put = (name: string, content: string | Uint8Array) => {
  writeFileSync(join(folder, name), content)
  return join(folder, name)
}
const read = (name: string, content: string | Uint8Array, options?: ExtractOptions) =>
  extractFile(put(name, content), { extract: apart.extract, ...options })
const page = '<p>One page.</p>'
/** Takes a second or more, and tells nothing meanwhile. */
const long = '<p>word <b>word</b></p>'.repeat(400_000)
const refused = (code: string, words: string) =>
  expect.objectContaining({
    name: 'HostFailure',
    code,
    message: expect.stringContaining(words),
    // What the window says in its own language came through both processes.
    said: expect.objectContaining({ name: expect.any(String) })
  })
const none = () => vi.waitFor(() => expect(utilities()).toEqual([]), { timeout: 30_000 })

beforeAll(() => {
  app.ready = true
})
afterEach(async () => {
  apart.close()
  await none()
})
afterAll(() => rmSync(folder, { recursive: true }))

test.runIf(!existsSync(built))('not run: nothing is built', ({ skip }) => skip(`no ${built}`))

describe.skipIf(!existsSync(built))('in a process apart', () => {
  test('every format comes out as from a thread of this process', async () => {
    for (const { name, content } of sampleFiles()) {
      const path = put(name, content)
      const here = await extractFile(path).catch(error => error as Error)
      const there = await extractFile(path, { extract: apart.extract }).catch(error => error as Error)
      expect(there, name).toEqual(here)
    }
    expect(utilities()).toHaveLength(1)
  })

  test('a process serves one file after the other, and files at the same time have one each', async () => {
    await read('a.html', page)
    const [first] = utilities()
    await read('b.html', page)
    expect(utilities()).toEqual([first])
    await Promise.all([read('c.html', page), read('d.html', page)])
    expect(utilities()).toHaveLength(2)
  })

  test('one that was made ready, once however often, reads the file that comes', async () => {
    apart.prepare()
    apart.prepare()
    expect(utilities()).toHaveLength(1)
    const [ready] = utilities()
    expect((await read('a.html', page)).text).toBe('One page.')
    expect(utilities()).toEqual([ready])
  })

  test('progress arrives', async () => {
    const seen: [number, number][] = []
    const { content } = sampleFiles().find(({ name }) => name === 'sample.pdf')!
    await read('p.pdf', content, { onProgress: (done, total) => seen.push([done, total]) })
    expect(seen.length).toBeGreaterThan(0)
  })

  test('one that is killed costs its file a sentence, and the next file is read', async () => {
    const reading = read('a.html', long)
    await vi.waitFor(() => expect(utilities()).toHaveLength(1))
    process.kill(utilities()[0]!.pid!, 'SIGKILL')
    await expect(reading).rejects.toThrow(refused('unreadable-file', 'a.html could not be read: the part of'))
    expect((await read('b.html', page)).text).toBe('One page.')
  })

  test('one that dies between two files is not used again', async () => {
    await read('a.html', page)
    process.kill(utilities()[0]!.pid!, 'SIGKILL')
    await none()
    expect((await read('b.html', page)).text).toBe('One page.')
  })

  test('memory is limited, and so is time', async () => {
    await expect(read('a.html', long, { limits: { heapMegabytes: 40 } })).rejects.toThrow(
      refused('too-long', 'a.html needs more than 40 MB of memory')
    )
    await expect(read('b.html', long, { limits: { milliseconds: 300 } })).rejects.toThrow(
      refused('too-long', 'was not turned into text within')
    )
    expect((await read('c.html', page)).text).toBe('One page.')
  })

  test('a program that cannot be started is told like one that breaks down', async () => {
    const { extract } = makeExtractApart(join(folder, 'none.js'))
    await expect(read('a.html', page, { extract })).rejects.toThrow(refused('unreadable-file', 'broke down'))
  })

  test('cancelled: the process ends at once', async () => {
    const cancel = new AbortController()
    const reading = read('a.html', long, { signal: cancel.signal })
    await vi.waitFor(() => expect(utilities()).toHaveLength(1))
    cancel.abort()
    await expect(reading).rejects.toThrow(refused('cancelled', 'a.html'))
    await none()
  })
})
