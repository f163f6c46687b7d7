/** What the model can do, measured over the engine: assets/model/README.md holds the results. */
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { type AskedSet, caseMaker } from '../evaluate/cases'
import { certaintyReport, type Judged, judged } from '../evaluate/certainty'
import { type HeldContext, type Paragraphs, readHeldQuestions } from '../evaluate/held-questions'
import { perplexity, readHeldText } from '../evaluate/perplexity'
import { exact, f1, mean, refused } from '../evaluate/score'
import { type Answered, answers, holdsSource } from '../evaluate/answers'
import { Draws, tokenCounter } from '../needle-text'
import { engineOf, samples } from '../open'
import { count, type Command, oneOf, text, UsageError } from '../options'
import { Output } from '../output'

const sets = ['facts', 'needle-sources', 'kinds', 'questions', 'refusals', 'certainty', 'perplexity'] as const
/** `certainty` asks all of these. */
const certaintySets = [
  { name: 'planted facts', set: 'facts' },
  { name: 'needle', set: 'needle-sources' },
  { name: 'SQuAD-style, 1 paragraph', set: 'questions', inView: 1 },
  { name: 'SQuAD-style, 5 paragraphs', set: 'questions', inView: 5 },
  { name: 'half of them unanswerable', set: 'refusals', inView: 5 }
] as const

export const evaluate: Command = {
  usage: 'evaluate --set SET',
  about: 'scores of the model on texts that it was not trained on',
  arity: [0, 0],
  options: {
    set: { type: 'string', about: `${sets.join(', ')}` },
    data: {
      type: 'string',
      about: 'folder written by training/prepare.mjs (questions, refusals, certainty, perplexity)'
    },
    length: {
      type: 'string',
      about: 'tokens of a document (facts, needle-sources, kinds: default 4096; perplexity: 2048)'
    },
    paragraphs: { type: 'string', about: 'paragraphs in view (questions, refusals: default 5)' },
    others: { type: 'string', about: 'paragraphs beside the one asked about: neighbours (default) or any' },
    repeats: { type: 'string', about: 'documents (default 40)' },
    apart: {
      type: 'string',
      about: 'read documents in parts of so many tokens, each for itself (default: in one go)'
    },
    documents: {
      type: 'boolean',
      about: 'with --json: every answer with its document, for training/agree.mjs'
    }
  },
  async run(call) {
    const output = new Output(call.json)
    const set = oneOf(call, 'set', [...sets, ''], '')
    if (set === '') throw new UsageError(`readonce evaluate needs --set: ${sets.join(', ')}.`)
    const repeats = count(call, 'repeats') ?? 40
    const apart = count(call, 'apart', 16)
    const data = text(call, 'data')
    const inData = (name: string): string => {
      if (data === undefined)
        throw new UsageError(`--set ${set} needs --data: the folder of training/prepare.mjs.`)
      return join(data, name)
    }
    const withDocuments = call.options['documents'] === true
    const paragraphs: Pick<Paragraphs, 'inView' | 'neighbours'> = {
      inView: count(call, 'paragraphs') ?? 5,
      neighbours: oneOf(call, 'others', ['neighbours', 'any'], 'neighbours') === 'neighbours'
    }
    const contexts: HeldContext[] =
      set === 'questions' || set === 'refusals' || set === 'certainty'
        ? await readHeldQuestions(inData('held-qa.jsonl'))
        : []
    const length =
      set === 'perplexity' ? (count(call, 'length') ?? 2048) : (count(call, 'length', 300) ?? 4096)
    const novel =
      set === 'facts' || set === 'needle-sources' || set === 'kinds' || set === 'certainty'
        ? await readFile(join(samples, 'the-adventures-of-sherlock-holmes.txt'), 'utf8')
        : ''
    const opened = await engineOf(call, output, undefined)
    const report = (name: string, results: readonly number[]): void => {
      const { mean: score, within } = mean(results)
      output.record({ type: 'score', set, name, score, within, of: results.length })
      output.say(`${name}: ${(score * 100).toFixed(1)} ± ${(within * 100).toFixed(1)} (${results.length})\n`)
    }
    try {
      const { engine } = opened
      if (set === 'perplexity') {
        const windows = await readHeldText(inData('held-text.bin'), length)
        const found = await perplexity(engine, windows.slice(0, repeats))
        output.record({ type: 'perplexity', length, of: found.windows, perplexity: found.perplexity })
        output.say(
          `perplexity ${found.perplexity.toFixed(2)} (${found.windows} windows of ${length} tokens)\n`
        )
        return
      }
      const tokensOf = tokenCounter(engine)
      const lines = novel.split(/\r?\n/)
      const askAll = async (asked: AskedSet, inView: number): Promise<Answered[]> => {
        // Every set draws for itself: what is asked does not depend on what was asked before.
        const draws = new Draws(7)
        const made = caseMaker(asked, {
          hay: { lines, tokensOf, draws },
          contexts,
          length,
          paragraphs: { ...paragraphs, inView }
        })
        const done: Answered[] = []
        for (let i = 0; i < repeats; i++) {
          const one = made()
          for (const answered of await answers(engine, one, apart)) {
            done.push(answered)
            output.record({
              type: 'answer',
              ...answered.asked,
              answer: answered.answer,
              stop: answered.stop,
              certainty: answered.certainty,
              probabilities: answered.probabilities,
              sources: answered.sources.map(s => s.text),
              ...(withDocuments ? { document: one.document } : {})
            })
          }
        }
        return done
      }
      if (set === 'certainty') {
        const bySet = new Map<string, Judged[]>()
        for (const { name, set, ...in_ } of certaintySets) {
          bySet.set(name, judged(await askAll(set, 'inView' in in_ ? in_.inView : 0)))
          output.note(`${name}: asked`)
        }
        const { lines, ...measured } = certaintyReport(bySet)
        output.record({ type: 'certainty', ...measured })
        output.say(`${lines.join('\n')}\n`)
        return
      }
      const done = await askAll(set, paragraphs.inView)
      scores(done, report)
    } finally {
      await opened.close()
    }
  }
}

function scores(done: readonly Answered[], report: (name: string, results: readonly number[]) => void): void {
  const kinds = new Set(done.flatMap(({ asked }) => asked.kind ?? []))
  for (const kind of kinds)
    report(
      kind,
      done
        .filter(({ asked }) => asked.kind === kind)
        .map(({ asked, answer }) => Number(exact(answer, asked.expected)))
    )
  if (kinds.size > 0) return
  const said = done.filter(({ asked }) => asked.expected.length > 0)
  const unsaid = done.filter(({ asked }) => asked.expected.length === 0)
  report(
    'exact',
    said.map(({ asked, answer }) => Number(exact(answer, asked.expected)))
  )
  report(
    'F1',
    said.map(({ asked, answer }) => f1(answer, asked.expected))
  )
  report(
    'answer among the 3 strongest sources',
    said.map(one => Number(holdsSource(one)))
  )
  report(
    'answers where the document says it',
    said.map(({ answer }) => Number(!refused(answer)))
  )
  if (unsaid.length > 0)
    report(
      'says that the document does not say where it does not',
      unsaid.map(({ answer }) => Number(refused(answer)))
    )
}
