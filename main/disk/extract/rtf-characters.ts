/** What RTF's bytes and words mean as characters: code pages by font, words that stand for a character. */
import { decodeAs, encodingNamed, windows1252 } from '../decode/encodings'

/** Words that stand for characters. */
export const symbols: Record<string, string> = {
  tab: '\t',
  line: '\n',
  lbr: '\n',
  emdash: '—',
  endash: '–',
  lquote: '‘',
  rquote: '’',
  ldblquote: '“',
  rdblquote: '”',
  bullet: '•',
  emspace: ' ',
  enspace: ' ',
  qmspace: ' ',
  zwj: '\u200d',
  zwnj: '\u200c',
  zwbo: '\u200b',
  '~': ' ',
  _: '-'
}
Object.setPrototypeOf(symbols, null)

/** Windows' charset of a font → code page. */
export const charsetPages: Record<number, number | undefined> = {
  77: 10000, 78: 932, 79: 949, 80: 936, 81: 950, 128: 932, 129: 949, 134: 936, 136: 950, 161: 1253, 162: 1254, 163: 1258,
  177: 1255, 178: 1256, 186: 1257, 204: 1251, 222: 874, 238: 1250, 254: 437, 255: 850
} // prettier-ignore

/** A font whose letters are signs. */
export const symbolCharset = 2

const named: Record<number, string | undefined> = {
  708: 'iso-8859-6', 874: 'windows-874', 932: 'shift_jis', 936: 'gb18030', 949: 'euc-kr', 950: 'big5',
  10000: 'macintosh', 10001: 'shift_jis', 10002: 'big5', 10003: 'euc-kr', 10007: 'x-mac-cyrillic', 10008: 'gb18030',
  20127: 'windows-1252', 20866: 'koi8-r', 21866: 'koi8-u', 28591: 'iso-8859-1', 28592: 'iso-8859-2', 28595: 'iso-8859-5',
  28597: 'iso-8859-7', 50220: 'iso-2022-jp', 51932: 'euc-jp', 51949: 'euc-kr', 54936: 'gb18030', 65001: 'utf-8'
} // prettier-ignore

const encodings = new Map<number, string>()

/** Unknown code pages are read as Windows-1252. */
export function decodePage(bytes: Uint8Array, page: number): string {
  let encoding = encodings.get(page)
  if (encoding === undefined)
    encodings.set(page, (encoding = named[page] ?? encodingNamed(String(page)) ?? 'windows-1252'))
  if (encoding === 'windows-1252' || encoding === 'iso-8859-1') return windows1252(bytes)
  return decodeAs(bytes, encoding)
}
