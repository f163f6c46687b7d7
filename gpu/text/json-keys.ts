/**
 * Refuses JSON objects that name a key twice, which JSON.parse would hide by keeping the last one: two readers of
 * one safetensors file could then see two different tensors under one name. Also bounds depth and number of keys
 * before JSON.parse builds anything. It does not validate the rest of the grammar; JSON.parse does.
 */
import { broken, shown } from './json'

const quote = 0x22
const backslash = 0x5c

/** Throws broken-model for a repeated key at any depth, for depth above `depthLimit` or more than `keyLimit` keys. */
export function checkJsonKeys(text: string, what: string, depthLimit: number, keyLimit: number): void {
  const open: (Set<string> | undefined)[] = []
  let keys = 0
  let expectKey = false
  for (let at = 0; at < text.length; at++) {
    switch (text.charCodeAt(at)) {
      case 0x7b: // {
      case 0x5b: {
        // [
        const isMap = text.charCodeAt(at) === 0x7b
        open.push(isMap ? new Set() : undefined)
        if (open.length > depthLimit)
          throw broken(`${what} nests deeper than ${depthLimit} levels. It is damaged.`)
        expectKey = isMap
        break
      }
      case 0x7d: // }
      case 0x5d: // ]
        open.pop()
        expectKey = false
        break
      case 0x2c: // ,
        expectKey = open.at(-1) !== undefined
        break
      case quote: {
        const end = endOfString(text, at)
        const names = open.at(-1)
        if (expectKey && names !== undefined) {
          const name = keyAt(text, at, end, what)
          if (names.has(name)) throw broken(`${what} names ${shown(name)} twice, expected every name once.`)
          if (++keys > keyLimit) throw broken(`${what} has more than ${keyLimit} names. It is damaged.`)
          names.add(name)
          expectKey = false
        }
        at = end
      }
    }
  }
}

/** Index of the closing quote, or the text's length when it is missing (JSON.parse then refuses the text). */
function endOfString(text: string, start: number): number {
  for (let at = start + 1; at < text.length; at++) {
    const code = text.charCodeAt(at)
    if (code === backslash) at++
    else if (code === quote) return at
  }
  return text.length
}

/** The key with its escapes resolved, so that "a" and "\u0061" are the same name. */
function keyAt(text: string, start: number, end: number, what: string): string {
  const raw = text.slice(start + 1, end)
  if (!raw.includes('\\')) return raw
  try {
    return String(JSON.parse(`"${raw}"`))
  } catch (cause) {
    throw broken(
      `${what} has the malformed name ${shown(raw)}. The file is damaged; download it again.`,
      cause
    )
  }
}
