/** `readonce logits`: writes the logits of given token ids, for comparisons with other implementations. */
import { readFile } from 'node:fs/promises'
import { z } from 'zod'
import { HostFailure, sentenceOf } from '../../../contract/failure'
import { engineOf } from '../open'
import { type Command, count, engineOptions, graphicsOptions, text, UsageError } from '../options'
import { Output } from '../output'

export const logits: Command = {
  usage: 'logits --tokens FILE.json',
  about: 'logits of given token ids, through the same chunked, paged, early-exit path',
  arity: [0, 0],
  options: {
    ...engineOptions,
    ...graphicsOptions,
    tokens: { type: 'string', about: 'JSON file: an array of token ids' },
    chunk: { type: 'string', about: 'tokens per chunk' },
    positions: { type: 'string', about: 'last (default), all, or i,j,k' }
  },
  async run(call) {
    const file = text(call, 'tokens')
    if (file === undefined) throw new UsageError('readonce logits needs --tokens FILE.json.')
    const chunk = count(call, 'chunk')
    const asked = positionsAsked(text(call, 'positions') ?? 'last')
    const output = new Output(call.json)
    const opened = await engineOf(call, output, undefined)
    try {
      const { vocabSize } = opened.engine.model.config
      const ids = await readIds(file, vocabSize)
      const wanted = positionsOf(asked, ids.length)
      const rising = [...new Set(wanted)].sort((a, b) => a - b)
      const rows = new Map<number, number[]>()
      await opened.engine.evaluate(ids, { chunk, positions: rising }, (position, row) =>
        rows.set(position, Array.from(row))
      )
      // The one command whose result is data: always JSON.
      process.stdout.write(
        `${JSON.stringify({ type: 'logits', positions: wanted, logits: wanted.map(p => rows.get(p)) })}\n`
      )
    } finally {
      await opened.close()
    }
  }
}

async function readIds(file: string, vocabulary: number): Promise<Uint32Array> {
  const content = await readFile(file, 'utf8').catch(error => {
    throw new HostFailure('unreadable-file', `Cannot read ${file}: ${sentenceOf(error)}`)
  })
  let json: unknown
  try {
    json = JSON.parse(content)
  } catch {
    throw new HostFailure(
      'bad-request',
      `${file} is not JSON; expected an array of token ids such as [1, 5, 42].`
    )
  }
  const ids = z
    .array(
      z
        .number()
        .int()
        .min(0)
        .max(vocabulary - 1)
    )
    .min(1)
    .safeParse(json)
  if (!ids.success) {
    const issue = ids.error.issues[0]
    throw new HostFailure(
      'bad-request',
      `${file}: ${issue.path.length > 0 ? `entry ${issue.path.join('.')}: ` : ''}${issue.message}; expected token ids from 0 to ${vocabulary - 1}.`
    )
  }
  return Uint32Array.from(ids.data)
}

type Asked = 'last' | 'all' | readonly number[]

function positionsAsked(value: string): Asked {
  if (value === 'last' || value === 'all') return value
  const parts = value.split(',').map(part => part.trim())
  const wrong = parts.find(part => !/^\d+$/.test(part))
  if (wrong !== undefined)
    throw new UsageError(`--positions: "${wrong}" is not a position; it takes last, all or i,j,k.`)
  return parts.map(Number)
}

function positionsOf(asked: Asked, length: number): readonly number[] {
  if (asked === 'last') return [length - 1]
  if (asked === 'all') return Array.from({ length }, (_, i) => i)
  const wrong = asked.find(position => position >= length)
  if (wrong !== undefined)
    throw new UsageError(`--positions: ${wrong} is not a position from 0 to ${length - 1} of these tokens.`)
  return asked
}
