import { expect, test } from 'vitest'
import { Draws } from '../needle-text'
import { holdsSource } from './answers'
import { absentFact, factsText } from './facts'
import { kindsText } from './kinds'
import { type HeldContext, paragraphsText } from './held-questions'

const words = (line: string): number => line.split(/\s+/).filter(Boolean).length
const lines = Array.from({ length: 50 }, (_, i) => `Line ${i} of a novel that goes on and on.`)
const hay = (seed: number) => ({ lines, tokensOf: words, draws: new Draws(seed) })

test('a text with facts holds every answer at its place, and is reproducible', () => {
  const made = factsText(hay(1), 900, 5)
  expect(made).toEqual(factsText(hay(1), 900, 5))
  expect(made.document).not.toBe(factsText(hay(2), 900, 5).document)
  expect(made.questions).toHaveLength(5)
  for (const { text, expected, place } of made.questions) {
    expect(text).not.toMatch(/\$/)
    expect(made.document.slice(...place!)).toContain(expected[0])
  }
  expect(words(made.document)).toBeGreaterThan(500)
  expect(words(made.document)).toBeLessThan(900)
})

test('a text of kinds: chapters, mentions and the order of numbers are as the questions expect', () => {
  for (let seed = 0; seed < 20; seed++) {
    const { document, questions } = kindsText(hay(seed), 2000)
    const expected = (kind: string) => questions.filter(q => q.kind === kind).map(q => q.expected[0])
    for (const { text, expected: wanted } of questions.filter(q => q.kind === 'which chapter')) {
      const name = /mentions (.*)\?/.exec(text)![1]
      const before = document.slice(0, document.indexOf(name))
      expect(before.slice(before.lastIndexOf('Chapter')).split('\n')[0]).toBe(wanted[0])
    }
    const often = questions.find(q => q.kind === 'how often')!
    const name = /is (.*) mentioned/.exec(often.text)![1]
    expect(String(document.split(name).length - 1)).toBe(often.expected[0])
    const numbers = [...document.matchAll(/number is (\d+)\./g)].map(match => match[1])
    expect(numbers).toHaveLength(3)
    expect(expected('first')).toEqual([numbers[0]])
    expect(expected('last')).toEqual([numbers[2]])
    expect(expected('follow-up')).toEqual([numbers[1]])
    expect(words(document)).toBeLessThan(2000)
  }
})

test('an absent fact expects nothing', () => {
  expect(absentFact(new Draws(3)).expected).toEqual([])
})

const contexts: HeldContext[] = Array.from({ length: 12 }, (_, i) => ({
  text: `Paragraph ${i}: the answer is ${i}.`,
  answered: [{ question: `What is answer ${i}?`, answers: [String(i)] }],
  unanswered: i % 2 ? [`What is answer ${(i + 1) % 12}?`] : []
}))

test('the asked paragraph stands at its place among as many as wanted', () => {
  for (let seed = 0; seed < 20; seed++) {
    const wanted = { inView: 5, neighbours: seed % 2 === 0, answered: 4, unanswered: 0 }
    const { document, questions } = paragraphsText(contexts, new Draws(seed), wanted)
    expect(document.split('\n\n')).toHaveLength(5)
    const [{ text, expected, place }] = questions
    expect(document.slice(...place!)).toBe(`Paragraph ${expected[0]}: the answer is ${expected[0]}.`)
    expect(text).toBe(`What is answer ${expected[0]}?`)
  }
})

test('a question that another paragraph in view answers is not asked as unanswered', () => {
  for (let seed = 0; seed < 40; seed++) {
    const wanted = { inView: 5, neighbours: true, answered: 1, unanswered: 1 }
    const { document, questions } = paragraphsText(contexts, new Draws(seed), wanted)
    for (const { text, expected } of questions)
      if (expected.length === 0) expect(document).not.toContain(`Paragraph ${/\d+/.exec(text)![0]}:`)
  }
})

test('a source counts where it overlaps the place and holds the answer as words', () => {
  const asked = { text: '?', expected: ['41'], place: [100, 140] as const }
  const holds = (start: number, text: string) =>
    holdsSource({ asked, sources: [{ start, end: start + text.length, text }] })
  expect(holds(110, 'it was 41.')).toBe(true)
  expect(holds(110, 'it was 413.')).toBe(false)
  expect(holds(10, 'it was 41.')).toBe(false)
})
