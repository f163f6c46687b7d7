/** The way back from what was taken away. */
import i18next from 'i18next'
import type { Trashed } from '../../contract/document'
import { sentenceOf } from '../../contract/failure'
import { addNotice, dismissTrashed } from '../store/documents'
import { useChat } from '../store/chat'
import { listChats, openChat } from './chats'
import { letGoOfReading } from './read-queue'
import { currentHost } from './running-engine'
import { openDocument } from './sessions'
import { tellTrashed } from './tell-trashed'

export async function undo({ id, what, documentId }: Trashed): Promise<void> {
  dismissTrashed(id)
  try {
    // What is being read in its place stops, and gives the file free.
    if (what === 'reading' && documentId !== undefined) await letGoOfReading(documentId)
    await currentHost().restore(id)
    if (documentId === undefined) return
    if (what === 'chat') await showAgain(documentId)
    else await openDocument(documentId)
  } catch (error) {
    addNotice('refused', i18next.t('flows:notBack', { reason: sentenceOf(error) }))
  }
}

/** The conversation that came back is on the screen again, unless another one is. */
async function showAgain(documentId: string): Promise<void> {
  const before = new Set(useChat.getState().lists[documentId]?.map(({ id }) => id))
  await listChats(documentId)
  const { lists, shown } = useChat.getState()
  const back = lists[documentId]?.find(({ id }) => !before.has(id))
  if (back && !shown[documentId]) await openChat(documentId, back.id)
}

/** What a page that was closed or reloaded left to be undone. */
export async function tellTrash(): Promise<void> {
  for (const trashed of await currentHost().listTrash()) tellTrashed(trashed)
}
