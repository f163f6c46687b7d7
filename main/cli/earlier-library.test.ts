/**
 * Readings that the version before wrote, with a model as small as models get: they are opened and continued without reading
 * again, also where the resume point lies only in a `.place` or a `.bookmark` file. testing/earlier-library/README.md says
 * how they were made.
 */
import { cpSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { type Engine, openEngine, type Session } from '../../gpu/index'
import { openDawn } from '../../gpu/node/dawn'
import { describeGpu } from '../../gpu/testing/gpu-testing'
import { memoryFiles } from '../../gpu/testing/memory-files'
import { PageFile } from '../disk/page-file'

interface Expected {
  readonly text: string
  readonly tokens: number
  /** Tokens read in those that were stopped. */
  readonly stopped: number
  readonly answer: { readonly text: string; readonly tokens: number; readonly probabilities: number[] }
}

const fixtures = join(import.meta.dirname, 'testing', 'earlier-library')
const scratch = mkdtempSync(join(tmpdir(), 'readonce-earlier-'))
afterAll(() => rmSync(scratch, { recursive: true }))

/** The reading's files under a fresh name; the fixtures stay as they are. */
function copyOf(kind: string, name: string): PageFile {
  const folder = mkdtempSync(join(scratch, 'reading-'))
  cpSync(join(fixtures, kind, 'readings'), folder, { recursive: true })
  return new PageFile(join(folder, `${name}.pages`))
}

async function answerOf(session: Session) {
  for await (const part of session.ask({ text: 'What rose?', mostTokens: 16 }))
    if (part.type === 'end')
      return { text: part.text, tokens: part.tokens, probabilities: part.probabilities }
  throw new Error('an answer without an end')
}

/** The same on every adapter, but for its rounding. */
function expectAnswer(found: Awaited<ReturnType<typeof answerOf>>, { answer }: Expected): void {
  expect([found.text, found.tokens]).toEqual([answer.text, answer.tokens])
  expect(found.probabilities).toHaveLength(answer.probabilities.length)
  for (const [i, share] of answer.probabilities.entries())
    expect(found.probabilities[i]).toBeCloseTo(share, 4)
}

for (const kind of ['window', 'retention'])
  describeGpu(`readings of the version before, ${kind}`, () => {
    const expected: Expected = JSON.parse(readFileSync(join(fixtures, kind, 'expected.json'), 'utf8'))
    const folder = join(fixtures, kind, 'model')
    const bytes = readdirSync(folder).map(
      name => [name, Uint8Array.from(readFileSync(join(folder, name)))] as const
    )
    const document = (pages: PageFile) => ({ text: expected.text, digest: 'an earlier text', pages })
    let engine: Engine

    beforeAll(async () => {
      engine = await openEngine({ gpu: openDawn(), model: memoryFiles('tiny', new Map(bytes)) })
      return () => engine.close()
    })

    it('a complete one is opened, and nothing is read again', async () => {
      const file = copyOf(kind, 'complete')
      const found: unknown[] = []
      const session = await engine.read(document(file), {
        onFound: ({ state }, toRead, tokens) => void found.push(state, toRead, tokens)
      })
      expect(found).toEqual(['complete', 0, expected.tokens])
      expectAnswer(await answerOf(session), expected)
      session.close()
      await file.close()
    })

    it.each(['place', 'bookmark'])('a partial one goes on from its .%s file alone', async name => {
      const file = copyOf(kind, name)
      const found: unknown[] = []
      const session = await engine.read(document(file), {
        onFound: ({ state }, toRead, tokens) => void found.push(state, toRead, tokens)
      })
      expect(found).toEqual(['partial', expected.tokens - expected.stopped, expected.tokens])
      expect([session.reused, session.computed]).toEqual([
        expected.stopped,
        expected.tokens - expected.stopped
      ])
      expectAnswer(await answerOf(session), expected)
      session.close()
      await file.close()
      // Read to its end, it is a complete one like any other.
      const again = new PageFile(file.path)
      const reopened = await engine.read(document(again), {
        onFound: ({ state }) => expect(state).toBe('complete')
      })
      expect(reopened.reused).toBe(expected.tokens)
      reopened.close()
      await again.close()
    })
  })
