/** Facts to be hidden in a long text: templates, things and names that training/facts.py does not have. */
import type { ChatTurn } from '../../../gpu/index'
import { type Draws, filler, type Haystack } from '../needle-text'

export interface Case {
  readonly document: string
  readonly questions: readonly Asked[]
}

export interface Asked {
  readonly text: string
  /** Results of a kind are told together; without one they are of no special kind. */
  readonly kind?: string
  /** Turns of the conversation before it. */
  readonly before?: readonly ChatTurn[]
  /** Empty: the document does not say. */
  readonly expected: readonly string[]
  /** Characters of the document that hold the answer. */
  readonly place?: readonly [number, number]
}

const syllables =
  'al bren chi dal em fos gar hesk in jor kel lum mor nes ol pell quor rem stal tun ul vand wex ym zor'.split(
    ' '
  )
const firstNames =
  'Beatrice Conrad Dorothy Ernest Frances Gerald Harriet Ignatius Josephine Kenneth Lydia Matthew'.split(' ')
const dishes = 'soup pancakes trout lentils dumplings porridge roast mutton'.split(' ')
const rooms = 'pantry scullery boathouse greenhouse vestry smithy'.split(' ')

type Draw = (draws: Draws) => string
const one =
  (of: readonly string[]): Draw =>
  draws =>
    of[draws.whole(0, of.length - 1)]
const name: Draw = draws => {
  const text = Array.from({ length: draws.whole(2, 3) }, () => one(syllables)(draws)).join('')
  return text[0].toUpperCase() + text.slice(1)
}
export const person: Draw = draws => `${one(firstNames)(draws)} ${name(draws)}`
const whole =
  (least: number, most: number): Draw =>
  draws =>
    String(draws.whole(least, most))

/** Sentence, question and answer; $1, $2 are the drawn values. */
const templates: readonly (readonly [readonly Draw[], string, string, string])[] = [
  [[name, person], 'The ship $1 was commanded by $2.', 'Who commanded the ship $1?', '$2'],
  [
    [name, whole(1000, 99999)],
    'The telephone number of $1 is $2.',
    'What is the telephone number of $1?',
    '$2'
  ],
  [[person, one(rooms)], '$1 keeps the spare fuse in the $2.', 'Where does $1 keep the spare fuse?', '$2'],
  [[name, whole(1400, 1990)], 'The bridge of $1 was built in $2.', 'When was the bridge of $1 built?', '$2'],
  [[person, one(dishes)], 'The favourite dish of $1 is $2.', 'What is the favourite dish of $1?', '$2'],
  [[name, name], 'The password for the $1 account is $2.', 'What is the password for the $1 account?', '$2'],
  [[person, whole(5, 900)], '$1 lost $2 guineas at cards.', 'How many guineas did $1 lose at cards?', '$2'],
  [[name, person], 'The $1 prize went to $2.', 'Who got the $1 prize?', '$2'],
  [[name, name], 'The old name of $1 Street is $2.', 'What is the old name of $1 Street?', '$2'],
  [[person, person], '$1 sold the farm to $2.', 'To whom did $1 sell the farm?', '$2']
]

/** A text of `length` tokens with one fact of every template at even depths, each asked about once. */
export function factsText(hay: Haystack, length: number, count: number): Case {
  const budget = length - 40 * count - 100
  const chosen = hay.draws.sample(templates, count)
  let document = ''
  const questions = chosen.map(([draws, sentence, question, answer]): Asked => {
    const values = draws.map(draw => draw(hay.draws))
    const filled = (text: string): string =>
      text.replace(/\$(\d)/g, (_, at: string) => values[Number(at) - 1])
    document += `${filler(hay, Math.floor(budget / (count + 1)))}\n`
    const start = document.length
    document += `${filled(sentence)}\n`
    return { text: filled(question), expected: [filled(answer)], place: [start, document.length] }
  })
  return { document: document + filler(hay, Math.floor(budget / (count + 1))), questions }
}

/** The same question about a name that the text does not hold. */
export function absentFact(draws: Draws): Asked {
  const [values, , question] = templates[draws.whole(0, templates.length - 1)]
  const subject = values[0](draws)
  return { text: question.replace('$1', subject), expected: [] }
}
