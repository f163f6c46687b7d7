/** Which characters a piece of a regular expression takes: exact, by asking the engine that will run it. */

/** Half-open ranges of places in `everything`, in order. */
export type CharacterSet = readonly (readonly [start: number, end: number])[]

/** All code points, once; lone surrogates last, in an order in which no two of them make a pair. 2 MB, made when first needed. */
let everything: string | undefined
function allCharacters(): string {
  if (everything !== undefined) return everything
  const parts: string[] = []
  const add = (from: number, to: number): void => {
    for (let at = from; at < to; at += 4096)
      parts.push(
        String.fromCodePoint(...Array.from({ length: Math.min(4096, to - at) }, (_, index) => at + index))
      )
  }
  add(0, 0xd800)
  add(0xe000, 0x110000)
  add(0xdc00, 0xe000)
  add(0xd800, 0xdc00)
  return (everything = parts.join(''))
}

/** `source` takes exactly one character. Some 10 ms. */
export function setOf(source: string, flags: string): CharacterSet {
  const text = allCharacters()
  const ranges: [number, number][] = []
  const unicode = /[uv]/.test(flags) ? flags : `${flags}u`
  const pattern = new RegExp(`(?:${source})+`, unicode.replace(/[gy]/g, '') + 'g')
  for (const { index, 0: run } of text.matchAll(pattern)) ranges.push([index, index + run.length])
  return ranges
}

export function intersection(a: CharacterSet, b: CharacterSet): CharacterSet {
  const common: [number, number][] = []
  for (let i = 0, j = 0; i < a.length && j < b.length;) {
    const start = Math.max(a[i]![0], b[j]![0])
    const end = Math.min(a[i]![1], b[j]![1])
    if (start < end) common.push([start, end])
    if (a[i]![1] < b[j]![1]) i++
    else j++
  }
  return common
}

export function union(sets: readonly CharacterSet[]): CharacterSet {
  const all = sets.flat().sort((a, b) => a[0] - b[0])
  const merged: [number, number][] = []
  for (const [start, end] of all) {
    const last = merged.at(-1)
    if (last && start <= last[1]) last[1] = Math.max(last[1], end)
    else merged.push([start, end])
  }
  return merged
}

/** About 2,000 from everywhere: all of Latin, and each script of some size. */
const sample = [
  ...Array.from({ length: 0x250 }, (_, code) => code),
  ...Array.from({ length: 0x2db }, (_, index) => 0x250 + 0x11 * index),
  ...Array.from({ length: 0x2a0 }, (_, index) => 0x3300 + 0x47 * index).filter(code => code < 0xd800),
  ...Array.from({ length: 0x100 }, (_, index) => 0xe000 + 0x101 * index)
].map(code => String.fromCodePoint(code))

/** One or two of the characters that `source` takes. */
export function someOf(source: string, flags: string): string[] {
  const pattern = new RegExp(`^(?:${source})$`, flags.replace(/[gy]/g, ''))
  const found = sample.filter(character => pattern.test(character))
  const [first] = found
  if (first !== undefined) return [...new Set([first, found[found.length >> 1]!])]
  const [range] = setOf(source, flags)
  return range ? [String.fromCodePoint(allCharacters().codePointAt(range[0])!)] : []
}
