/**
 * What a conversation's file holds: the messages of contract/chat.ts, a tree. Files of the first version hold a plain list
 * without ids; its messages get ids by their place ("m1", "m2" …), the same ones on each reading.
 */
import { z } from 'zod'
import type { ChatMessage } from '../../contract/chat'

const Id = z.string().min(1).max(100)
const count = z.number().int().nonnegative()

const Passage = z.looseObject({ start: count, end: count, score: z.number(), text: z.string() })
const Message = z.looseObject({
  id: Id,
  parent: Id.optional(),
  role: z.enum(['user', 'assistant']),
  content: z.string(),
  at: z.string(),
  state: z.enum(['answered', 'stopped', 'cut', 'repeated', 'interrupted', 'failed']).optional(),
  reason: z.string().optional(),
  modelName: z.string().optional(),
  inView: z
    .looseObject({
      tokens: count,
      total: count,
      limited: z.boolean().optional(),
      answeredFrom: count.optional()
    })
    .optional(),
  textDigest: z.string().optional(),
  sources: z.array(Passage).optional(),
  quotations: z
    .array(
      z.looseObject({
        text: z.string(),
        verified: z.boolean(),
        start: count.optional(),
        end: count.optional()
      })
    )
    .optional(),
  certainty: z.number().min(0).max(1).optional(),
  border: z.number().min(0).max(1).optional(),
  counted: z.looseObject({ words: z.string(), places: count }).optional(),
  firstTokenSeconds: z.number().optional(),
  tokensPerSecond: z.number().optional()
})

/** A whole conversation; refused when its messages are no tree. */
export const ChatRecord = z
  .looseObject({
    id: z.string(),
    title: z.string().max(1000),
    modelKey: z.string(),
    messages: z.array(Message),
    leaf: Id.optional(),
    createdAt: z.string(),
    updatedAt: z.string()
  })
  .superRefine(({ messages, leaf }, context) => {
    const seen = new Set<string>()
    for (const [i, { id, parent }] of messages.entries()) {
      const wrong = (message: string): void =>
        context.addIssue({ code: 'custom', path: ['messages', i], message })
      if (seen.has(id)) wrong(`two messages have the id ${id}`)
      // Parents come first: so there is no ring, and it is seen in one pass.
      if (parent !== undefined && !seen.has(parent))
        wrong(`no earlier message has the id ${parent} of its parent`)
      seen.add(id)
    }
    if (leaf !== undefined && !seen.has(leaf))
      context.addIssue({ code: 'custom', path: ['leaf'], message: `no message has the id ${leaf}` })
  })

/** As programs hand conversations over that know nothing of branches. */
export interface FlatMessage {
  readonly role: 'user' | 'assistant'
  readonly content: string
  readonly sources?: readonly { readonly start: number; readonly end: number; readonly score?: number }[]
  readonly state?: ChatMessage['state']
  readonly certainty?: number
  readonly border?: number
  readonly counted?: { readonly words: string; readonly places: number }
}

const Draft = z.looseObject({
  messages: z.array(z.looseObject({ id: z.string().optional() })),
  updatedAt: z.string()
})

/** Either form, as the later one. */
export const StoredChat = Draft.transform(({ messages, ...rest }) => ({
  ...rest,
  messages: messages.map((message, i) =>
    message.id !== undefined
      ? message
      : {
          at: rest.updatedAt,
          ...message,
          id: `m${i + 1}`,
          ...(i > 0 ? { parent: messages[i - 1]?.id ?? `m${i}` } : {}),
          ...withScores(message['sources'])
        }
  )
})).pipe(ChatRecord)

/** The first version kept passages without their text, and at times without a score. */
const withScores = (sources: unknown) =>
  Array.isArray(sources)
    ? { sources: sources.map(source => ({ score: 0, text: '', ...(source as Record<string, unknown>) })) }
    : {}
