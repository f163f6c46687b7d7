/** The library's documents and what was read of them. */
import type { DocumentInfo, Trashed } from '../../contract/document'
import type { HostCalls } from '../../contract/host'
import type { DocumentRecord } from '../disk/document-record'
import { infoOf, recordOf, replacedBy } from './document-info'
import type { HostParts } from './parts'

type Calls = Pick<
  HostCalls,
  | 'listDocuments'
  | 'updateDocument'
  | 'touchDocument'
  | 'keepView'
  | 'removeDocument'
  | 'removeReading'
  | 'trashReading'
  | 'noteReading'
>

export function documentsCalls(parts: HostParts): Calls {
  const { library, pages, tellProblems } = parts
  return {
    async listDocuments() {
      const infos: DocumentInfo[] = []
      for (const record of await library().list()) infos.push(await infoOf(parts, record))
      tellProblems()
      return infos
    },
    async updateDocument(id, { name, group, pinned, modelId }) {
      await recordOf(parts, id)
      return changed(
        parts,
        await library().change(id, before => ({
          ...before,
          name: name ?? before.name,
          named: name !== undefined || before.named,
          group: group ?? before.group,
          pinned: pinned ?? before.pinned,
          modelId: modelId === undefined ? before.modelId : modelId || undefined
        }))
      )
    },
    async touchDocument(id) {
      await recordOf(parts, id)
      await changed(
        parts,
        await library().change(id, before => ({ ...before, usedAt: new Date().toISOString() }))
      )
    },
    removeDocument: id => removeDocument(parts, id),
    async trashReading(id, modelKey) {
      await recordOf(parts, id)
      await pages.closeAll(id, modelKey)
      const entry = await library().trashReading(id, modelKey)
      await changed(parts, await library().get(id))
      return parts.trash.added(entry)
    },
    async keepView(id, view) {
      await recordOf(parts, id)
      await library().keepView(id, view)
    },
    async removeReading(id, modelKey) {
      await recordOf(parts, id)
      await pages.closeAll(id, modelKey)
      await library().removeReading(id, modelKey)
      return changed(parts, await library().get(id))
    },
    async noteReading(id, { modelKey, ...reading }) {
      await recordOf(parts, id)
      const pageFileBytes = await library().readingBytes(id, modelKey)
      const record = await library().setReading(id, modelKey, { ...reading, pageFileBytes })
      return changed(
        parts,
        reading.state === 'complete' ? await dropReplaced(parts, record, modelKey) : record
      )
    }
  }
}

/** Into the trash, with the earlier text that it replaced. */
async function removeDocument(parts: HostParts, id: string): Promise<Trashed> {
  const { library, pages, send, watch, trash } = parts
  const hidden = await replacedBy(parts, await recordOf(parts, id))
  const all = hidden ? [hidden.id, id] : [id]
  for (const each of all) await pages.closeAll(each)
  const entry = await library().trashDocument(id, hidden ? [hidden.id] : [])
  for (const each of all) watch.forget(each)
  send('documentRemoved', id)
  return trash.added(entry)
}

async function changed(parts: HostParts, record: DocumentRecord): Promise<DocumentInfo> {
  const info = await infoOf(parts, record)
  parts.send('documentChanged', info)
  return info
}

/** A newer text that is read with this model needs nothing of the older one's reading any more. */
async function dropReplaced(
  parts: HostParts,
  record: DocumentRecord,
  modelKey: string
): Promise<DocumentRecord> {
  const { library, pages } = parts
  if (record.replaces === undefined) return record
  const hidden = await replacedBy(parts, record)
  if (hidden) {
    await pages.closeAll(hidden.id, modelKey)
    await library().removeReading(hidden.id, modelKey)
    const left = await library().get(hidden.id)
    if (Object.keys(left.readings).length > 0) return record
    await library().erase(hidden.id)
  }
  return library().change(record.id, before => ({ ...before, replaces: undefined }))
}
