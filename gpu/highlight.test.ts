/** From attention to passages: whole sentences at the right offsets, and quotations that are looked up, not believed. */
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { strongestSpans, wholeSentences, withoutNumbering } from './highlight'
import { openEngine } from './index'
import { spanTokens } from './kernels/page-attention'
import { openDawn } from './node/dawn'
import { describeGpu } from './testing/gpu-testing'
import { memoryFiles } from './testing/memory-files'
import { Random } from './testing/random'

const mass = (...values: number[]) => Float32Array.from(values)
const spans = (values: Float32Array, rows = values.length * spanTokens, most = 3) =>
  strongestSpans(values, rows, most).map(({ first, end, score }) => [
    first / spanTokens,
    end / spanTokens,
    Math.round(score * 1000) / 1000
  ])

describe('strongestSpans', () => {
  it('nothing attended, or nothing that can be compared: no source', () => {
    expect(spans(mass())).toEqual([])
    expect(spans(mass(0, 0, 0))).toEqual([])
    expect(spans(mass(NaN, 1))).toEqual([])
  })

  it('best first, shares of the whole, at most as many as wanted', () => {
    expect(spans(mass(1, 0, 3, 0, 2, 0, 4))).toEqual([
      [6, 7, 0.4],
      [2, 3, 0.3],
      [4, 5, 0.2]
    ])
    expect(spans(mass(0, 0, 5), undefined, 1)).toEqual([[2, 3, 1]])
  })

  it('strong neighbours are one passage of at most three spans, weak ones are left out', () => {
    expect(spans(mass(0, 2, 4, 1, 0, 0, 1))).toEqual([
      [1, 4, 0.875],
      [6, 7, 0.125]
    ])
    expect(spans(mass(0, 0.9, 4, 0.9, 0))).toEqual([[2, 3, 0.69]])
    expect(spans(mass(5, 5, 5, 5, 5), undefined, 2)[0].slice(0, 2)).toEqual([0, 3])
  })

  it('the last span ends with the document', () => {
    expect(strongestSpans(mass(0, 1), spanTokens + 3, 3)).toEqual([
      { first: spanTokens, end: spanTokens + 3, score: 1 }
    ])
  })

  it('random masses: passages do not overlap and lie inside', () => {
    const random = new Random(9)
    for (let round = 0; round < 200; round++) {
      const values = Float32Array.from({ length: 1 + random.integer(40) }, () => random.uniform() ** 4)
      const rows = (values.length - 1) * spanTokens + 1 + random.integer(spanTokens)
      const found = strongestSpans(values, rows, 3)
      const sorted = [...found].sort((a, b) => a.first - b.first)
      expect(found.length).toBeGreaterThan(0)
      expect(found.reduce((sum, { score }) => sum + score, 0)).toBeLessThanOrEqual(1.0001)
      for (const [i, { first, end }] of sorted.entries()) {
        expect(first).toBeLessThan(end)
        expect(end).toBeLessThanOrEqual(rows)
        if (i > 0) expect(first).toBeGreaterThanOrEqual(sorted[i - 1].end)
      }
    }
  })
})

