/** Whether decoded characters, or the first bytes of a file, can be a text. */
// Text holds next to no control characters besides white space, form feed, backspace, escape and the old end-of-file mark; of random
// bytes every tenth one would be such a character.
const mostControls = 1 / 200
const isControl = (unit: number) => unit < 8 || (unit > 13 && unit < 0x20 && unit !== 0x1a && unit !== 0x1b)

export function isText(text: string): boolean {
  let control = 0
  for (let i = 0; i < text.length; i++) {
    const unit = text.charCodeAt(i)
    if (isControl(unit) || (unit >= 0x7f && unit < 0xa0)) control++
  }
  return control <= text.length * mostControls
}

/** Bytes that are one text in some byte encoding: the same of bytes, of which those above 0x7f may be anything. A run of NULs counts once. */
export function isByteText(bytes: Uint8Array): boolean {
  let control = 0
  let nuls = 0
  for (let i = 0; i < bytes.length; i++) {
    const byte = bytes[i]!
    if (byte === 0) {
      nuls++
      if (bytes[i - 1] !== 0) control++
    } else if (isControl(byte) || byte === 0x7f) control++
  }
  const rest = bytes.length - nuls
  // One hole in a text of some lines; of a few bytes nothing can be told.
  return rest > 0 && control <= Math.max(nuls > 0 && rest >= 64 ? 1 : 0, rest * mostControls)
}
