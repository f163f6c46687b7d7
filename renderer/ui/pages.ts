/** How long a text is in pages, which readers think in. Tokens are for tooltips. */
import i18next from 'i18next'
import { grouped } from './format'

/** What is known of a text's length. */
interface Length {
  /** UTF-16 units. */
  readonly characters: number
  /** Pages of the printed original, where it has any. */
  readonly sheets?: number
}

/** The German norm page; some 300 English words. */
const pageCharacters = 1800

/** Counted where there are printed pages; else estimated, with two figures that mean something. */
export function pagesOf({ characters, sheets }: Length): number {
  if (sheets !== undefined) return sheets
  const pages = characters / pageCharacters
  const step = 10 ** Math.max(0, Math.floor(Math.log10(Math.max(1, pages))) - 1)
  return Math.max(1, Math.round(pages / step) * step)
}

/** "60 pages", "about 3,600 pages". */
export const pageWords = (length: Length): string =>
  i18next.t(length.sheets === undefined ? 'library:aboutPages' : 'library:sheets', { count: pagesOf(length) })

/** "about 12 of 60 pages", "less than 1 of 60 pages": a part, told in tokens, of the whole. */
export function partWords(length: Length, tokens: number, total: number): string {
  const count = pagesOf(length)
  const part = total > 0 ? Math.round((count * tokens) / total) : 0
  if (part === 0 && tokens > 0) return i18next.t('library:partBelow', { count })
  return i18next.t('library:partPages', { part: grouped(Math.min(part, count)), count })
}
