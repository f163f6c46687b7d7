/** A record on disk as the page sees it: what can be measured is measured. */
import type { DocumentInfo, Reading } from '../../contract/document'
import type { DocumentRecord } from '../disk/document-record'
import { extractorVersion } from '../disk/extract/document'
import { isDocumentId, unknown } from '../disk/documents'
import type { HostParts } from './parts'

type Parts = Pick<HostParts, 'library' | 'watch'>

export async function infoOf({ library, watch }: Parts, record: DocumentRecord): Promise<DocumentInfo> {
  const readings: Reading[] = []
  for (const [modelKey, reading] of Object.entries(record.readings)) {
    const pageFileBytes = await library().readingBytes(record.id, modelKey)
    // Without its file a reading is a note about something that is gone.
    if (pageFileBytes === 0) continue
    const { modelName, tokens, read, state, limit, updatedAt } = reading
    readings.push({ modelKey, modelName, tokens, read, state, limit, updatedAt, pageFileBytes })
  }
  const hidden = await replacedBy({ library }, record)
  const {
    id,
    name,
    kind,
    size,
    characters,
    textDigest,
    addedAt,
    group,
    pinned,
    modelId,
    sheets,
    notes,
    encoding,
    extractor = 1,
    replaces
  } = record
  return {
    id,
    name,
    kind,
    size,
    characters,
    textDigest,
    addedAt,
    usedAt: record.usedAt ?? addedAt,
    group,
    pinned,
    modelId,
    sheets,
    notes,
    encoding,
    isEncodingChosen: record.isEncodingChosen === true || record.origin?.encoding !== undefined,
    isOlderText: extractor < extractorVersion,
    replaces,
    file: await watch.stateOf(record),
    bytes: (await library().bytesOf(id)) + (hidden ? await library().bytesOf(hidden.id) : 0),
    readings,
    view: await library().view(id)
  }
}

/** The document whose place this one took, as long as it is kept for its readings. */
export async function replacedBy(
  { library }: Pick<HostParts, 'library'>,
  { id, replaces }: DocumentRecord
): Promise<DocumentRecord | undefined> {
  if (replaces === undefined) return undefined
  const earlier = await library()
    .get(replaces)
    .catch(() => undefined)
  return earlier?.replacedBy === id ? earlier : undefined
}

/** Rejects with not-found for what is no document's whole id, or is shown nowhere. */
export async function recordOf({ library }: Pick<HostParts, 'library'>, id: string): Promise<DocumentRecord> {
  const record = isDocumentId(id) ? await library().get(id) : undefined
  if (record === undefined || record.replacedBy !== undefined) throw unknown(id.slice(0, 80))
  return record
}
