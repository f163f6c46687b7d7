import { Text } from '@codemirror/state'
import { describe, expect, test } from 'vitest'
import { SoftBreaks } from './soft-breaks'
import { LineSplitter, longestLine } from './split-lines'

function split(slices: readonly string[]): { view: Text; breaks: SoftBreaks } {
  const splitter = new LineSplitter()
  let view = Text.empty
  for (const slice of slices) view = view.append(splitter.push(slice))
  return { view: view.append(splitter.end()), breaks: new SoftBreaks(splitter.breaks) }
}

const cut = (text: string, length: number): string[] =>
  Array.from({ length: Math.ceil(text.length / length) }, (_, at) =>
    text.slice(at * length, (at + 1) * length)
  )

/** The span as the view has it, with the breaks of the view as "\n". */
const seen = ({ view, breaks }: ReturnType<typeof split>, start: number, end: number): string =>
  view.sliceString(breaks.toView(start), breaks.endToView(end))

describe('offsets of the text', () => {
  const texts = {
    'line feeds': 'one\ntwo\n\nthree\n',
    'carriage return and line feed': 'one\r\ntwo\r\n\r\nthree needle\r\n',
    'lone carriage returns': 'one\rtwo\r\rthree needle\r',
    mixed: 'one\r\ntwo\rthree\n\rfour\r\r\nfive needle \r',
    'byte order mark': '\ufeffone\r\ntwo',
    empty: '',
    'nothing but a return': '\r'
  }
  for (const [name, text] of Object.entries(texts))
    for (const length of [1, 2, 3, 1000])
      test(`${name}, in slices of ${length}`, () => {
        const all = split(cut(text, length))
        expect(all.view.length).toBe(text.length)
        const broken = text.replace(/\r(?!\n)/g, '\n')
        // A return at the very end has no neighbour: it may stay what it is.
        expect(all.view.toString().replace(/\r$/, '\n')).toBe(broken)
      })

  test('a span after thousands of "\\r\\n" is the right words', () => {
    const text = `${'some line\r\n'.repeat(5000)}here is the needle, found`
    const start = text.indexOf('the needle')
    const all = split(cut(text, 777))
    expect(all.view.sliceString(start, start + 10)).toBe('the needle')
    expect(all.view.lines).toBe(5001)
  })
})

describe('very long lines', () => {
  const words = Array.from({ length: 60_000 }, (_, at) => `word${at}`).join(' ')
  for (const length of [1000, longestLine, 100_000, words.length])
    test(`are broken between words, slices of ${length}`, () => {
      const all = split(cut(`first\r\n${words}\nlast`, length))
      const text = `first\r\n${words}\nlast`
      for (const line of all.view.iterLines()) expect(line.length).toBeLessThanOrEqual(longestLine)
      expect(all.breaks.at.length).toBeGreaterThan(40)
      expect(all.view.length).toBe(text.length + all.breaks.at.length)
      for (const at of [0, 7, 12_345, 240_000, text.length - 4]) {
        expect(seen(all, at, at + 4).replace('\n', '')).toBe(text.slice(at, at + 4).replace('\n', ''))
        expect(all.breaks.toText(all.breaks.toView(at))).toBe(at)
      }
      for (const at of all.breaks.at) {
        expect(text[at - 1]).toBe(' ')
        // At the break itself: the beginning of a span is after it, the end before it.
        expect(seen(all, at, at + 3)).toBe(text.slice(at, at + 3))
        expect(seen(all, at - 3, at)).toBe(text.slice(at - 3, at))
      }
    })

  test('without a space no character is torn', () => {
    const text = `x${'🐋'.repeat(30_000)}`
    const { view, breaks } = split(cut(text, 4096))
    expect(breaks.at.length).toBeGreaterThanOrEqual(6)
    expect(view.toString().replaceAll('\n', '')).toBe(text)
    for (const at of breaks.at) expect(text.charCodeAt(at) & 0xfc00).toBe(0xd800)
  })

  test('what comes after them keeps its offsets', () => {
    const text = `${'y'.repeat(95_000)}\nneedle`
    const all = split([text])
    expect(seen(all, text.indexOf('needle'), text.length)).toBe('needle')
    expect(all.breaks.before(all.view.length)).toBe(all.breaks.at.length)
  })
})
