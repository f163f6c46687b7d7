/** Some words around a stretch of the text, in one line. */
interface Sliceable {
  readonly length: number
  slice(start: number, end: number): string
}

const unitsBefore = 40
const unitsAfter = 90

export function excerptAround(
  text: Sliceable,
  start: number,
  end: number
): { before: string; hit: string; after: string } {
  const before = plain(text.slice(Math.max(0, start - unitsBefore), start))
  const after = plain(text.slice(end, Math.min(text.length, end + unitsAfter)))
  // A word that is cut off says nothing; without a space near, the cut stays.
  const space = start > unitsBefore ? before.indexOf(' ') : -1
  const cut = space >= 0 && space < 16 ? before.slice(space + 1) : before
  return {
    before: start > unitsBefore ? `…${cut}` : before,
    hit: plain(text.slice(start, Math.min(end, start + unitsAfter))),
    after
  }
}

const plain = (text: string): string => text.replace(/\s+/g, ' ')
