import { expect, it } from 'vitest'
import { openSession, type Part, type ReadDocument } from './session'
import type { DecodeOptions } from './answering'
import { openModelFolder } from './model-folder'
import { gemmaFolder } from './testing/gemma-folder'
import { memoryFiles } from './testing/memory-files'
import { openModelText, suppressedIds } from './text/model-text'

/** A model that says these words whatever is asked, a character a token, and ends where it is told to. */
async function answerOf(words: string, question: string): Promise<Extract<Part, { type: 'end' }>> {
  const ids = [...words].map(each => each.codePointAt(0)!)
  const tokenizer = { stopIds: new Set<number>() }
  const decoder = () => ({ push: (id: number) => String.fromCodePoint(id), flush: () => '' })
  const model = {
    text: () => ({ tokenizer, decoder, chat: { documentSuffixAndTurns: () => new Uint32Array(1) } }),
    suppressed: () => [],
    folder: { generation: {} }
  } as unknown as Parameters<typeof openSession>[0]
  const timeline = {
    ids: new Uint32Array(4),
    prefix: 0,
    async *answer(_choose: unknown, _ids: unknown, { isLoop }: DecodeOptions) {
      const looped = ids.findIndex(id => isLoop?.(id) === true) + 1
      yield Uint32Array.from(looped ? ids.slice(0, looped) : ids)
      const stop = looped ? 'loop' : 'end'
      return { stop, rows: 0, probabilities: new Float32Array([1]), mass: new Float32Array(0) }
    }
  } as unknown as ReadDocument['timeline']
  const document = { text: 'A text.', offsets: async () => ({}) as never, timeline }
  const session = openSession(model, document, () => undefined)
  for await (const part of session.ask({ text: question })) if (part.type === 'end') return part
  throw new Error('no end')
}

it('an answer that comes at once, as a refusal does, has no speed', async () => {
  expect(await answerOf('The document does not say.', 'How large?')).toMatchObject({
    tokens: 26,
    tokensPerSecond: 0
  })
})

it('an answer that becomes a row of signs is ended and loses the row', async () => {
  const { stop, text, tokens } = await answerOf(`the large${'-'.repeat(500)}`, 'How large?')
  expect({ stop, text, tokens }).toEqual({ stop: 'loop', text: 'the large', tokens: 25 })
})

it.each([
  ['the large-------', 'the large'],
  ['----------', ''],
  ['How large is it?', 'How large is it?']
])('%j, over by itself, is a loop too', async (words, text) => {
  expect(await answerOf(words, 'How large is it?')).toMatchObject({ stop: 'loop', text })
})

it('any other answer is what it was', async () => {
  const words = 'It is large:\n\n| a | b |\n|---|---|\n| 1 | 2 |'
  expect(await answerOf(words, 'How large is it?')).toMatchObject({ stop: 'end', text: words })
})

it.each(['plain', 'mobile'] as const)(
  'of a published folder of gemma (%s) thoughts are neither shown nor asked about later, and media is never said',
  async kind => {
    const folder = await openModelFolder(memoryFiles('gemma', gemmaFolder(kind)))
    const text = (await openModelText(folder))!
    const id = (mark: string) => text.tokenizer.specialId(mark)!
    const words = (said: string) => text.tokenizer.encodeText(said, { atStart: false }).ids
    const thought = [id('<|channel>'), ...words('thought\nthe secret'), id('<channel|>')]
    const asked: number[][] = []
    const model = { text: () => text, suppressed: () => [], folder } as unknown as Parameters<
      typeof openSession
    >[0]
    const timeline = {
      ids: new Uint32Array(4),
      prefix: 0,
      async *answer(_choose: unknown, ids: Uint32Array, { stopIds }: DecodeOptions) {
        asked.push([...ids])
        for (const end of ['<eos>', '<turn|>', '<|tool_response>'])
          expect(stopIds.has(id(end)), end).toBe(true)
        yield Uint32Array.from(thought)
        yield words('Marie')
        return { stop: 'end', rows: 0, probabilities: new Float32Array([1]), mass: new Float32Array(0) }
      }
    } as unknown as ReadDocument['timeline']
    const document = { text: 'A text.', offsets: async () => ({}) as never, timeline }
    const session = openSession(model, document, () => undefined)
    const history = [{ role: 'user' as const, content: 'Who?' }]
    let shown = ''
    for await (const part of session.ask({ text: 'Who?' })) {
      if (part.type === 'text') shown += part.text
      if (part.type === 'end') expect(part.text).toBe('Marie')
    }
    expect(shown).toBe('Marie')
    const conversation = [...history, { role: 'assistant' as const, content: shown }]
    for await (const part of session.ask({ text: 'When?', history: conversation })) void part
    expect(asked[1]).not.toContain(id('<|channel>'))
    expect(asked[1]!.length).toBeGreaterThan(asked[0]!.length)
    const never = new Set(suppressedIds(text, folder.config.vocabSize))
    for (const mark of ['<|image|>', '<|audio|>', '<|image>', '<image|>'])
      expect(never.has(id(mark)), mark).toBe(true)
    expect(folder.generation.suppressed).toEqual(expect.arrayContaining([id('<|image|>'), id('<|audio|>')]))
    expect(folder.generation.sampling).toEqual({ temperature: 1, topK: 64, topP: 0.95 })
  }
)
