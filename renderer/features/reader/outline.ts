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

/** What the document calls its page `sheet`, counted from 1; undefined: by that number. */
export function sheetName({ sheetNames }: Outline, sheet: number): string | undefined {
  const name = sheetNames?.[sheet - 1]
  return name === String(sheet) ? undefined : name
}

/** Levels from 1 on, whatever the outermost of this document is. */
export function levelsOf(headings: Outline['headings']): number[] {
  const outermost = headings.reduce((least, { level }) => Math.min(least, level), Infinity)
  return headings.map(({ level }) => level - outermost + 1)
}

interface Section {
  readonly title: string
  /** 1 is the outermost that occurs. */
  readonly level: number
  readonly start: number
  readonly sheet?: number
}

/** What the side list shows: headings where there are any, else printed pages. `isFiles`: the outermost are paths. */
export function sectionsOf(
  { headings, sheets }: Outline,
  sheetTitle: (sheet: number) => string,
  isFiles = false
): Section[] {
  if (headings.length === 0)
    return sheets.map((start, index) => ({ title: sheetTitle(index + 1), level: 1, start }))
  const levels = levelsOf(headings)
  if (isFiles) return treeOf(headings.map(({ title, start }, i) => ({ title, start, level: levels[i]! })))
  return headings.map(({ title, start }, index) => ({
    title,
    level: levels[index]!,
    start,
    ...(sheets.length > 0 ? { sheet: Math.max(1, partAt(sheets, start) + 1) } : {})
  }))
}

/** Paths become folders and the files in them; headings inside a file stay below it. */
function treeOf(sections: readonly Section[]): Section[] {
  const tree: Section[] = []
  let open: string[] = []
  for (const section of sections) {
    if (section.level > 1) {
      tree.push({ ...section, level: section.level + open.length })
      continue
    }
    const folders = section.title.split('/')
    const file = folders.pop()!
    const common = folders.findIndex((folder, i) => folder !== open[i])
    const first = common < 0 ? folders.length : common
    for (const [i, folder] of folders.entries())
      if (i >= first) tree.push({ title: `${folder}/`, level: i + 1, start: section.start })
    open = folders
    tree.push({ title: file, level: folders.length + 1, start: section.start })
  }
  return tree
}
