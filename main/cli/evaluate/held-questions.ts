/**
 * Real questions about several real paragraphs, from the file that `training/prepare.mjs` keeps apart: none of these
 * paragraphs is in the training files.
 */
import { readFile } from 'node:fs/promises'
import { z } from 'zod'
import { HostFailure, sentenceOf } from '../../../contract/failure'
import type { Draws } from '../needle-text'
import type { Asked, Case } from './facts'

const row = z.object({
  source: z.string(),
  context: z.string(),
  question: z.string(),
  answers: z.array(z.string())
})

export interface HeldContext {
  readonly text: string
  readonly answered: readonly { readonly question: string; readonly answers: readonly string[] }[]
  /** About the same article, answered in another paragraph only. */
  readonly unanswered: readonly string[]
}

/** SQuAD's paragraphs in the order of the file: neighbours are of one article. Throws unreadable-file, bad-request. */
export async function readHeldQuestions(path: string): Promise<HeldContext[]> {
  const content = await readFile(path, 'utf8').catch(error => {
    throw new HostFailure(
      'unreadable-file',
      `Cannot read ${path}: ${sentenceOf(error)}. training/prepare.mjs writes it.`
    )
  })
  const contexts = new Map<
    string,
    { text: string; answered: HeldContext['answered'][number][]; unanswered: string[] }
  >()
  for (const [index, line] of content.split('\n').entries()) {
    if (line === '') continue
    const parsed = row.safeParse(parse(line))
    if (!parsed.success)
      throw new HostFailure('bad-request', `${path}, line ${index + 1}: ${parsed.error.issues[0].message}.`)
    const { source, context, question, answers } = parsed.data
    if (!source.includes('squad')) continue
    if (!contexts.has(context)) contexts.set(context, { text: context, answered: [], unanswered: [] })
    const entry = contexts.get(context)!
    if (answers.length > 0) entry.answered.push({ question, answers })
    else entry.unanswered.push(question)
  }
  return [...contexts.values()]
}

function parse(line: string): unknown {
  try {
    return JSON.parse(line)
  } catch {
    return undefined
  }
}

export interface Paragraphs {
  readonly inView: number
  /** Neighbours are of the same article, as in a real text; others are drawn from all. */
  readonly neighbours: boolean
  readonly answered: number
  readonly unanswered: number
}

/** `inView` paragraphs with one of them asked about, at a random place among the others. */
export function paragraphsText(contexts: readonly HeldContext[], draws: Draws, wanted: Paragraphs): Case {
  const { inView, neighbours } = wanted
  const first = draws.whole(0, contexts.length - inView)
  const chosen = neighbours ? contexts.slice(first, first + inView) : draws.sample(contexts, inView)
  // Where unanswered questions are wanted, the paragraph asked about has some.
  const fit = chosen.filter(context => wanted.unanswered === 0 || context.unanswered.length > 0)
  if (fit.length === 0) return paragraphsText(contexts, draws, wanted)
  const gold = fit[draws.whole(0, fit.length - 1)]
  let document = ''
  const starts = chosen.map(context => {
    if (document) document += '\n\n'
    document += context.text
    return document.length - context.text.length
  })
  const start = starts[chosen.indexOf(gold)]
  const questions: Asked[] = draws
    .sample(gold.answered, Math.min(wanted.answered, gold.answered.length))
    .map(({ question, answers }) => ({
      text: question,
      expected: answers,
      place: [start, start + gold.text.length] as const
    }))
  const known = new Set(chosen.flatMap(context => context.answered.map(each => each.question)))
  const unsaid = gold.unanswered.filter(question => !known.has(question))
  for (const text of draws.sample(unsaid, Math.min(wanted.unanswered, unsaid.length)))
    questions.push({ text, expected: [] })
  return { document, questions }
}
