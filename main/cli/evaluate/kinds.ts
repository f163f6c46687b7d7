/** The other kinds of questions that the embedded model is taught: which chapter, how often, which first, and follow-ups. */
import { cities, filler, type Haystack } from '../needle-text'
import { type Case, person } from './facts'

const chapters = 6
const mentions = [
  (who: string) => `${who} closed the door.`,
  (who: string) => `Only ${who} laughed.`,
  (who: string) => `At last ${who} wrote again.`,
  (who: string) => `Everyone looked at ${who}.`
]

/** What is planted into the chapters; chapters count from 0. */
interface Planted {
  /** Two persons who are met once, each in a chapter of its own. */
  readonly once: readonly { readonly who: string; readonly chapter: number; readonly sentence: string }[]
  /** Three magic numbers, in the order of their chapters. */
  readonly numbers: readonly { readonly city: string; readonly value: string; readonly chapter: number }[]
  /** A person who is met once in each of these. */
  readonly often: { readonly who: string; readonly chapters: readonly number[] }
}

/** A text of `length` tokens in six chapters, with three magic numbers, two persons met once and one met several times. */
export function kindsText(hay: Haystack, length: number): Case {
  const { draws } = hay
  const planted = plantedBy(draws)
  const budget = Math.floor((length - 400) / chapters / 2)
  let document = ''
  for (let i = 0; i < chapters; i++) {
    const sentences = sentencesIn(i, planted)
    document += `Chapter ${i + 1}\n\n${filler(hay, budget)}\n\n`
    document += `${draws.sample(sentences, sentences.length).join(' ')} ${filler(hay, budget)}\n\n`
  }
  return { document, questions: questionsOn(planted) }
}

/** The order of the draws decides what a text holds. */
function plantedBy(draws: Haystack['draws']): Planted {
  const [one, other, often] = [person(draws), person(draws), person(draws)]
  const times = draws.whole(1, mentions.length)
  const some = (count: number): number[] =>
    draws.sample(
      Array.from({ length: chapters }, (_, i) => i),
      count
    )
  const [first, second] = some(2)
  const numbers = draws.sample(cities, 3).map(city => ({ city, value: String(draws.whole(1, 50000)) }))
  const order = some(3).sort((a, b) => a - b)
  return {
    once: [
      { who: one, chapter: first, sentence: `The boathouse is looked after by ${one}.` },
      { who: other, chapter: second, sentence: `The ship sailed under ${other}.` }
    ],
    numbers: numbers.map((number, n) => ({ ...number, chapter: order[n] })),
    often: { who: often, chapters: some(times) }
  }
}

function sentencesIn(chapter: number, { once, numbers, often }: Planted): string[] {
  return [
    ...once.filter(each => each.chapter === chapter).map(({ sentence }) => sentence),
    ...numbers
      .filter(each => each.chapter === chapter)
      .map(({ city, value }) => `The special magic ${city} number is ${value}.`),
    ...often.chapters.flatMap((at, n) => (at === chapter ? [mentions[n](often.who)] : []))
  ]
}

function questionsOn({ once, numbers, often }: Planted): Case['questions'] {
  const [first, second, last] = numbers
  return [
    ...once.map(({ who, chapter }) => ({
      kind: 'which chapter' as const,
      text: `Which chapter mentions ${who}?`,
      expected: [`Chapter ${chapter + 1}`]
    })),
    {
      kind: 'how often',
      text: `How many times is ${often.who} mentioned?`,
      expected: [String(often.chapters.length)]
    },
    { kind: 'first', text: 'Which magic number comes first in the document?', expected: [first.value] },
    { kind: 'last', text: 'Which magic number comes last in the document?', expected: [last.value] },
    {
      kind: 'two at once',
      text: `What are the special magic numbers for ${first.city} and ${last.city}?`,
      expected: [`${first.value} and ${last.value}`]
    },
    {
      kind: 'follow-up',
      before: [
        { role: 'user', content: `What is the special magic ${first.city} number?` },
        { role: 'assistant', content: first.value }
      ],
      text: `And ${second.city}?`,
      expected: [second.value]
    },
    {
      kind: 'plain talk',
      text: 'What can you do?',
      expected: ['I answer questions about the document that was read.']
    }
  ]
}
