/**
 * Nearly right files of every format: each is read or refused with a sentence, soon, and what it took is given back. A few hundred, and
 * 10,000 in the long mode "mutations" (tools/test/long.mjs). A file that hangs ends the run by its time.
 */
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { HostFailure } from '../../../contract/failure'
import { long } from '../../../gpu/testing/long'
import { kindOf, textFormatOf } from '../file-kinds'
import { limitsFor, type Setting } from './document'
import { NestedTooDeeply } from './nesting'
import { readAs } from './read-as'
import { caseNames, sharedData } from './testing/field-cases'
import { mutated, numbersOf } from './testing/mutate'
import { sampleFiles } from './testing/sample-files'

const runs = long('mutations') ? 10_000 : 300
const mega = 1 << 20
/** Milliseconds on a busy computer; the files are below 100 KB. */
const most = { time: 15_000, memory: 1_500 * mega }

interface Source {
  readonly name: string
  readonly bytes: Uint8Array
}

function sources(): Source[] {
  const own = sampleFiles().map(({ name, content }) => ({ name, bytes: Buffer.from(content) }))
  const handed = caseNames().flatMap(each => {
    const folder = join(sharedData, 'field-cases', each)
    const input = readdirSync(folder).find(name => /^in(put)?\./.test(name))
    return input === undefined ? [] : [{ name: `${each}.${input}`, bytes: readFileSync(join(folder, input)) }]
  })
  return [...own, ...handed].filter(({ bytes }) => bytes.length < 100_000)
}

/** What went wrong, if anything did. */
async function wrongWith(bytes: Uint8Array, name: string): Promise<string | undefined> {
  const format = kindOf(bytes.subarray(0, 4096))
    ? kindOf(bytes.subarray(0, 4096))!.format
    : textFormatOf(name, bytes.subarray(0, 4096))
  if (format === undefined) return undefined
  const setting: Setting = {
    name,
    html: 'readable',
    limits: limitsFor(bytes.length),
    progress: () => undefined
  }
  const started = performance.now()
  try {
    const { text, outline, notes } = await readAs(format, bytes, setting)
    if (/\p{Surrogate}/u.test(text)) return 'a lone surrogate'
    if (outline.headings.some(({ start }) => start > text.length)) return 'a heading behind the end'
    if (notes.some(({ message }) => message === '')) return 'a note that says nothing'
  } catch (error) {
    if (!(error instanceof HostFailure || error instanceof NestedTooDeeply))
      return error instanceof Error ? (error.stack ?? error.message) : String(error)
  }
  const took = performance.now() - started
  return took > most.time ? `${Math.round(took)} ms` : undefined
}

describe('nearly right files', () => {
  const all = sources()
  const groups = 10
  test.each(Array.from({ length: groups }, (_, i) => i))(
    `part %i of ${groups}: ${runs} files`,
    async group => {
      const wrong: string[] = []
      let memory = 0
      for (let i = group; i < runs; i += groups) {
        const next = numbersOf(i)
        const { name, bytes } = all[i % all.length]!
        const said = await wrongWith(mutated(bytes, next), name)
        if (said !== undefined) wrong.push(`seed ${i}, ${name}: ${said}`)
        memory = Math.max(memory, process.memoryUsage().rss)
      }
      expect(wrong).toEqual([])
      expect(memory).toBeLessThan(most.memory)
    },
    long('mutations') ? 1_200_000 : 120_000
  )
})
