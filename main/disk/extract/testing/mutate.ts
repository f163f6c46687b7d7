/** Files that are nearly right: the damage that copying, cutting and bad programs do, in an order that a seed fixes. */
import { unzipSync } from 'fflate'
import { makeZip } from './make-archives'

/** 0 to below 1; the same numbers for the same seed. */
export function numbersOf(seed: number): () => number {
  let state = seed >>> 0
  return () => {
    state = (state + 0x6d2b79f5) >>> 0
    let t = Math.imul(state ^ (state >>> 15), state | 1)
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61)
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32
  }
}

/** What parsers trip over. */
const tokens = ['<', '>', '/>', '</', '{', '}', '\\', "\\'", '\\u-1?', '\\bin99999999 ', '&#x110000;', '&a;', '<![CDATA[', '<!--', '"', '%', ' obj<<', '\0', '\ufeff', '\ud83d', '9'.repeat(40), '-1', '=\n', '<w:p>', '<table><tr><td rowspan=65534>', 'endstream'] // prettier-ignore

/** `bytes` with one to four changes. */
function changed(bytes: Uint8Array, next: () => number): Uint8Array {
  let now = Buffer.from(bytes)
  const at = (below: number) => Math.floor(next() * Math.max(1, below))
  for (let changes = 1 + at(4); changes > 0; changes--) {
    const from = at(now.length)
    const to = Math.min(now.length, from + 1 + at(next() < 0.5 ? 8 : now.length / 4))
    const piece = now.subarray(from, to)
    const parts = [
      () => [now.subarray(0, from), now.subarray(to)],
      () => [now.subarray(0, from)],
      () => [now.subarray(0, to), piece, now.subarray(to)],
      () => [
        now.subarray(0, to),
        ...Array<Buffer>(2 + at(60)).fill(piece.subarray(0, 2000)),
        now.subarray(to)
      ],
      () => [now.subarray(0, from), Buffer.from(tokens[at(tokens.length)]!), now.subarray(from)],
      () => [now.subarray(0, from), Buffer.from(piece.map(() => at(256))), now.subarray(to)],
      () => [now.subarray(0, from), Buffer.from(piece.map(byte => byte ^ (1 << at(8)))), now.subarray(to)],
      () => [now.subarray(0, from), Buffer.from(piece).reverse(), now.subarray(to)],
      () => [now.subarray(0, from), Buffer.alloc(4, 0xff), now.subarray(Math.min(now.length, from + 4))],
      () => [now.subarray(to), now.subarray(0, to)]
    ]
    now = Buffer.concat(parts[at(parts.length)]!())
  }
  return now
}

/** Of an archive mostly a file in it is changed, packed anew: a checksum would find any other damage. */
export function mutated(bytes: Uint8Array, next: () => number): Uint8Array {
  if (bytes[0] !== 0x50 || bytes[1] !== 0x4b || next() < 0.2) return changed(bytes, next)
  let files: Record<string, Uint8Array>
  try {
    files = unzipSync(bytes)
  } catch {
    return changed(bytes, next)
  }
  const names = Object.keys(files)
  for (let changes = next() < 0.7 ? 1 : 3; changes > 0; changes--) {
    const name = names[Math.floor(next() * names.length)]!
    if (next() < 0.05) files = Object.fromEntries(Object.entries(files).filter(([each]) => each !== name))
    else files[name] = changed(files[name] ?? new Uint8Array(), next)
  }
  return makeZip(files)
}
