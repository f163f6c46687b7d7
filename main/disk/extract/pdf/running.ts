/** Running heads, feet and page numbers: found by what comes back at the same place of other pages. */
import { romanValue } from '../list-numbers'
import type { Line } from './layout'

export interface Sheet {
  readonly blocks: readonly (readonly Line[])[]
  /** Height as shown, and where its top lies in the lines' places. */
  readonly top: number
  readonly bottom: number
  /** What the document calls it. */
  readonly label: string
}

/** By page: the lines that are not part of the text. */
export function runningLines(sheets: readonly Sheet[]): ReadonlySet<Line>[] {
  const found = sheets.map(() => new Set<Line>())
  for (const edge of ['top', 'bottom'] as const)
    // A head may have two lines; the second is looked for below the first.
    for (let depth = 0; depth < 2; depth++) {
      const candidates = sheets.map((sheet, i) => outermost(sheet, edge, found[i]!, depth))
      const running = comesBack(candidates, sheets)
      if (running.size === 0) break
      candidates.forEach((line, i) => {
        if (line && running.has(i)) for (const each of line) found[i]!.add(each)
      })
    }
  return found
}

/** The lines on the outermost baseline, of those that stand in the outer sixth of the page. */
function outermost(
  { blocks, top, bottom }: Sheet,
  edge: 'top' | 'bottom',
  taken: ReadonlySet<Line>,
  depth: number
): Line[] | undefined {
  const lines = blocks.flat().filter(line => !taken.has(line))
  if (lines.length === 0 || taken.size < depth) return undefined
  const y = edge === 'top' ? Math.min(...lines.map(line => line.y)) : Math.max(...lines.map(line => line.y))
  const height = bottom - top
  if (edge === 'top' ? y > top + 0.17 * height : y < bottom - 0.17 * height) return undefined
  const found = lines.filter(line => Math.abs(line.y - y) < 0.4 * line.size)
  // A page must have a text, of which it is no part.
  return found.length < lines.length || taken.size > 0 ? found : undefined
}

const textOf = (lines: readonly Line[]) => lines.map(line => line.text).join(' ')
const roman = /^[ivxlcdm]+$/i

/** Numbers count as one sign: pages are numbered. */
const keyOf = (text: string) =>
  text
    .replace(/\s+/g, ' ')
    .trim()
    .split(' ')
    .map(word => (roman.test(word) && word === word.toLowerCase() ? '#' : word.replace(/\d+/g, '#')))
    .join(' ')

/** Indices of the pages whose candidate comes back elsewhere. */
function comesBack(candidates: readonly (Line[] | undefined)[], sheets: readonly Sheet[]): Set<number> {
  const same = new Map<string, number[]>()
  const places = new Map<number, number>()
  candidates.forEach((lines, i) => {
    if (!lines) return
    const text = textOf(lines)
    if (text.length > 160) return
    const key = keyOf(text)
    const all = same.get(key)
    if (all) all.push(i)
    else same.set(key, [i])
  })
  const running = new Set<number>()
  for (const [key, pages] of same) {
    const isNumber = /^[^\p{L}]*#[^\p{L}]*$/u.test(key)
    const numbered = pages.filter(i => isNumber && countsUp(candidates, i, pages, sheets))
    const here = isNumber ? numbered : pages.filter(i => standsAlike(candidates, i, pages))
    if (here.length >= Math.min(3, Math.max(2, sheets.length)) || (here.length === 2 && sheets.length <= 6))
      for (const i of here) running.add(i)
  }
  for (const i of running) {
    const y = Math.round(candidates[i]![0]!.y)
    places.set(y, (places.get(y) ?? 0) + 1)
  }
  // A head that stands but once (that of a short chapter), on the very line where others stand.
  candidates.forEach((lines, i) => {
    if (!lines || running.has(i) || textOf(lines).length > 100) return
    const y = Math.round(lines[0]!.y)
    const mates = [y - 1, y, y + 1].reduce((sum, place) => sum + (places.get(place) ?? 0), 0)
    const mate = [...running].find(j => Math.abs(candidates[j]![0]!.y - lines[0]!.y) < 1.5)
    const isAlike = mate !== undefined && Math.abs(candidates[mate]![0]!.size - lines[0]!.size) < 0.3
    if (mates >= 3 && mates * 3 > sheets.length && isAlike && isSetApart(sheets[i]!, lines)) running.add(i)
  })
  return running
}

/** Stands at the same height as another of the same words, in the same size. */
function standsAlike(
  candidates: readonly (Line[] | undefined)[],
  i: number,
  pages: readonly number[]
): boolean {
  const own = candidates[i]![0]!
  let alike = 0
  for (const j of pages) {
    const other = candidates[j]![0]!
    if (
      j !== i &&
      Math.abs(other.y - own.y) < 0.5 * own.size &&
      Math.abs(other.size - own.size) < 0.1 * own.size
    )
      alike++
    if (alike > 0) return true
  }
  return false
}

/** A number that rises as the pages do, or is what the document calls the page. */
function countsUp(
  candidates: readonly (Line[] | undefined)[],
  i: number,
  pages: readonly number[],
  sheets: readonly Sheet[]
): boolean {
  const numberOf = (k: number) => {
    const text = textOf(candidates[k]!).trim()
    const [digits] = /\d+/.exec(text) ?? []
    return digits === undefined ? romanValue(text.replace(/[^\p{L}]/gu, '')) : Number(digits)
  }
  const own = numberOf(i)
  const text = textOf(candidates[i]!).replace(/[^\p{L}\d]/gu, '')
  if (sheets[i]!.label !== '' && text === sheets[i]!.label) return true
  return pages.some(j => j !== i && Math.abs(j - i) < 12 && numberOf(j) - own === j - i)
}

/** More room to its neighbour than lines of the text have between each other. */
function isSetApart({ blocks }: Sheet, lines: readonly Line[]): boolean {
  const own = lines[0]!
  const others = blocks.flat().filter(line => !lines.includes(line))
  return others.every(line => Math.abs(line.y - own.y) > 1.6 * own.size)
}
