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

/** A text of `length` tokens in six chapters, with three magic numbers, two persons met once and one met several times. */
export function kindsText(hay: Haystack, length: number): Case {
  const { draws } = hay
  const [one, other, often] = [person(draws), person(draws), person(draws)]
  const times = draws.whole(1, mentions.length)
  const some = (count: number): number[] =>
    draws.sample(
      Array.from({ length: chapters }, (_, i) => i),
      count
    )
  const places = some(2)
  const numbers = draws.sample(cities, 3).map(city => ({ city, value: String(draws.whole(1, 50000)) }))
  const order = some(3).sort((a, b) => a - b)
  const oftenIn = some(times)
  const budget = Math.floor((length - 400) / chapters / 2)
  let document = ''
  for (let i = 0; i < chapters; i++) {
    const planted = [
      ...(places[0] === i ? [`The boathouse is looked after by ${one}.`] : []),
      ...(places[1] === i ? [`The ship sailed under ${other}.`] : []),
      ...order.flatMap((at, n) =>
        at === i ? [`The special magic ${numbers[n].city} number is ${numbers[n].value}.`] : []
      ),
      ...oftenIn.flatMap((at, n) => (at === i ? [mentions[n](often)] : []))
    ]
    document += `Chapter ${i + 1}\n\n${filler(hay, budget)}\n\n`
    document += `${draws.sample(planted, planted.length).join(' ')} ${filler(hay, budget)}\n\n`
  }
  const magic = (n: number): string => `What is the special magic ${numbers[n].city} number?`
  return {
    document,
    questions: [
      {
        kind: 'which chapter',
        text: `Which chapter mentions ${one}?`,
        expected: [`Chapter ${places[0] + 1}`]
      },
      {
        kind: 'which chapter',
        text: `Which chapter mentions ${other}?`,
        expected: [`Chapter ${places[1] + 1}`]
      },
      { kind: 'how often', text: `How many times is ${often} mentioned?`, expected: [String(times)] },
      {
        kind: 'first',
        text: 'Which magic number comes first in the document?',
        expected: [numbers[0].value]
      },
      { kind: 'last', text: 'Which magic number comes last in the document?', expected: [numbers[2].value] },
      {
        kind: 'two at once',
        text: `What are the special magic numbers for ${numbers[0].city} and ${numbers[2].city}?`,
        expected: [`${numbers[0].value} and ${numbers[2].value}`]
      },
      {
        kind: 'follow-up',
        before: [
          { role: 'user', content: magic(0) },
          { role: 'assistant', content: numbers[0].value }
        ],
        text: `And ${numbers[1].city}?`,
        expected: [numbers[1].value]
      },
      {
        kind: 'plain talk',
        text: 'What can you do?',
        expected: ['I answer questions about the document that was read.']
      }
    ]
  }
}
