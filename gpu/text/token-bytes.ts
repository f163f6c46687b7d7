/**
 * What a token stands for in UTF-8. Byte-level BPE writes each byte as one printable character; other tokenizers
 * write text with marks for spaces ("▁"), for raw bytes ("<0x0A>") or for the inside of a word ("##").
 * Source: `bytes_to_unicode` of openai/gpt-2 src/encoder.py.
 */

/** Printable Latin-1 stands for itself; the 68 other bytes are numbered from U+0100 on, in order. */
const byteOfCharacter: ReadonlyMap<number, number> = new Map(
  (() => {
    let next = 0x100
    return Array.from({ length: 256 }, (_, byte): [number, number] => {
      const printable = (byte >= 0x21 && byte <= 0x7e) || (byte >= 0xa1 && byte <= 0xac) || byte >= 0xae
      return [printable ? byte : next++, byte]
    })
  })()
)

/** The bytes of a byte-level token; undefined when it holds a character outside of the byte alphabet. */
export function byteLevelBytes(token: string): Uint8Array | undefined {
  const bytes = new Uint8Array(token.length)
  for (let at = 0; at < token.length; at++) {
    const byte = byteOfCharacter.get(token.charCodeAt(at))
    if (byte === undefined) return undefined
    bytes[at] = byte
  }
  return bytes
}

/** The bytes that a token of any other tokenizer most likely stands for; used for alignment only. */
export function surfaceBytes(token: string): Uint8Array {
  const raw = /^<0x([0-9A-Fa-f]{2})>$/.exec(token)
  if (raw !== null) return Uint8Array.of(Number.parseInt(raw[1]!, 16))
  const text = token.startsWith('##') && token.length > 2 ? token.slice(2) : token
  return new TextEncoder().encode(text.replaceAll('\u2581', ' ').replace(/<\/w>$/, ''))
}
