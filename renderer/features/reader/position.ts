/** Where in a document somebody is, and where "12" or "45%" would take them. */
import { partAt } from './outline'

export type Position =
  | { readonly name: 'sheet'; readonly sheet: number; readonly sheets: number }
  | { readonly name: 'line'; readonly line: number; readonly lines: number }
  | { readonly name: 'percent'; readonly percent: number }

export const sheetPosition = (sheets: readonly number[], offset: number): Position => ({
  name: 'sheet',
  // What stands before the first printed page is taken for a part of it.
  sheet: Math.max(1, partAt(sheets, offset) + 1),
  sheets: sheets.length
})

export const percentPosition = (offset: number, length: number): Position => ({
  name: 'percent',
  percent: length === 0 ? 0 : Math.min(100, Math.round((offset / length) * 100))
})

/** A page by its name or a count from 1 to `most`, or a percentage; nothing where it is neither. */
export function parsePlace(
  typed: string,
  most: number,
  names: readonly string[] = []
): { readonly count: number } | { readonly share: number } | undefined {
  const wanted = typed.trim().toLowerCase()
  const named = names.findIndex(name => name.toLowerCase() === wanted)
  if (named !== -1) return { count: named + 1 }
  const percent = /^\s*(\d{1,3}(?:[.,]\d{1,6})?)\s*%\s*$/.exec(typed)
  if (percent) {
    const share = Number(percent[1]!.replace(',', '.')) / 100
    return share <= 1 ? { share } : undefined
  }
  // Groups of digits may be written as people read them: "1,204", "1.204", "1 204".
  const digits = typed.trim().replace(/(?<=\d)[.,'’\s](?=\d{3}(?:\D|$))/g, '')
  if (!/^\d{1,12}$/.test(digits)) return undefined
  const count = Number(digits)
  return count >= 1 && count <= most ? { count } : undefined
}
