/** JSON → text: kept to the letter, but letters that it writes as escapes stand as themselves; of a notebook its cells. */
import { failureSaying } from '../../../contract/failure'
import type { DecodeHow } from '../decode-text'
import { type Extraction, noteSaying } from './document'
import { readNotebook } from './notebook'
import { readPlain } from './plain'

/** `name` is for the sentences, and tells a notebook. */
export async function readJson(bytes: Uint8Array, name: string, how: DecodeHow = {}): Promise<Extraction> {
  const plain = await readPlain(bytes, name, 'json', how)
  const notebook = /\.ipynb$/i.test(name) ? readNotebook(plain) : undefined
  if (notebook && /\S/.test(notebook.text)) return notebook
  if (notebook) throw failureSaying('empty-document', 'whiteSpace', { name })
  const { text, count } = withLetters(plain.text)
  return count === 0
    ? plain
    : { ...plain, text, notes: [...plain.notes, noteSaying('converter', 'escapes', { count })] }
}

/** A model sees six signs for each escaped letter. Those of ASCII stay: they are quotes, backslashes and controls. */
function withLetters(json: string): { text: string; count: number } {
  let count = 0
  if (!json.includes('\\u')) return { text: json, count }
  const text = json.replace(/\\(?:u([\da-fA-F]{4})|.)/gs, (all, hex: string | undefined, at: number) => {
    if (hex === undefined) return all
    const unit = Number.parseInt(hex, 16)
    // Controls, and what cannot be seen, stay told apart.
    if (unit < 0xa1 || unit === 0xad || unit === 0xfeff || (unit >= 0x2000 && unit <= 0x200f) || (unit >= 0x2028 && unit <= 0x202f)) return all // prettier-ignore
    if (unit >= 0xd800 && unit <= 0xdfff) {
      const isHigh = unit < 0xdc00
      const other = isHigh ? /^\\u[dD][c-fC-F][\da-fA-F]{2}/.exec(json.slice(at + 6, at + 12)) : /\\u[dD][89abAB][\da-fA-F]{2}$/.exec(json.slice(Math.max(0, at - 6), at)) // prettier-ignore
      if (!other) return all
      if (!isHigh) return String.fromCharCode(unit)
    }
    count++
    return String.fromCharCode(unit)
  })
  return { text, count }
}
