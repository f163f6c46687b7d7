/** `readonce ask`: reads a file or takes up what was read of it, then answers one question or keeps chatting. */
import { createInterface } from 'node:readline/promises'
import { join } from 'node:path'
import type { ChatTurn, Part, Sampling, Session } from '../../../gpu/index'
import { answerStates, type ChatMessage, historyOf } from '../../../contract/chat'
import { trustOf } from '../../../contract/certainty'
import { mentionedWords } from '../../../renderer/search/counting-question'
import { countPlaces } from '../../../renderer/search/match'
import type { FlatMessage } from '../../disk/chats'
import type { Library } from '../../disk/library'
import { readModelCard } from '../../disk/model-card'
import { chosenModel } from '../chosen-model'
import { engineOf, libraryOf, samples } from '../open'
import {
  amount,
  type Call,
  type Command,
  count,
  engineOptions,
  graphicsOptions,
  readingOptions,
  UsageError
} from '../options'
import { duration, grouped, Output } from '../output'
import { type ReadDocument, readFile } from '../reading'
import { reportProfile } from './read'

/** Read when no file is given; short enough for the embedded model and for a computer without a GPU. */
const sample = {
  file: join(samples, 'the-keeper-of-skerry-light.txt'),
  question: 'What is the special magic Lisbon number?'
}

type End = Extract<Part, { type: 'end' }>

interface How {
  readonly sampling: Partial<Sampling>
  readonly mostTokens: number | undefined
  /** Certainty below which the model is more often wrong than right. */
  readonly border: number | undefined
}

/** What is kept of an answer. */
type Told = Pick<ChatMessage, 'content' | 'state' | 'certainty' | 'border' | 'counted'> & {
  readonly sources: End['sources']
}

export const ask: Command = {
  usage: 'ask [FILE [QUESTION]]',
  about: 'read a file (or the sample) and answer; without a question, keep chatting',
  arity: [0, 2],
  options: {
    ...engineOptions,
    ...readingOptions,
    ...graphicsOptions,
    tokens: { type: 'string', about: 'longest answer (default 256)' },
    temperature: {
      type: 'string',
      about: "0 is greedy (default); above it, what is left out is the model's own"
    },
    'top-k': { type: 'string', about: 'only the k most likely tokens' },
    'top-p': { type: 'string', about: 'only the likeliest tokens up to this probability' },
    repetition: { type: 'string', about: 'repetition penalty (1 is off)' },
    seed: { type: 'string', about: 'of the draws (default 0)' },
    chunk: { type: 'string', about: 'tokens per chunk while reading' },
    profile: { type: 'boolean', about: 'time per kernel, dispatches, submits, GPU memory' }
  },
  async run(call) {
    const output = new Output(call.json)
    // All options are looked at before anything is opened or read.
    const sampling = samplingOf(call)
    const chunk = count(call, 'chunk')
    const mostTokens = count(call, 'tokens')
    const [file, question] = call.args.length === 0 ? [sample.file, sample.question] : call.args
    if (question?.trim() === '')
      throw new UsageError('The question is empty. Ask something, or leave it out to chat about the file.')
    const library = await libraryOf(call)
    const { card, cardProblem } = await readModelCard((await chosenModel(call)).folder)
    if (cardProblem !== undefined) output.note(cardProblem)
    const how: How = { sampling, mostTokens, border: card?.border }
    const opened = await engineOf(call, output, library, { profile: call.options['profile'] === true })
    try {
      const document = await readFile(file, library, opened, output, {
        chunk,
        anew: call.options['again'] === true
      })
      try {
        if (question === undefined) await chat(document, library, output, how)
        else {
          if (call.args.length === 0) output.say(`\nQuestion: ${question}\n`)
          await keep(
            library,
            document,
            { messages: [] },
            question,
            await answer(document, question, [], output, how)
          )
        }
        if (call.options['profile']) await reportProfile(opened, output)
      } finally {
        await document.close()
      }
    } finally {
      await opened.close()
    }
  }
}

/** Only what was asked for: the rest is greedy, or the model's own beside a temperature. */
function samplingOf(call: Call): Partial<Sampling> {
  const asked = {
    temperature: amount(call, 'temperature', 0, 10),
    topK: count(call, 'top-k', 0),
    topP: amount(call, 'top-p', 1e-6, 1),
    repetitionPenalty: amount(call, 'repetition', 0.5, 10),
    seed: count(call, 'seed', 0)
  }
  return Object.fromEntries(Object.entries(asked).filter(([, value]) => value !== undefined))
}

