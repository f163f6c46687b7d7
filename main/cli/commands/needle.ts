/**
 * The needle tests of the YOCO paper (section 4.3): numbers hidden in a long text, asked for afterwards.
 * Templates, lengths, depths and scoring as in YOCO/yoco/criterions/{needle_haystack,multi_needle}.py; cities without
 * the repetitions of the official list, so that no prompt holds one city twice.
 */
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { Engine } from '../../../gpu/index'
import { HostFailure, sentenceOf } from '../../../contract/failure'
import { engineOf, samples } from '../open'
import { type Command, count, engineOptions, graphicsOptions, oneOf, text } from '../options'
import { Output } from '../output'
import {
  cities,
  Draws,
  multiNeedleText,
  type NeedleText,
  singleNeedleText,
  tokenCounter
} from '../needle-text'

export const needle: Command = {
  usage: 'needle --length L',
  about: "the paper's needle test, one line per depth",
  arity: [0, 0],
  options: {
    ...engineOptions,
    ...graphicsOptions,
    length: { type: 'string', about: 'tokens of a prompt (default 1024)' },
    depths: { type: 'string', about: 'depths, evenly from the beginning to the end (default 11)' },
    needles: { type: 'string', about: 'needles in a prompt (default 1)' },
    repeats: { type: 'string', about: 'prompts per depth (default 10; 5 with several needles)' },
    haystack: { type: 'string', about: 'text to hide them in (default: the sample novel)' },
    prompt: {
      type: 'string',
      about:
        'raw: one text to be continued, as in the paper; chat: document and question; own (default): what the model has'
    }
  },
  async run(call) {
    const output = new Output(call.json)
    const length = count(call, 'length', 200) ?? 1024
    const depths = count(call, 'depths') ?? 11
    const needles = count(call, 'needles') ?? 1
    if (needles > cities.length)
      throw new HostFailure('bad-request', `--needles is ${needles}; there are ${cities.length} cities.`)
    const repeats = count(call, 'repeats') ?? (needles > 1 ? 5 : 10)
    const form = oneOf(call, 'prompt', ['raw', 'chat', 'own'], 'own')
    const file = text(call, 'haystack') ?? join(samples, 'the-adventures-of-sherlock-holmes.txt')
    const lines = await readFile(file, 'utf8').then(
      content => content.split(/\r?\n/),
      error => {
        throw new HostFailure('unreadable-file', `Cannot read the haystack ${file}: ${sentenceOf(error)}`)
      }
    )
    const opened = await engineOf(call, output, undefined)
    try {
      const { engine } = opened
      const prompt = form !== 'own' ? form : engine.model.prompted ? 'chat' : 'raw'
      const draws = new Draws(needles > 1 ? 42 : 0)
      const hay = { lines, tokensOf: tokenCounter(engine), draws }
      let [correct, all] = [0, 0]
      for (let i = 0; i < depths; i++) {
        // One needle: 0, 1/10, ... 1; several: 1/11, ... 10/11.
        const depth = needles > 1 ? (i + 1) / (depths + 1) : depths === 1 ? 0.5 : i / (depths - 1)
        let right = 0
        for (let r = 0; r < repeats; r++) {
          const hidden =
            needles > 1 ? multiNeedleText(hay, length, depth, needles) : singleNeedleText(hay, length, depth)
          if ((await said(engine, hidden, prompt)).includes(hidden.answer)) right++
        }
        correct += right
        all += repeats
        output.record({
          type: 'needle',
          length,
          depth,
          needles,
          prompt,
          correct: right,
          of: repeats,
          score: right / repeats
        })
        output.say(`depth ${(depth * 100).toFixed(0).padStart(3)}%  ${right} of ${repeats}\n`)
      }
      output.record({ type: 'needles', length, needles, prompt, correct, of: all, score: correct / all })
      output.say(
        `${length} tokens, ${needles} needle${needles > 1 ? 's' : ''}: ${((correct / all) * 100).toFixed(1)}%\n`
      )
    } finally {
      await opened.close()
    }
  }
}

/** Greedy, 20 tokens. */
async function said(engine: Engine, hidden: NeedleText, prompt: 'raw' | 'chat'): Promise<string> {
  if (prompt === 'raw') return engine.complete(`${hidden.document}\n${hidden.question} `, 20)
  const session = await engine.read({ text: hidden.document, digest: '' })
  try {
    for await (const part of session.ask({ text: hidden.plainQuestion, mostTokens: 20 }))
      if (part.type === 'end') return part.text
    return ''
  } finally {
    session.close()
  }
}
