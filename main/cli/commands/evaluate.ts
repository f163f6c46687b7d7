/** What the model can do, measured over the engine: assets/models/small/README.md holds the results. */
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { Engine } from '../../../gpu/index'
import { type AskedSet, caseMaker } from '../evaluate/cases'
import { certaintyReport, type Judged, judged } from '../evaluate/certainty'
import { type HeldContext, readHeldQuestions } from '../evaluate/held-questions'
import { perplexity, readHeldText } from '../evaluate/perplexity'
import { exact, f1, mean, refused } from '../evaluate/score'
import { type Answered, answers, holdsSource } from '../evaluate/answers'
import { Draws, tokenCounter } from '../needle-text'
import { engineOf, samples } from '../open'
import {
  type Call,
  type Command,
  count,
  engineOptions,
  graphicsOptions,
  oneOf,
  text,
  UsageError
} from '../options'
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
    ...engineOptions,
    ...graphicsOptions,
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
    const wanted = await wantedOf(call)
    const opened = await engineOf(call, output, undefined)
    try {
      const { set, inView } = wanted
      if (set === 'perplexity') await reportPerplexity(opened.engine, wanted, output)
      else if (set === 'certainty') await reportCertainty(opened.engine, wanted, output)
      else {
        const done = await askAll(opened.engine, wanted, output, { set, inView })
        scores(done, (name, results) => reportScore(output, set, name, results))
      }
    } finally {
      await opened.close()
    }
  }
}

interface Wanted {
  readonly set: (typeof sets)[number]
  readonly repeats: number
  /** Tokens of a document, or of a window of text. */
  readonly length: number
  /** Documents are read in parts of so many tokens. */
  readonly apart: number | undefined
  readonly withDocuments: boolean
  /** Paragraphs in view. */
  readonly inView: number
  readonly neighbours: boolean
  readonly contexts: readonly HeldContext[]
  readonly novel: string
  /** Path of a file of the data; a usage error where no folder was given. */
  inData(name: string): string
}

/** All options, and the data that they ask for, before a model is opened. */
async function wantedOf(call: Call): Promise<Wanted> {
  const set = oneOf(call, 'set', [...sets, ''], '')
  if (set === '') throw new UsageError(`readonce evaluate needs --set: ${sets.join(', ')}.`)
  const data = text(call, 'data')
  const inData = (name: string): string => {
    if (data === undefined)
      throw new UsageError(`--set ${set} needs --data: the folder of training/prepare.mjs.`)
    return join(data, name)
  }
  const needsContexts = set === 'questions' || set === 'refusals' || set === 'certainty'
  const needsNovel = set === 'facts' || set === 'needle-sources' || set === 'kinds' || set === 'certainty'
  return {
    set,
    repeats: count(call, 'repeats') ?? 40,
    apart: count(call, 'apart', 16),
    withDocuments: call.options['documents'] === true,
    inView: count(call, 'paragraphs') ?? 5,
    neighbours: oneOf(call, 'others', ['neighbours', 'any'], 'neighbours') === 'neighbours',
    contexts: needsContexts ? await readHeldQuestions(inData('held-qa.jsonl')) : [],
    length: set === 'perplexity' ? (count(call, 'length') ?? 2048) : (count(call, 'length', 300) ?? 4096),
    novel: needsNovel ? await readFile(join(samples, 'the-adventures-of-sherlock-holmes.txt'), 'utf8') : '',
    inData
  }
}

async function reportPerplexity(engine: Engine, wanted: Wanted, output: Output): Promise<void> {
  const { length, repeats, inData } = wanted
  const windows = await readHeldText(inData('held-text.bin'), length)
  const found = await perplexity(engine, windows.slice(0, repeats))
  output.record({ type: 'perplexity', length, of: found.windows, perplexity: found.perplexity })
  output.say(`perplexity ${found.perplexity.toFixed(2)} (${found.windows} windows of ${length} tokens)\n`)
}

async function reportCertainty(engine: Engine, wanted: Wanted, output: Output): Promise<void> {
  const bySet = new Map<string, Judged[]>()
  for (const { name, set, ...how } of certaintySets) {
    const inView = 'inView' in how ? how.inView : 0
    bySet.set(name, judged(await askAll(engine, wanted, output, { set, inView })))
    output.note(`${name}: asked`)
  }
  const { lines, ...measured } = certaintyReport(bySet)
  output.record({ type: 'certainty', ...measured })
  output.say(`${lines.join('\n')}\n`)
}

async function askAll(
  engine: Engine,
  wanted: Wanted,
  output: Output,
  { set, inView }: { set: AskedSet; inView: number }
): Promise<Answered[]> {
  const { contexts, length, neighbours, novel, repeats, apart, withDocuments } = wanted
  // Every set draws for itself: what is asked does not depend on what was asked before.
  const draws = new Draws(7)
  const made = caseMaker(set, {
    hay: { lines: novel.split(/\r?\n/), tokensOf: tokenCounter(engine), draws },
    contexts,
    length,
    paragraphs: { inView, neighbours }
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

function reportScore(output: Output, set: Wanted['set'], name: string, results: readonly number[]): void {
  const { mean: score, within } = mean(results)
  output.record({ type: 'score', set, name, score, within, of: results.length })
  output.say(`${name}: ${(score * 100).toFixed(1)} ± ${(within * 100).toFixed(1)} (${results.length})\n`)
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
