/** What a person may do with a document besides reading it: rename it, take its changed file, remove it or what was read of it. */
import type { DocumentInfo } from '../../contract/document'
import type { Encoding } from '../../contract/encodings'
import type { Host, RefreshOptions } from '../../contract/host'
import { dropDocument, putDocument, useDocuments } from '../store/documents'
import { useView } from '../store/view'
import type { AddDocument } from './add-document'
import type { Sessions } from './sessions'
import { sendFiles } from './send-files'
import { tellTrashed } from './tell-trashed'

export class ManageDocuments {
  constructor(
    private readonly host: () => Host,
    private readonly sessions: Sessions,
    private readonly adding: AddDocument
  ) {}

  async update(
    id: string,
    change: Partial<Pick<DocumentInfo, 'name' | 'group' | 'pinned'>> & { modelId?: string }
  ): Promise<void> {
    if (change.modelId === undefined) return putDocument(await this.host().updateDocument(id, change))
    // What is being read goes on with the model that it began with, so another one means another reading.
    await this.adding.queue.stop('pause', id)
    // A plan that is shown, or is being made, is that of another model.
    const { name } = useDocuments.getState().activity[id] ?? {}
    const isPlanned = name === 'planning' || name === 'planned'
    if (isPlanned) this.adding.leaveQueue(id)
    try {
      putDocument(await this.host().updateDocument(id, change))
    } finally {
      if (isPlanned) void this.adding.plan(id)
    }
  }

  /** The file changed on disk: its new text takes the place of the old one, and only what differs is read. */
  async refresh(id: string, how?: { encoding: Encoding }): Promise<void> {
    await this.adding.queue.stop('pause', id)
    this.adding.leaveQueue(id)
    await this.sessions.close(id)
    const next = await this.host().refreshDocument(id, await this.withFile(id, how))
    this.adding.sent.move(id, next.id)
    putDocument(next)
    if (useView.getState().documentId === id) await this.sessions.show(next.id)
    if (next.id !== id) await this.adding.plan(next.id)
  }

  /** What the host cannot reach is sent again. */
  private async withFile(id: string, how?: { encoding: Encoding }): Promise<RefreshOptions | undefined> {
    const sent = this.adding.sent.of(id)
    const { file } = useDocuments.getState().documents[id] ?? {}
    if (!sent || file === 'same' || file === 'changed') return how
    return { ...how, ...sent.how, drop: await sendFiles(this.host(), sent.picked) }
  }

  /** Whether another encoding can be chosen: the file can be read once more. */
  canReadAgain({ id, file }: DocumentInfo): boolean {
    return file === 'same' || file === 'changed' || this.adding.sent.of(id) !== undefined
  }

  async remove(id: string): Promise<void> {
    await this.adding.queue.stop('remove', id)
    this.adding.leaveQueue(id)
    await this.sessions.close(id)
    const trashed = await this.host().removeDocument(id)
    dropDocument(id)
    tellTrashed(trashed)
    if (useView.getState().documentId === id) useView.setState({ documentId: undefined, place: undefined })
  }

  /** Puts what was read with one model into the trash. */
  async removeReading(id: string, modelKey: string): Promise<void> {
    await this.releasePages(id)
    tellTrashed(await this.host().trashReading(id, modelKey))
  }

  /** Nothing of ours holds its page files any more. */
  async releasePages(id: string): Promise<void> {
    await this.adding.queue.stop('pause', id)
    await this.sessions.close(id)
  }
}
