/** Where passages lie, in words that differ from one another: "p. 12", "Chapter I, 3%", "at 3% of the text". */
import type { Outline } from '../../../contract/document'
import { partAt, sheetName } from '../reader/outline'

interface PlaceWords {
  /** `name`: what the document calls it. */
  page(page: number, name: string | undefined): string
  /** 0 to 1. */
  share(share: number, digits: number): string
  /** A share by itself beside an answer would be taken for how sure it is. */
  alone(share: string): string
}

/** `length` in UTF-16 units, as all offsets. Headings stand in the order of the text. */
export function placeLabels(
  starts: readonly number[],
  outline: Outline,
  length: number,
  words: PlaceWords
): string[] {
  const { headings, sheets } = outline
  const headingStarts = headings.map(({ start }) => start)
  const share = (start: number, digits: number): string =>
    words.share(length > 0 ? Math.min(1, start / length) : 0, digits)
  const labelOf = (start: number, digits?: number): string => {
    const page = sheetOf(sheets, start)
    const heading = headings[partAt(headingStarts, start)]?.title.trim()
    const parts = [
      heading && shortened(heading),
      page === undefined ? share(start, digits ?? 0) : words.page(page, sheetName(outline, page)),
      page !== undefined && digits !== undefined && share(start, digits)
    ]
    const label = parts.filter(Boolean).join(', ')
    return heading || page !== undefined ? label : words.alone(label)
  }
  const labels = starts.map(start => labelOf(start))
  return labels.map((label, at) =>
    labels.some((other, i) => i !== at && other === label) ? labelOf(starts[at], 1) : label
  )
}

/** The page, from 1, on which this offset lies; undefined before the first and where there are none. */
export const sheetOf = (sheets: readonly number[], offset: number): number | undefined =>
  partAt(sheets, offset) + 1 || undefined

/** The beginning tells chapters apart; a long one would push the page away. */
const shortened = (heading: string): string =>
  heading.length <= 40 ? heading : `${heading.slice(0, 38).trimEnd()} …`