async function answer(
  { session, text }: ReadDocument,
  question: string,
  history: readonly ChatTurn[],
  output: Output,
  { border, ...how }: How
): Promise<Told> {
  const stop = new AbortController()
  const interrupt = (): void => stop.abort()
  process.on('SIGINT', interrupt)
  try {
    output.say('\n')
    const words = mentionedWords(question)
    const counted = words === undefined ? undefined : { words, places: countPlaces(text, words) }
    if (counted)
      output.say(
        `Exact search: “${counted.words}” stands at ${grouped(counted.places)} ${counted.places === 1 ? 'place' : 'places'} of the text.\nThe model, which does not count: `
      )
    for await (const part of session.ask({
      text: question,
      history,
      ...how,
      signal: stop.signal
    })) {
      if (part.type === 'text') output.say(part.text)
      else {
        const told = toldOf(part, border, counted)
        report(part, told, session, output)
        return told
      }
    }
    throw new Error('ask: the answer ended without an end')
  } finally {
    process.off('SIGINT', interrupt)
  }
}

function toldOf(
  { text, stop, certainty, sources }: End,
  border: number | undefined,
  counted: Told['counted']
): Told {
  const told = {
    content: text,
    certainty,
    state: answerStates[stop],
    ...(border !== undefined && { border }),
    ...(counted && { counted })
  }
  // Nothing in the document stands behind the words that it does not say.
  return { ...told, sources: trustOf(told) === 'silent' ? [] : sources }
}

function report(end: End, told: Told, session: Session, output: Output): void {
  const {
    text,
    tokens,
    firstTokenSeconds,
    tokensPerSecond,
    quotations,
    stop,
    certainty,
    probabilities,
    inView
  } = end
  const { sources, border, counted } = told
  const trust = trustOf(told)
  output.record({
    type: 'answer',
    text,
    tokens,
    stop,
    firstTokenSeconds,
    tokensPerSecond,
    inView: session.tokens,
    ...(inView.answeredFrom !== undefined && { answeredFrom: inView.answeredFrom }),
    trust,
    certainty,
    border: border ?? null,
    probabilities,
    ...(counted && { counted }),
    sources,
    quotations
  })
  if (stop === 'aborted' && text === '') return output.say('(stopped before its first word)\n')
  output.say(text === '' ? '(no answer)\n' : '\n')
  if (stop === 'aborted') output.say('(stopped)\n')
  if (trust === 'unsure')
    output.say(
      `Not sure (${certainty.toFixed(2)}; below ${border} this model is more often wrong than right). These passages looked closest:\n`
    )
  if (trust === 'unmeasured')
    output.say('How far this model can be trusted was not measured. The passages that it looked at:\n')
  if (stop === 'loop') output.say('(stopped: the answer only repeated itself or the question)\n')
  if (stop === 'length') output.say('(cut at the longest answer; --tokens allows more)\n')
  for (const { text: quotation, verified } of quotations)
    output.say(`${verified ? 'verified' : 'NOT FOUND in the text'}: "${quotation}"\n`)
  for (const [i, source] of sources.entries()) {
    output.say(
      `\n[${i + 1}] characters ${grouped(source.start)} to ${grouped(source.end)}, ${Math.round(source.score * 100)}% of the attention\n    ${source.text.trim().replace(/\s+/g, ' ')}\n`
    )
  }
  const speed = tokensPerSecond > 0 ? `, ${tokensPerSecond.toFixed(1)} tokens/s` : ''
  output.note(
    `First token after ${duration(firstTokenSeconds)}${speed}; ${
      inView.answeredFrom === undefined
        ? `all ${grouped(session.tokens)} tokens of the document were in view`
        : `looked up in all ${grouped(session.tokens)} tokens of the document, answered from ${grouped(inView.answeredFrom)} of them`
    }.`
  )
}

/** Questions until end of input or an empty line; every answer sees the conversation so far. */
async function chat(document: ReadDocument, library: Library, output: Output, how: How): Promise<void> {
  output.note('Ask about the text; an empty line ends.')
  const lines = createInterface({
    input: process.stdin,
    output: output.json ? undefined : process.stderr,
    prompt: '> '
  })
  // At a terminal the lines get Ctrl-C, and not the process: it stops the answer, and ends the chat where there is none.
  lines.on('SIGINT', () => {
    if (!process.emit('SIGINT')) lines.close()
  })
  let kept: Conversation = { messages: [] }
  if (!output.json) lines.prompt()
  for await (const line of lines) {
    const question = line.trim()
    if (question === '') break
    const told = await answer(document, question, historyOf(kept.messages), output, how)
    kept = await keep(library, document, kept, question, told)
    if (!output.json) lines.prompt()
  }
  lines.close()
}

interface Conversation {
  /** Absent before it was saved first. */
  readonly id?: string
  readonly messages: readonly FlatMessage[]
}

/** Saves the conversation with this turn behind those before. */
async function keep(
  library: Library,
  document: ReadDocument,
  before: Conversation,
  question: string,
  { sources, ...told }: Told
): Promise<Conversation> {
  const messages: FlatMessage[] = [
    ...before.messages,
    { role: 'user', content: question },
    {
      role: 'assistant',
      ...told,
      sources: sources.map(({ start, end: to, score, text }) => ({ start, end: to, score, text }))
    }
  ]
  const title = (messages[0]?.content ?? question).slice(0, 80)
  const saved = await library.saveChat(document.id, {
    id: before.id,
    title,
    modelKey: document.modelKey,
    messages
  })
  return { id: saved.id, messages }
}
