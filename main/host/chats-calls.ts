/** Conversations: lists, names, and the search through all of them. The conversations themselves travel by byte routes. */
import type { ChatHit } from '../../contract/chat'
import { branchOf } from '../../contract/chat-branch'
import { HostFailure } from '../../contract/failure'
import type { HostCalls } from '../../contract/host'
import { recordOf } from './document-info'
import type { HostParts } from './parts'

const mostHits = 200
/** Characters of an excerpt before the first word that was found, and in all. */
const [before, whole] = [40, 160]

export function chatsCalls(
  parts: HostParts
): Pick<HostCalls, 'listChats' | 'renameChat' | 'deleteChat' | 'searchChats'> {
  const { library, tellProblems } = parts
  return {
    async listChats(documentId) {
      await recordOf(parts, documentId)
      const chats = await library().listChats(documentId)
      tellProblems()
      return chats.map(chat => {
        const { id, title, createdAt, updatedAt } = chat
        return { id, title, createdAt, updatedAt, messages: branchOf(chat).length }
      })
    },
    async renameChat(documentId, chatId, title) {
      await recordOf(parts, documentId)
      await library().writeChat(documentId, { ...(await library().readChat(documentId, chatId)), title })
    },
    async deleteChat(documentId, chatId) {
      await recordOf(parts, documentId)
      const entry = await library()
        .trashChat(documentId, chatId)
        .catch(async error => {
          if (!(error instanceof HostFailure) || error.code === 'bad-request') throw error
          // Never saved, or damaged: then what there is of it goes for good.
          await library().deleteChat(documentId, chatId)
          return undefined
        })
      return entry ? parts.trash.added(entry) : null
    },
    async searchChats(words) {
      const wanted = folded(words).split(/\s+/).filter(Boolean)
      if (wanted.length === 0) return []
      const hits: { readonly hit: ChatHit; readonly at: string }[] = []
      for (const { id: documentId } of await library().list())
        for (const { id: chatId, title, messages } of await library().listChats(documentId))
          for (const [i, { id: messageId, content, at }] of messages.entries()) {
            // A title stands for the conversation: its first message is shown.
            const found = hasAll(content, wanted) || (i === 0 && hasAll(title, wanted))
            if (found)
              hits.push({
                hit: { documentId, chatId, title, messageId, excerpt: excerptOf(content, wanted) },
                at
              })
          }
      tellProblems()
      hits.sort((a, b) => (a.at < b.at ? 1 : -1))
      return hits.slice(0, mostHits).map(({ hit }) => hit)
    }
  }
}

const folded = (text: string) => text.normalize('NFKC').toLowerCase()

function hasAll(text: string, words: readonly string[]): boolean {
  const all = folded(text)
  return words.every(word => all.includes(word))
}

function excerptOf(text: string, words: readonly string[]): string {
  // Folding may change lengths by a little; an excerpt need not begin at the exact character.
  const at = Math.max(
    0,
    Math.min(...words.map(word => folded(text).indexOf(word)).filter(place => place >= 0))
  )
  const start = Number.isFinite(at) ? Math.max(0, at - before) : 0
  // A surrogate whose other half was cut off is no character.
  const part = text
    .slice(start, start + whole)
    .replace(/^[\udc00-\udfff]|[\ud800-\udbff]$/g, '')
    .replace(/\s+/g, ' ')
    .trim()
  return `${start > 0 ? '…' : ''}${part}${start + whole < text.length ? '…' : ''}`
}
