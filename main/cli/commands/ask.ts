import { createInterface } from 'node:readline/promises'
import { join } from 'node:path'
import type { ChatTurn, Part, Sampling, Session } from '../../../gpu/index'
import type { Library } from '../../disk/library'
import { engineOf, libraryOf, samples } from '../open'
import { amount, type Call, count, type Command } from '../options'
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
}

export const ask: Command = {
  usage: 'ask [FILE [QUESTION]]',
  about: 'read a file (or the sample) and answer; without a question, keep chatting',
  arity: [0, 2],
  options: {
    tokens: { type: 'string', about: 'longest answer (default 256)' },
    temperature: { type: 'string', about: '0 is greedy (default)' },
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
    const library = await libraryOf(call)
    const opened = await engineOf(call, output, library, { profile: call.options['profile'] === true })
    try {
      const document = await readFile(file, library, opened, output, chunk)
      try {
        if (question === undefined) await chat(document, library, output, { sampling, mostTokens })
        else {
          if (call.args.length === 0) output.say(`\nQuestion: ${question}\n`)
          const end = await answer(document.session, question, [], output, { sampling, mostTokens })
          await keep(library, document, [], question, end)
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

function samplingOf(call: Call): Partial<Sampling> {
  return {
    temperature: amount(call, 'temperature', 0, 10) ?? 0,
    topK: count(call, 'top-k', 0) ?? 0,
    topP: amount(call, 'top-p', 1e-6, 1) ?? 1,
    repetitionPenalty: amount(call, 'repetition', 0.5, 10) ?? 1,
    seed: count(call, 'seed', 0) ?? 0
  }
}

async function answer(
  session: Session,
  question: string,
  history: readonly ChatTurn[],
  output: Output,
  how: How
): Promise<End> {
  const stop = new AbortController()
  const interrupt = (): void => stop.abort()
  process.on('SIGINT', interrupt)
  try {
    output.say('\n')
    for await (const part of session.ask({
      text: question,
      history,
      ...how,
      signal: stop.signal
    })) {
      if (part.type === 'text') output.say(part.text)
      else {
        report(part, session, output)
        return part
      }
    }
    throw new Error('ask: the answer ended without an end')
  } finally {
    process.off('SIGINT', interrupt)
  }
}

function report(end: End, session: Session, output: Output): void {
  const { text, tokens, firstTokenSeconds, tokensPerSecond, sources, quotations, stop } = end
  output.record({
    type: 'answer',
    text,
    tokens,
    stop,
    firstTokenSeconds,
    tokensPerSecond,
    inView: session.tokens,
    sources,
    quotations
  })
  output.say(text === '' ? '(no answer)\n' : '\n')
  if (stop === 'loop') output.say('(stopped: the answer began to repeat itself)\n')
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
    `First token after ${duration(firstTokenSeconds)}${speed}; all ${grouped(session.tokens)} tokens of the document were in view.`
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
  let history: ChatTurn[] = []
  let chatId: string | undefined
  if (!output.json) lines.prompt()
  for await (const line of lines) {
    const question = line.trim()
    if (question === '') break
    const end = await answer(document.session, question, history, output, how)
    chatId = await keep(library, document, history, question, end, chatId)
    history = [...history, { role: 'user', content: question }, { role: 'assistant', content: end.text }]
    if (!output.json) lines.prompt()
  }
  lines.close()
}

async function keep(
  library: Library,
  document: ReadDocument,
  history: readonly ChatTurn[],
  question: string,
  end: End,
  id?: string
): Promise<string> {
  const messages = [
    ...history.map(({ role, content }) => ({ role, content })),
    { role: 'user' as const, content: question },
    {
      role: 'assistant' as const,
      content: end.text,
      sources: end.sources.map(({ start, end: to, score, text }) => ({ start, end: to, score, text }))
    }
  ]
  const title = question.slice(0, 80)
  return (await library.saveChat(document.id, { id, title, modelKey: document.modelKey, messages })).id
}
