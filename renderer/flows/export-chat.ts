/** A conversation as a file: Markdown holds the branch that is shown, JSON all of them. */
import i18next from 'i18next'
import { trustOf } from '../../contract/certainty'
import type { Chat, ChatMessage } from '../../contract/chat'
import type { DocumentInfo } from '../../contract/document'
import { branchOf } from '../store/chat-tree'
import { coverageOf } from '../store/coverage'
import { useDocuments } from '../store/documents'
import { supportOf } from '../store/support'

type Named = Pick<DocumentInfo, 'id' | 'name' | 'textDigest'>

/** Offers the file as a download. */
export function exportChat(documentId: string, chat: Chat, format: 'markdown' | 'json'): void {
  const about = useDocuments.getState().documents[documentId]
  if (!about) return
  const [text, type, ending] =
    format === 'markdown'
      ? [markdownOf(chat, about), 'text/markdown', 'md']
      : [jsonOf(chat, about), 'application/json', 'json']
  const link = document.createElement('a')
  link.href = URL.createObjectURL(new Blob([text], { type }))
  link.download = `${fileName(about.name, chat.title)}.${ending}`
  link.click()
  // A download that has begun keeps the data itself.
  setTimeout(() => URL.revokeObjectURL(link.href), 60_000)
}

/** The document's name without its ending, and the title; nothing that a file system refuses. */
export function fileName(document: string, title: string): string {
  const stem = document.replace(/\.[^.\s]{1,5}$/, '')
  const allowed = `${stem} - ${title}`.replace(/[\p{Cc}<>:"/\\|?*]+/gu, ' ').replace(/\s+/g, ' ')
  // Windows also refuses a dot or a space at the end.
  return allowed.slice(0, 100).replace(/^[\s.]+|[\s.]+$/g, '')
}

export function jsonOf(chat: Chat, { id, name, textDigest }: Named): string {
  return `${JSON.stringify({ document: { id, name, textDigest }, ...chat }, null, 2)}\n`
}

export function markdownOf(chat: Chat, { name }: Named): string {
  const head = `# ${chat.title}\n\n${i18next.t('chat:export.document', { name })}\n`
  return [head, ...branchOf(chat).map(message => section(message))].join('\n')
}

function section(message: ChatMessage): string {
  if (message.role === 'user') return `## ${i18next.t('chat:you')}\n\n${message.content}\n`
  const parts = [`## ${message.modelName ?? i18next.t('chat:answer')}`]
  const { counted } = message
  if (counted) parts.push(i18next.t('chat:exact.places', { count: counted.places, words: counted.words }))
  parts.push(message.content.trim())
  if (trustOf(message) === 'unsure') parts.push(`*${i18next.t('chat:trust.unsureAlone')}*`)
  if (message.state && message.state !== 'answered')
    parts.push(`*${i18next.t(`chat:state.${message.state}`)}*`)
  if (message.reason) parts.push(message.reason)
  if (message.inView) {
    const [coverage, { answeredFrom }] = [coverageOf(message.inView), message.inView]
    if (coverage.name !== 'whole' || answeredFrom === undefined)
      parts.push(`*${i18next.t(`chat:coverage.${coverage.name}`, { ...coverage })}*`)
    if (answeredFrom !== undefined)
      parts.push(`*${i18next.t('chat:coverage.found', { ...message.inView, answeredFrom })}*`)
  }
  const sources = supportOf(message)
  if (sources.length > 0) parts.push(i18next.t('chat:sources.title'), passages(sources))
  return `${parts.filter(part => part !== '').join('\n\n')}\n`
}

const passages = (sources: NonNullable<ChatMessage['sources']>): string =>
  sources
    .map(({ text }, index) => `${index + 1}. > ${text.trim().replace(/\s*\n\s*/g, '\n   > ')}`)
    .join('\n')
