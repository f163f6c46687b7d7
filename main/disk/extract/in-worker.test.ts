/** Threads that read files: how many are started, and which is used again. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setImmediate } from 'node:timers/promises'
import { afterAll, expect, test } from 'vitest'
import { extractFile, type ExtractOptions } from '../extract-text'
import { prepareWorker } from './in-worker'
import { sampleFiles } from './testing/sample-files'

const folder = mkdtempSync(join(tmpdir(), 'readonce-threads-'))
let started = 0
const count = (): void => void started++
process.on('worker', count)
afterAll(() => {
  process.off('worker', count)
  rmSync(folder, { recursive: true })
})

/** Threads that were started until now; Node tells of one a moment later. */
const threads = () => setImmediate(undefined).then(() => started)

const read = (name: string, content: string | Uint8Array, options?: ExtractOptions) => {
  writeFileSync(join(folder, name), content)
  return extractFile(join(folder, name), options)
}
const page = (word: string) => `<p>One page about ${word}.</p>`

test('a thread that was made ready reads the file that comes, and the files after it, each as the first', async () => {
  prepareWorker()
  prepareWorker()
  expect(await threads()).toBe(1)
  const files = sampleFiles().filter(({ name }) => /\.(pdf|docx|epub|odt|rtf|html)$/.test(name))
  const first = new Map<string, unknown>()
  for (const round of [1, 2])
    for (const { name, content } of files) {
      const document = await read(name, content)
      if (round === 1) first.set(name, document)
      else expect(document).toEqual(first.get(name))
    }
  expect(await threads()).toBe(1)
  await Promise.all([read('a.html', page('ferries')), read('b.html', page('quays'))])
  expect(await threads()).toBe(2)
})

test('one whose file was refused, stopped or long is not used again', async () => {
  const before = await threads()
  await Promise.all([read('a.html', page('ferries')), read('b.html', page('quays'))])
  expect(await threads()).toBe(before)
  await expect(read('c.html', '<p> </p>')).rejects.toThrow('holds no text')
  const stopping = new AbortController()
  const stopped = read('d.html', '<p>word <b>word</b></p>'.repeat(200_000), { signal: stopping.signal })
  setTimeout(() => stopping.abort(), 50)
  await expect(stopped).rejects.toThrow('was stopped')
  await read('e.html', page('lamps'))
  expect(await threads()).toBe(before + 1)
  // It holds the memory of a large page until V8 takes it back.
  await read('f.html', '<p>word <b>word</b></p>'.repeat(200_000), { html: 'whole' })
  await read('g.html', page('rivers'))
  expect(await threads()).toBe(before + 2)
})

test('a limit of memory of its own has a thread of its own', async () => {
  const before = await threads()
  await read('a.html', page('ferries'), { limits: { heapMegabytes: 100 } })
  await read('b.html', page('quays'), { limits: { heapMegabytes: 100 } })
  expect(await threads()).toBe(before + 2)
})
