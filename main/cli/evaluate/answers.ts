/** Asks the engine about a text, as the app does: read once, greedy, sources from the attention. */
import type { Engine, Part, Span, Stop } from '../../../gpu/index'
import type { Asked, Case } from './facts'
import { normalized } from './score'

export interface Answered {
  readonly asked: Asked
  /** Without the space that every answer begins with. */
  readonly answer: string
  readonly stop: Stop
  /** Of its tokens and of the stop token. */
  readonly probabilities: readonly number[]
  readonly certainty: number
  readonly sources: readonly Pick<Span, 'start' | 'end' | 'text'>[]
}

/**
 * Every question in a conversation of its own. With `freshEvery` stretches of so many tokens are read each for itself,
 * and so are the questions.
 */
export async function answers(
  engine: Engine,
  { document, questions }: Case,
  freshEvery?: number
): Promise<Answered[]> {
  const session = await engine.read({ text: document, digest: '' }, { freshEvery })
  try {
    const done: Answered[] = []
    for (const asked of questions) {
      for await (const part of session.ask({
        text: asked.text,
        history: asked.before,
        mostTokens: 32
      }))
        if (part.type === 'end') done.push(answeredBy(asked, part))
    }
    return done
  } finally {
    session.close()
  }
}

const answeredBy = (
  asked: Asked,
  { text, stop, probabilities, certainty, sources }: Extract<Part, { type: 'end' }>
): Answered => ({ asked, answer: text, stop, probabilities, certainty, sources })

/** One of the three strongest passages lies where the answer stands and holds it. */
export function holdsSource({ asked, sources }: Pick<Answered, 'asked' | 'sources'>): boolean {
  const { place } = asked
  return (
    place !== undefined &&
    sources
      .slice(0, 3)
      .some(
        ({ start, end, text }) =>
          start < place[1] &&
          end > place[0] &&
          asked.expected.some(answer => ` ${normalized(text)} `.includes(` ${normalized(answer)} `))
      )
  )
}
