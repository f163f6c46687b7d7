/** The library in order: groups by name, those without one last; inside, newest first. */
import type { DocumentInfo } from '../../../contract/document'

export interface Group {
  /** Empty: documents without a group. */
  readonly name: string
  readonly ids: readonly string[]
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
