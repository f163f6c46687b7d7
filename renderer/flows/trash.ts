/** The way back from what was taken away. */
import i18next from 'i18next'
import type { Trashed } from '../../contract/document'
import { sentenceOf } from '../../contract/failure'
import type { Host } from '../../contract/host'
import { useChat } from '../store/chat'
import { addNotice, dismissTrashed } from '../store/documents'
import type { Chats } from './chats'
import type { ManageDocuments } from './manage-documents'
import type { Sessions } from './sessions'
import { tellTrashed } from './tell-trashed'

export class Trash {
  constructor(
    private readonly host: () => Host,
    private readonly documents: ManageDocuments,
    private readonly sessions: Sessions,
    private readonly chats: Chats
  ) {}

  async undo({ id, what, documentId }: Trashed): Promise<void> {
    dismissTrashed(id)
    try {
      // What is being read in its place stops, and gives the file free.
      if (what === 'reading' && documentId !== undefined) await this.documents.releasePages(documentId)
      await this.host().restore(id)
      if (documentId === undefined) return
      if (what === 'chat') await this.showAgain(documentId)
      else await this.sessions.show(documentId)
    } catch (error) {
      addNotice('refused', i18next.t('flows:notBack', { reason: sentenceOf(error) }))
    }
  }

  /** What a page that was closed or reloaded left to be undone. */
  async tellLeft(): Promise<void> {
    for (const trashed of await this.host().listTrash()) tellTrashed(trashed)
  }

  /** The conversation that came back is on the screen again, unless another one is. */
  private async showAgain(documentId: string): Promise<void> {
    const before = new Set(useChat.getState().lists[documentId]?.map(({ id }) => id))
    await this.chats.list(documentId)
    const { lists, shown } = useChat.getState()
    const back = lists[documentId]?.find(({ id }) => !before.has(id))
    if (back && !shown[documentId]) await this.chats.open(documentId, back.id)
  }
}