describe('wholeSentences', () => {
  const grown = (text: string, passage: string, reach?: number) => {
    const start = text.indexOf(passage)
    return text.slice(...wholeSentences(text, start, start + passage.length, reach))
  }

  it.each([
    ['One. Two is longer than one. Three.', 'is longer', 'Two is longer than one.'],
    ['One. Two is longer than one. Three.', 'One', 'One.'],
    ['One. Two is longer than one. Three.', 'Thr', 'Three.'],
    ['He said: “No!” Then he left. End.', 'he left', 'Then he left.'],
    ['Was it? Nobody knew it then! Yes.', 'knew', 'Nobody knew it then!'],
    ['A title\nThe first line goes on\nThe last', 'first', 'The first line goes on'],
    ['Él llegó. Después, el niño rió 🦊 mucho. Fin.', 'niño rió', 'Después, el niño rió 🦊 mucho.'],
    ['Already whole. And more.', 'Already whole.', 'Already whole.'],
    ['Two whole ones. And more. Third.', 'whole ones. And', 'Two whole ones. And more.'],
    ['no marks at all here', 'marks', 'no marks at all here'],
    ['x', 'x', 'x'],
    ['One.\n\n4. Rent is due. Late.', 'Rent', '4. Rent is due.'],
    ['One.\n\n4. Rent is due. Late.', '4.', '4. Rent is due.'],
    ['One.\n 2.1. Rent is due.', 'Rent', '2.1. Rent is due.'],
    ['a. First of all. b. No line.', 'First', 'a. First of all.'],
    ['It was 1984. Then', 'Then', 'Then']
  ])('%j at %j', (text, passage, expected) => expect(grown(text, passage)).toBe(expected))

  it.each([
    ['is accepted.\n\n10.', 'is accepted.'],
    ['is accepted.\n\n10', 'is accepted.'],
    ['is accepted. \n', 'is accepted.'],
    ['a title\nb) ', 'a title'],
    ['is accepted.\n\n10. Sub', 'is accepted.\n\n10. Sub'],
    ['in 1984.', 'in 1984.'],
    ['\n\n10.', '\n\n10.']
  ])('%j does not reach into the next line', (passage, expected) =>
    expect(passage.slice(0, withoutNumbering(passage, 0, passage.length))).toBe(expected)
  )

  it('far inside a text, back to the last mark in reach', () => {
    const text = `${'Long ago. '.repeat(50)}Two is longer than one${' and goes on'.repeat(50)}`
    expect(grown(text, 'longer')).toBe('Two is longer')
    expect(grown(text, 'longer', 2)).toBe('longer')
    expect(grown(text, 'onger', 4)).toBe('longer')
  })

  it('without a mark in reach it ends with whole words and does not grow for ever', () => {
    const words = 'word '.repeat(300)
    const [start, end] = wholeSentences(words, 702, 707)
    expect([702 - start, end - 707].every(grownBy => grownBy <= 160)).toBe(true)
    expect(words.slice(start, end)).toMatch(/^(word )*word ?$/)
    const solid = '東京'.repeat(400)
    const [from, to] = wholeSentences(solid, 300, 310)
    expect(from).toBeGreaterThanOrEqual(140)
    expect(to).toBeLessThanOrEqual(470)
  })

  it('never cuts a character in two, loses what it was given, or leaves the text', () => {
    const random = new Random(3)
    const pieces = ['a', ' ', '. ', '\n', '🦊', 'é', '!” ', '東', '? ', 'word ', '…']
    for (let round = 0; round < 500; round++) {
      const parts = Array.from({ length: 60 }, () => pieces[random.integer(pieces.length)])
      const text = parts.join('')
      const at = random.integer(60)
      const start = parts.slice(0, at).join('').length
      const end = parts.slice(0, at + 1 + random.integer(5)).join('').length
      const [from, to] = wholeSentences(text, start, end, 1 + random.integer(30))
      expect(from).toBeGreaterThanOrEqual(0)
      expect(to).toBeLessThanOrEqual(text.length)
      expect(from).toBeLessThanOrEqual(start)
      expect(to).toBeGreaterThanOrEqual(end)
      expect(text.slice(from, to)).not.toMatch(/\p{Surrogate}/u)
    }
  })
})

describeGpu('with the embedded model', () => {
  it('a sentence hidden in a page of prose is the first source of the answer about it', async () => {
    const assets = join(import.meta.dirname, '..', 'assets')
    const folder = join(assets, 'models', 'small')
    const model = memoryFiles(
      'embedded',
      new Map(readdirSync(folder).map(name => [name, readFileSync(join(folder, name))]))
    )
    const prose = readFileSync(join(assets, 'samples', 'the-adventures-of-sherlock-holmes.txt'), 'utf8')
      .slice(20_000, 22_400)
      .split('. ')
    const engine = await openEngine({ gpu: openDawn(), model })
    for (const depth of [0.25, 0.7]) {
      const at = Math.floor(prose.length * depth)
      const needle = 'The special magic Oslo number is 7316'
      const text = [...prose.slice(0, at), needle, ...prose.slice(at)].join('. ')
      const session = await engine.read({ text, digest: String(depth) })
      expect(session.tokens).toBeGreaterThan(500)
      for await (const part of session.ask({
        text: 'What is the special magic Oslo number?',
        mostTokens: 20
      })) {
        if (part.type !== 'end') continue
        expect(part.text).toContain('7316')
        expect(part.sources[0].text).toContain('7316')
        for (const { start, end, text: passage } of part.sources) expect(text.slice(start, end)).toBe(passage)
      }
      session.close()
    }
    engine.close()
  })
})
