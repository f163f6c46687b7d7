/** How much of the document an answer had in view; every answer states it. */
import type { ChatMessage } from '../../contract/chat'

interface Coverage {
  /** limited: a person said that reading shall end there. */
  readonly name: 'whole' | 'part' | 'limited'
  /** Rounded down: 100 is said of nothing less than all. */
  readonly percent: number
  readonly tokens: number
  readonly total: number
}

export function coverageOf({ tokens, total, limited }: NonNullable<ChatMessage['inView']>): Coverage {
  const name = tokens >= total ? 'whole' : limited ? 'limited' : 'part'
  return { name, percent: percentOf(tokens, total), tokens, total }
}

export const percentOf = (tokens: number, total: number): number =>
  total > 0 ? Math.floor((tokens / total) * 100) : 100
