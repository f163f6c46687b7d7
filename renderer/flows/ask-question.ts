/** Journey B: a question is put to a document; the answer streams in, with its coverage and the passages that carried it. */
import i18next from 'i18next'
import { answerStates, type Chat, type ChatMessage } from '../../contract/chat'
import { sentenceOf } from '../../contract/failure'
import type { Host } from '../../contract/host'
import { defaultSettings, type Settings } from '../../contract/settings'
import type { Part } from '../../gpu/index'
import { EngineError } from '../engine/engine-client'
import type { RemoteEngine } from '../engine/remote-engine'
import { useChat } from '../store/chat'
import { begunAnswer, branchOf, grown, historyBefore } from '../store/chat-tree'
import { useDocuments } from '../store/documents'
import { useEngine } from '../store/engine'
import { useSettings } from '../store/settings'
import type { Chats } from './chats'
import { countedIn } from './count-places'
import { beginAnswer, type GrowingAnswer } from './growing-answer'
import type { KeptChats } from './kept-chats'
import { readingOf } from './plan-reading'
import type { RunningEngine } from './running-engine'
import type { Sessions } from './sessions'

export class AskQuestion {
  /** By chat: what stops the answer that is under way. */
  private readonly stops = new Map<string, AbortController>()

  constructor(
    private readonly host: () => Host,
    private readonly engine: RunningEngine,
    private readonly sessions: Sessions,
    private readonly chats: Chats,
    private readonly keptChats: KeptChats
  ) {}

  /** Asks in the chat that is shown, after the end of its branch or after the message `parent`. */
  async ask(documentId: string, text: string, { parent }: { parent?: string } = {}): Promise<void> {
    const { shown, chats } = useChat.getState()
    const chat = chats[shown[documentId] ?? ''] ?? this.chats.begin(text)
    await this.askAfter(documentId, chat, text, parent ?? branchOf(chat).at(-1)?.id)
  }

  /** The question in other words: another branch beside the old one. */
  async edit(chatId: string, messageId: string, text: string): Promise<void> {
    const { documentId, chat } = shownIn(chatId)
    const edited = chat?.messages.find(({ id }) => id === messageId)
    if (documentId && chat && edited) await this.askAfter(documentId, chat, text, edited.parent)
  }

  /** The question once more: another answer beside the old one. */
  async regenerate(chatId: string, messageId: string): Promise<void> {
    const { documentId, chat } = shownIn(chatId)
    const old = chat?.messages.find(({ id }) => id === messageId)
    const question = chat?.messages.find(({ id }) => id === old?.parent)
    if (documentId && chat && question) await this.answer(documentId, chat, question)
  }

  /** What was said so far stays. */
  stop(chatId: string): void {
    this.stops.get(chatId)?.abort()
  }

  private async askAfter(documentId: string, chat: Chat, text: string, parent?: string): Promise<void> {
    const question = {
      ...named(),
      ...(parent !== undefined && { parent }),
      role: 'user' as const,
      content: text
    }
    await this.answer(documentId, grown(chat, question), question)
  }

  private async answer(documentId: string, chat: Chat, question: ChatMessage): Promise<void> {
    if (this.stops.has(chat.id)) return
    const stop = new AbortController()
    this.stops.set(chat.id, stop)
    const growing = beginAnswer(this.keptChats, documentId, chat, begunAnswer(named(), question.id))
    const counting = countedIn(this.host().bytes, documentId, question.content, stop.signal)
    let end: Partial<ChatMessage>
    try {
      const isOpen = await unlessStopped(this.sessions.open(documentId), stop.signal)
      end = isOpen
        ? await this.stream(documentId, chat, question, growing, stop.signal)
        : failed(i18next.t('chat:notRead'))
    } catch (error) {
      end = stop.signal.aborted ? { state: 'stopped' } : failed(reasonOf(error))
    }
    const counted = await counting
    this.stops.delete(chat.id)
    await growing.end({ ...end, ...(counted && { counted }) })
  }

