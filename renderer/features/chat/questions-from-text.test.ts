import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { oftenNamed, proseLanguage, statedQuestions } from './questions-from-text'

const all = ['name', 'number', 'date'] as const
const root = join(import.meta.dirname, '../../..')
const file = (path: string) => readFileSync(join(root, path), 'utf8').slice(0, 120_000)
const questions = (text: string) => statedQuestions(text, all, 9)

describe('what a plain sentence states is asked for', () => {
  it.each([
    ['The special magic Lisbon number is 4821.', 'What is the special magic Lisbon number?'],
    ['The monthly fee for hosting is 1,200 pounds.', 'What is the monthly fee for hosting?'],
    ['The height of the tower was 38 metres.', 'What was the height of the tower?'],
    ['The lighthouse was built in 1841.', 'When was the lighthouse built?'],
    ['The bridge of Oslo was opened on 3 May 1912.', 'When was the bridge of Oslo opened?'],
    ['Ada Lovelace was born in 1815.', 'When was Ada Lovelace born?'],
    ['The name of the captain was Henrik Dahl.', 'What was the name of the captain?'],
    ['The director of the museum is Clara Weiss.', 'Who is the director of the museum?'],
    ['The capital of France is Paris.', 'What is the capital of France?'],
    ['The ship was commanded by Henrik Dahl.', 'Who commanded the ship?'],
    ['Broken over\nlines, the end. The rent of the\nflat is 900 euros.', 'What is the rent of the flat?']
  ])('%s', (text, question) => expect(questions(text)).toEqual([question]))

  it.each([
    'It was built in 1841.',
    'This number is 7.',
    'The same number is 7.',
    'The house was forty feet high.',
    'The man was built like an ox in 1841 and nobody knew.',
    'She said that the lighthouse was built in 1841.',
    '“The lighthouse was built in 1841.”',
    'The number is not known.',
    'The lighthouse was built in a hurry.',
    'The price = 4821.',
    'Die Miete der Wohnung beträgt 900 Euro.',
    'x'.repeat(5000)
  ])('nothing: %s', text => expect(questions(text)).toEqual([]))

  it('two answers to one question are no answer; the same one twice is', () => {
    const [first, second] = ['The lighthouse was built in 1841.', 'The lighthouse was built in 1842.']
    expect(questions(`${first} ${second}`)).toEqual([])
    expect(questions(`${first} ${first}`)).toEqual(['When was the lighthouse built?'])
  })

  it('only kinds that the model answers, one of each before a second, always the same', () => {
    const text =
      'The fee of the club is 4. The rent of the flat is 5. The tower was built in 1841. The capital of France is Paris.'
    expect(statedQuestions(text, ['date'], 3)).toEqual(['When was the tower built?'])
    expect(statedQuestions(text, all, 3)).toEqual([
      'What is the fee of the club?',
      'When was the tower built?',
      'What is the capital of France?'
    ])
    expect(statedQuestions(text, [], 3)).toEqual([])
  })
})

const german =
  `Der alte Leuchtturm steht auf der Insel, und der Wärter geht jeden Abend hinauf, um das Licht zu zünden. Die Leute im
Dorf sagen, dass er nicht mehr lange dort sein wird, aber er hat noch nie eine Nacht versäumt. Im Winter ist es kalt, und das
Boot kann nicht anlegen. Dann wartet Hartmann auf das Frühjahr. `.repeat(6)

const code = Array.from(
  { length: 200 },
  (_, i) => `export const value${i} = (x: number): number => { return the[x + ${i}] as Name }`
).join('\n')
const log = Array.from(
  { length: 200 },
  (_, i) => `2026-11-28T01:${i % 60}:00Z INFO [server] The request was handled in ${i} ms by Worker ${i % 4}.`
).join('\n')
const table = Array.from({ length: 300 }, (_, i) => `House ${i},The Old Mill,${1800 + i},Henrik Dahl`).join(
  '\n'
)
const words = Array.from({ length: 300 }, () => 'Henrik Dahl | of the house | Oslo').join('\n')

describe('running text', () => {
  it('is known from tables, code, logs and what is too short', () => {
    expect(proseLanguage(file('assets/samples/the-keeper-of-skerry-light.txt'))).toBe('en')
    expect(proseLanguage(file('assets/samples/the-adventures-of-sherlock-holmes.txt'))).toBe('en')
    expect(proseLanguage(german)).toBe('de')
    for (const none of [code, log, table, words, '', 'The lighthouse was built in 1841.'])
      expect(proseLanguage(none), none.slice(0, 40)).toBeUndefined()
    expect(proseLanguage(file('package-lock.json'))).toBeUndefined()
    expect(proseLanguage(file('gpu/decode.ts'))).toBeUndefined()
  })

  it('says which names stand in it often', () => {
    const named = oftenNamed(file('assets/samples/the-adventures-of-sherlock-holmes.txt'), 3)
    expect(named).toHaveLength(3)
    expect(named.join(' ')).toMatch(/Holmes/)
    // In German every noun; as often named, in the order of the alphabet.
    expect(oftenNamed(german, 3)).toEqual(['Abend', 'Boot', 'Dorf'])
    expect(oftenNamed('It was Agnes. '.repeat(4), 3)).toEqual([])
  })
})
