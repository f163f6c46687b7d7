/**
 * Names of encodings and decoding by them. Byte encodings are decoded by iconv-lite: Node's own TextDecoder reads windows-1252 as
 * Latin-1 in some releases and has holes in gbk, big5 and euc-kr, and knows no DOS code pages.
 */
import iconv from 'iconv-lite'
import { TextDecoder } from 'node:util'
import { eastAsian, wholeSequences } from './sequences'

/** Labels that neither the WHATWG standard nor iconv-lite maps to the encoding that is meant by them. */
const meant: Record<string, string | undefined> = {
  gbk: 'gb18030',
  cp936: 'gb18030',
  '936': 'gb18030',
  cp932: 'shift_jis',
  shift_jis_2004: 'shift_jis',
  'euc-jis-2004': 'euc-jp',
  cp949: 'euc-kr',
  uhc: 'euc-kr',
  ms949: 'euc-kr',
  cp950: 'big5',
  big5hkscs: 'big5',
  cp874: 'windows-874',
  'iso-8859-8-i': 'iso-8859-8',
  'iso2022-jp-2': 'iso-2022-jp',
  'iso2022-jp-2004': 'iso-2022-jp',
  'iso2022-jp-ext': 'iso-2022-jp',
  hz: 'hz',
  'hz-gb-2312': 'hz',
  macroman: 'macintosh',
  'mac-roman': 'macintosh',
  'mac-cyrillic': 'x-mac-cyrillic',
  maccyrillic: 'x-mac-cyrillic'
}

/** The name used here for a label as files, fonts and detectors write it; undefined: an encoding that is not known. */
export function encodingNamed(label: string): string | undefined {
  const name = label
    .trim()
    .toLowerCase()
    .replace(/^(?:iso-)?latin-(\d)/, 'latin$1')
  const known = meant[name]
  if (known !== undefined) return known
  const dos = /^(?:ibm|cp|dos-?|pc)?-?(437|737|775|85[0-9]|86[0-9])$/.exec(name)?.[1]
  if (dos !== undefined) return iconv.encodingExists(`cp${dos}`) ? `ibm${dos}` : undefined
  const windows = /^(?:cp|windows-?|win|ms-?ansi-?)?(125[0-8]|874)$/.exec(name)?.[1]
  if (windows !== undefined) return `windows-${windows}`
  if (/^(mac|x-mac|iso-?8859-?)[\w-]*$/.test(name) && iconv.encodingExists(name.replace(/^x-/, '')))
    return whatwg(name) ?? name.replace(/^iso-?8859-?/, 'iso-8859-')
  const standard = whatwg(name)
  if (standard === undefined || /^x-user|^replacement/.test(standard)) return undefined
  return meant[standard] ?? standard
}

function whatwg(label: string): string | undefined {
  try {
    return new TextDecoder(label).encoding
  } catch {
    return undefined
  }
}

/**
 * Never fails: what is no character becomes U+FFFD. `name` as `encodingNamed` gives it. A byte order mark at the start goes where it
 * is one of this encoding.
 */
export function decodeAs(bytes: Uint8Array, name: string): string {
  if (/^(utf-|iso-2022-jp$|macintosh$)/.test(name)) return new TextDecoder(name).decode(bytes)
  if (name === 'windows-1252') return windows1252(bytes)
  if (name === 'hz') return decodeAs(withoutEscapes(bytes), 'gb18030')
  const codec = name === 'x-mac-cyrillic' ? 'maccyrillic' : name.replace(/^ibm/, 'cp')
  return iconv.decode(Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length), codec, { stripBOM: false })
}

/** HZ: 7-bit GB 2312 between ~{ and ~}, each byte without its highest bit; "~~" is a tilde, "~" before a line end nothing. */
function withoutEscapes(bytes: Uint8Array): Uint8Array {
  const out: number[] = []
  let isChinese = false
  for (let i = 0; i < bytes.length; i++) {
    const byte = bytes[i]!
    const next = bytes[i + 1]
    if (byte === 0x7e && next === 0x7b) [isChinese, i] = [true, i + 1]
    else if (byte === 0x7e && next === 0x7d) [isChinese, i] = [false, i + 1]
    else if (byte === 0x7e && next === 0x0a && !isChinese) i++
    else if (byte === 0x7e && next === 0x7e && !isChinese) out.push(bytes[i++]!)
    else {
      if (byte === 0x0a) isChinese = false
      out.push(isChinese && byte > 0x20 ? byte | 0x80 : byte)
    }
  }
  return Uint8Array.from(out)
}

// The five places that the encoding leaves open stay control characters.
const high = '€\u0081‚ƒ„…†‡ˆ‰Š‹Œ\u008dŽ\u008f\u0090‘’“”•–—˜™š›œ\u009džŸ'

export function windows1252(bytes: Uint8Array): string {
  const latin1 = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).toString('latin1')
  return latin1.replace(/[\u0080-\u009f]/g, unit => high[unit.charCodeAt(0) - 0x80]!)
}

/** In East Asian encodings a wrong byte shifts all that follows it; here it costs one character. */
export function decodeDamaged(bytes: Uint8Array, name: string): string {
  const text = decodeAs(bytes, name)
  if (replacedIn(text) === 0 || !eastAsian.includes(name)) return text
  const { whole } = wholeSequences(bytes, name)
  const starts = whole.length > 0 && whole[0]!.byteOffset === bytes.byteOffset ? '' : '\ufffd'
  const last = whole.at(-1)
  const ends = last && last.byteOffset + last.length === bytes.byteOffset + bytes.length ? '' : '\ufffd'
  const mended =
    starts + whole.map(part => decodeAs(part, name)).join('\ufffd') + (whole.length > 0 ? ends : '')
  return replacedIn(mended) <= replacedIn(text) ? mended : text
}

export const replacedIn = (text: string): number => {
  let replaced = 0
  for (let at = -1; (at = text.indexOf('\ufffd', at + 1)) !== -1;) replaced++
  return replaced
}
