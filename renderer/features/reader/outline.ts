/** Where in its outline an offset lies. Offsets are UTF-16 units of the text. */
import { type ByteAddress, documentOutline } from '../../../contract/bytes'
import type { Outline } from '../../../contract/document'
import { firstFrom } from '../../search/count-while'

export const emptyOutline: Outline = { headings: [], sheets: [] }

export async function fetchOutline(
  { at, headers }: ByteAddress,
  documentId: string,
  signal: AbortSignal
): Promise<Outline> {
  const response = await fetch(at + documentOutline(documentId), { headers, signal })
  if (response.ok) return (await response.json()) as Outline
  await response.body?.cancel()
  return emptyOutline
}

/** Index of the last part that begins at or before `offset`; -1: it lies before the first. */
export function partAt(starts: readonly number[], offset: number): number {
  return firstFrom(starts, starts.length, offset + 1) - 1
}

/** Levels from 1 on, whatever the outermost of this document is. */
export function levelsOf(headings: Outline['headings']): number[] {
  const outermost = headings.reduce((least, { level }) => Math.min(least, level), Infinity)
  return headings.map(({ level }) => level - outermost + 1)
}

export interface Section {
  readonly title: string
  /** 1 is the outermost that occurs. */
  readonly level: number
  readonly start: number
  readonly sheet?: number
}

/** What the side list shows: headings where there are any, else printed pages. */
export function sectionsOf({ headings, sheets }: Outline, sheetTitle: (sheet: number) => string): Section[] {
  if (headings.length === 0)
    return sheets.map((start, index) => ({ title: sheetTitle(index + 1), level: 1, start }))
  const levels = levelsOf(headings)
  return headings.map(({ title, start }, index) => ({
    title,
    level: levels[index]!,
    start,
    ...(sheets.length > 0 ? { sheet: Math.max(1, partAt(sheets, start) + 1) } : {})
  }))
}
