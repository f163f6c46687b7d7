/** How well certainty tells right answers from wrong ones: candidates for it, bins, and the border that follows. */
import { certaintyOf } from '../../../gpu/index'
import type { Answered } from './answers'
import { f1, refused } from './score'

/** An answer that says something; what the model refuses to say is no matter of certainty. */
export interface Judged {
  readonly probabilities: readonly number[]
  readonly certainty: number
  readonly right: boolean
}

/** Right: more than half of the words in common with an expected answer (F1), as numbers and names of one word have all. */
export const judged = (done: readonly Answered[]): Judged[] =>
  done
    .filter(({ answer }) => !refused(answer))
    .map(({ asked, answer, probabilities, certainty }) => ({
      probabilities,
      certainty,
      right: asked.expected.length > 0 && f1(answer, asked.expected) > 0.5
    }))

const logs = (p: readonly number[]): number => p.reduce((sum, each) => sum + Math.log(each), 0)

const candidates: Readonly<Record<string, (probabilities: readonly number[]) => number>> = {
  'in use: root of the length': certaintyOf,
  'geometric mean': p => Math.exp(logs(p) / p.length),
  'whole answer': p => Math.exp(logs(p)),
  'least token': p => Math.min(...p),
  'first token': p => p[0] ?? 0,
  'arithmetic mean': p => p.reduce((sum, each) => sum + each, 0) / p.length
}

/** Share of pairs of a right and a wrong answer in which the right one is the surer, ties by half; NaN without a pair. */
export function auc(points: readonly (readonly [certainty: number, right: boolean])[]): number {
  const of = (right: boolean): number[] => points.filter(each => each[1] === right).map(([value]) => value)
  const wrong = of(false)
  let won = 0
  for (const value of of(true))
    for (const other of wrong) won += value > other ? 1 : value === other ? 0.5 : 0
  return won / (wrong.length * (points.length - wrong.length))
}

/** Lower ends of the bins. */
const binStarts = [0, 0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9]

export function binsOf(all: readonly Judged[]): { right: number; of: number }[] {
  return binStarts.map((start, i) => {
    const within = all.filter(
      ({ certainty }) => certainty >= start && certainty < (binStarts[i + 1] ?? Infinity)
    )
    return { right: within.filter(({ right }) => right).length, of: within.length }
  })
}

/**
 * The least certainty from which answers are right at least as often as wrong, where the share of right answers is made
 * to rise with certainty (isotonic regression, pool adjacent violators). Undefined: it never reaches a half.
 */
export function borderOf(all: readonly Judged[]): number | undefined {
  const blocks: { from: number; right: number; of: number }[] = []
  for (const { certainty, right } of [...all].sort((a, b) => a.certainty - b.certainty)) {
    const block = { from: certainty, right: Number(right), of: 1 }
    while (blocks.length > 0 && blocks.at(-1)!.right * block.of >= block.right * blocks.at(-1)!.of) {
      const before = blocks.pop()!
      block.from = before.from
      block.right += before.right
      block.of += before.of
    }
    blocks.push(block)
  }
  return blocks.find(({ right, of }) => right * 2 >= of)?.from
}

const share = ({ right, of }: { right: number; of: number }): string => (of === 0 ? '–' : `${right}/${of}`)

interface CertaintyReport {
  /** Lines for people: bins by set as a table in Markdown, AUC of the candidates by set, the border and what it parts. */
  readonly lines: readonly string[]
  readonly border: number | undefined
  readonly auc: Readonly<Record<string, Readonly<Record<string, number>>>>
  readonly bins: Readonly<Record<string, readonly { right: number; of: number }[]>>
}

/** By the name of the set; `all` of them count alike for the border, question by question. */
export function certaintyReport(bySet: ReadonlyMap<string, readonly Judged[]>): CertaintyReport {
  const all = [...bySet.values()].flat()
  const sets = [...bySet, ['all', all] as const]
  // Rounded as readonce.json shall hold it.
  const found = borderOf(all)
  const border = found === undefined ? undefined : Math.round(found * 100) / 100
  const bins = Object.fromEntries(sets.map(([name, each]) => [name, binsOf(each)]))
  const aucs = Object.fromEntries(
    sets.map(([name, each]) => [
      name,
      Object.fromEntries(
        Object.entries(candidates).map(([candidate, of]) => [
          candidate,
          auc(each.map(({ probabilities, right }) => [of(probabilities), right]))
        ])
      )
    ])
  )
  const row = (cells: readonly string[]): string => `| ${cells.join(' | ')} |`
  const total = (each: readonly Judged[]): string =>
    share({ right: each.filter(({ right }) => right).length, of: each.length })
  const lines = [
    row(['right of answered, by certainty', ...binStarts.map(start => `from ${start}`), 'all']),
    row([...binStarts.map(() => '---'), '---', '---']),
    ...sets.map(([name, each]) => row([name, ...bins[name].map(share), total(each)])),
    '',
    row(['AUC', ...Object.keys(candidates)]),
    row([...Object.keys(candidates).map(() => '---'), '---']),
    ...sets.map(([name]) =>
      row([name, ...Object.values(aucs[name]).map(each => (Number.isNaN(each) ? '–' : each.toFixed(3)))])
    ),
    ''
  ]
  if (border === undefined) lines.push('No border: at no certainty are answers right as often as wrong.')
  else
    lines.push(
      `border ${border}: right below it ${total(all.filter(({ certainty }) => certainty < border))}, ` +
        `from it on ${total(all.filter(({ certainty }) => certainty >= border))}`
    )
  return { lines, border, auc: aucs, bins }
}
