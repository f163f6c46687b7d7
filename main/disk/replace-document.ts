/**
 * A file has changed: the document of its new text takes the old one's place. The old one's text and readings stay, hidden,
 * because the unchanged beginning need not be read again; of several such ancestors the one that was read furthest stays.
 */
import type { DocumentRecord } from './document-record'
import type { Library } from './library'

/** Returns the new record, and the ids of documents that are not needed any more and are erased. */
export async function replaceDocument(
  library: Library,
  old: DocumentRecord,
  nextId: string,
  release: (id: string) => Promise<void>
): Promise<{ next: DocumentRecord; gone: string[] }> {
  const all = await library.all()
  const ancestors = all.filter(
    each =>
      each.id !== nextId && (each.id === old.id || (each.id === old.replaces && each.replacedBy === old.id))
  )
  const [furthest, ...others] = ancestors.sort((a, b) => reach(b) - reach(a))
  const keep = furthest && reach(furthest) > 0 ? furthest : undefined
  const next = await library.change(nextId, before => ({
    ...before,
    name: old.name,
    named: old.named,
    group: old.group,
    pinned: old.pinned,
    modelId: old.modelId,
    addedAt: old.addedAt,
    replacedBy: undefined,
    replaces: keep?.id
  }))
  await library.moveChats(old.id, nextId)
  if (keep) await library.change(keep.id, before => ({ ...before, replacedBy: nextId, replaces: undefined }))
  const gone = (keep ? others : ancestors).map(({ id }) => id)
  for (const id of gone) {
    await release(id)
    await library.erase(id)
  }
  return { next, gone }
}

const reach = ({ readings }: DocumentRecord) =>
  Math.max(0, ...Object.values(readings).map(({ read }) => read))