  /** Streams the answer and returns what is known at its end. Throws what the engine throws. */
  private async stream(
    documentId: string,
    chat: Chat,
    question: ChatMessage,
    growing: GrowingAnswer,
    signal: AbortSignal
  ): Promise<Partial<ChatMessage>> {
    const { sampling, longestAnswer } = useSettings.getState()
    // A repeated answer draws other numbers; at temperature 0 nothing is drawn.
    const repeats = chat.messages.filter(({ parent }) => parent === question.id).length
    const parts = this.sessions.ask(documentId, {
      text: question.content,
      history: historyBefore(chat, question.parent),
      sampling: { ...chosen(sampling), seed: sampling.seed + repeats },
      mostTokens: longestAnswer,
      signal
    })
    growing.begin()
    for await (const part of parts) {
      if (part.type === 'text') growing.add(part.text)
      else return endOf(part, documentId, this.engine.current)
    }
    throw new Error(i18next.t('chat:noEnd'))
  }
}

function endOf(end: AnswerEnd, documentId: string, engine: RemoteEngine | undefined): Partial<ChatMessage> {
  const { tokens, total, answeredFrom } = end.inView
  const document = useDocuments.getState().documents[documentId]
  const { models, modelId } = useEngine.getState()
  const border = models.find(({ id }) => id === modelId)?.card?.border
  const limit = document && engine && readingOf(document, engine.modelKey)?.limit
  return {
    content: end.text,
    state: answerStates[end.stop],
    ...(engine && { modelName: engine.model.name }),
    inView: {
      tokens,
      total,
      ...(limit !== undefined && tokens < total && { limited: true }),
      ...(answeredFrom !== undefined && { answeredFrom })
    },
    ...(document && { textDigest: document.textDigest }),
    sources: end.sources.map(({ start, end, score, text }) => ({ start, end, score, text })),
    quotations: end.quotations,
    certainty: end.certainty,
    ...(border !== undefined && { border }),
    firstTokenSeconds: end.firstTokenSeconds,
    tokensPerSecond: end.tokensPerSecond
  }
}

type AnswerEnd = Extract<Part, { readonly type: 'end' }>

const failed = (reason: string): Partial<ChatMessage> => ({ state: 'failed', reason })

function reasonOf(error: unknown): string {
  if (!(error instanceof EngineError)) return sentenceOf(error)
  if (error.code === 'gpu-lost' || error.code === 'worker-died') return i18next.t('chat:lost')
  if (error.code === 'closed') return i18next.t('chat:closed')
  if (error.code === 'unreadable-pages') return i18next.t('chat:unreadable')
  return error.message
}

/** Rejects at once when a person stops; what was waited for goes on for itself. */
async function unlessStopped<T>(work: Promise<T>, signal: AbortSignal): Promise<T> {
  const stopped = Promise.withResolvers<never>()
  signal.addEventListener('abort', () => stopped.reject(signal.reason), { once: true })
  if (signal.aborted) stopped.reject(signal.reason)
  return Promise.race([work, stopped.promise])
}

const named = () => ({ id: crypto.randomUUID(), at: new Date().toISOString() })

function shownIn(chatId: string): { documentId?: string; chat?: Chat } {
  const { shown, chats } = useChat.getState()
  const documentId = Object.keys(shown).find(id => shown[id] === chatId)
  return { documentId, chat: chats[chatId] }
}

/** What a person set; what stands as on the first day is left to the model, which may have its own. */
export function chosen(sampling: Settings['sampling']): Partial<Settings['sampling']> {
  const usual = defaultSettings.sampling
  const keys = (Object.keys(usual) as (keyof Settings['sampling'])[]).filter(
    key => sampling[key] !== usual[key]
  )
  return Object.fromEntries(keys.map(key => [key, sampling[key]]))
}
