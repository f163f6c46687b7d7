/** The document of a set and what is asked about it, drawn anew each time. */
import { type Haystack, singleNeedleText } from '../needle-text'
import { absentFact, type Case, factsText } from './facts'
import { type HeldContext, type Paragraphs, paragraphsText } from './held-questions'
import { kindsText } from './kinds'

export type AskedSet = 'facts' | 'needle-sources' | 'kinds' | 'questions' | 'refusals'

interface Material {
  readonly hay: Haystack
  readonly contexts: readonly HeldContext[]
  /** Tokens of a document made of the haystack. */
  readonly length: number
  readonly paragraphs: Pick<Paragraphs, 'inView' | 'neighbours'>
}

export function caseMaker(set: AskedSet, { hay, contexts, length, paragraphs }: Material): () => Case {
  const { draws } = hay
  switch (set) {
    case 'facts':
      return () => {
        const { document, questions } = factsText(hay, length, 5)
        return { document, questions: [...questions, absentFact(draws)] }
      }
    case 'needle-sources':
      return () => {
        const { document, plainQuestion, answer } = singleNeedleText(hay, length, draws.next())
        const start = document.indexOf(`${answer} . `)
        return {
          document,
          questions: [{ text: plainQuestion, expected: [answer], place: [start, start + answer.length] }]
        }
      }
    case 'kinds':
      return () => kindsText(hay, length)
    case 'questions':
      return () => paragraphsText(contexts, draws, { ...paragraphs, answered: 4, unanswered: 0 })
    case 'refusals':
      return () => paragraphsText(contexts, draws, { ...paragraphs, answered: 1, unanswered: 1 })
  }
}
