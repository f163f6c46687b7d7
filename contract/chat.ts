/** Conversations about a document. Messages form a tree: an edited or repeated question begins another branch. */

/** A stretch of the document's text in UTF-16 offsets, end exclusive. */
export interface Passage {
  readonly start: number
  readonly end: number
  /** Share of the attention that the answer paid to the document, 0 to 1. */
  readonly score: number
  readonly text: string
}

export interface ChatMessage {
  readonly id: string
  /** The message it follows; absent: it begins a branch. */
  readonly parent?: string
  readonly role: 'user' | 'assistant'
  readonly content: string
  /** ISO 8601. */
  readonly at: string
  /** The rest belongs to answers. */
  readonly state?: 'answered' | 'stopped' | 'cut' | 'repeated' | 'interrupted' | 'failed'
  readonly reason?: string
  readonly modelName?: string
  /** Tokens of the document that the model had in view, of how many; limited: a person said that reading shall end there;
   * answeredFrom: the question was looked up in them, and the answer's words looked at so many of these. */
  readonly inView?: {
    readonly tokens: number
    readonly total: number
    readonly limited?: boolean
    readonly answeredFrom?: number
  }
  /** Of the text that sources and quotations point into: the file may have changed since. */
  readonly textDigest?: string
  readonly sources?: readonly Passage[]
  readonly quotations?: readonly {
    readonly text: string
    readonly verified: boolean
    readonly start?: number
    readonly end?: number
  }[]
  /** Of the model, 0 to 1 (gpu/certainty.ts); absent in conversations of earlier versions. */
  readonly certainty?: number
  /** The certainty below which this model's answers are more often wrong than right; absent: it states none. */
  readonly border?: number
  /** Of a question for it: how often these words stand in the whole text, by exact search, case ignored. */
  readonly counted?: { readonly words: string; readonly places: number }
  readonly firstTokenSeconds?: number
  readonly tokensPerSecond?: number
}

export interface Chat {
  readonly id: string
  readonly title: string
  readonly modelKey: string
  readonly messages: readonly ChatMessage[]
  /** The last message of the branch that is shown; absent: the newest message. */
  readonly leaf?: string
  readonly createdAt: string
  readonly updatedAt: string
}

export type ChatInfo = Pick<Chat, 'id' | 'title' | 'createdAt' | 'updatedAt'> & {
  /** Those that a person sees: of the branch that is shown. */
  readonly messages: number
}

export interface ChatHit {
  readonly documentId: string
  readonly chatId: string
  readonly title: string
  readonly messageId: string
  /** Some words around the hit. */
  readonly excerpt: string
}

/** State of an answer by how its making ended. */
export const answerStates = {
  end: 'answered',
  length: 'cut',
  aborted: 'stopped',
  loop: 'repeated'
} as const satisfies Record<string, ChatMessage['state']>

/** What a further question is told of a branch: its questions that have an answer, and these. */
export function historyOf(
  branch: readonly Pick<ChatMessage, 'role' | 'content' | 'state'>[]
): { role: 'user' | 'assistant'; content: string }[] {
  return branch.flatMap((answer, index) => {
    const question = branch[index - 1]
    if (answer.role !== 'assistant' || question?.role !== 'user') return []
    if (answer.content.trim() === '' || answer.state === 'failed') return []
    return [
      { role: 'user' as const, content: question.content },
      { role: 'assistant' as const, content: answer.content }
    ]
  })
}
