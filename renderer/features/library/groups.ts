/** The library in order: groups by name, those without one last; inside, as a person chose. */
import type { DocumentInfo } from '../../../contract/document'
import type { Settings } from '../../../contract/settings'

export interface Group {
  /** Empty: documents without a group. */
  readonly name: string
  readonly ids: readonly string[]
}

export const sorts = ['date', 'name', 'size'] as const satisfies readonly Settings['librarySort'][]

/** "Report 2" before "Report 10". */
const byName = new Intl.Collator(undefined, { numeric: true, sensitivity: 'base' })

/** Ids. `newest`: ids, newest first; what is alike otherwise stays in that order. */
export function sorted(
  newest: readonly string[],
  documents: Readonly<Record<string, DocumentInfo>>,
  by: Settings['librarySort']
): readonly string[] {
  if (by === 'date') return newest
  const compare = (a: DocumentInfo | undefined, b: DocumentInfo | undefined): number =>
    by === 'name' ? byName.compare(a?.name ?? '', b?.name ?? '') : (b?.size ?? 0) - (a?.size ?? 0)
  return newest.toSorted((a, b) => compare(documents[a], documents[b]))
}

/** What the list depends on, as a string that stays equal while nothing of it changes: progress does not draw it again. */
export const listKey = (
  order: readonly string[],
  documents: Readonly<Record<string, DocumentInfo>>
): string => JSON.stringify(order.map(id => [id, documents[id]?.name ?? '', documents[id]?.group ?? '']))

export function groupsOf(key: string, words: string): Group[] {
  const rows = JSON.parse(key) as [id: string, name: string, group: string][]
  const wanted = words.trim().toLocaleLowerCase()
  const byName = new Map<string, string[]>()
  for (const [id, name, group] of rows) {
    if (!`${name} ${group}`.toLocaleLowerCase().includes(wanted)) continue
    byName.set(group, [...(byName.get(group) ?? []), id])
  }
  return [...byName]
    .map(([name, ids]) => ({ name, ids }))
    .sort((a, b) => Number(a.name === '') - Number(b.name === '') || a.name.localeCompare(b.name))
}

export const groupNames = (documents: readonly DocumentInfo[]): string[] =>
  [...new Set(documents.map(({ group }) => group))].filter(name => name !== '').sort()
