/** What the bytes of a PDF tell where PDFium does not: a lost table of places, damaged pages, layers of its parts. */
import { inflateSync } from 'node:zlib'

const latin1 = (bytes: Uint8Array) => Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length)

/**
 * The same file with a trailer that names its catalogue, for files whose end is lost; where the catalogue or the tree of pages is lost
 * too, new ones. Undefined: there is nothing to build on.
 */
export function withTrailer(bytes: Uint8Array): Uint8Array | undefined {
  const text = latin1(bytes).toString('latin1')
  let catalog: string | undefined
  let tree: string | undefined
  const pages: string[] = []
  let highest = 0
  const object = /(?:^|[\s>])(\d{1,8}) (\d{1,5}) obj\b/g
  const starts = [...text.matchAll(object)]
  starts.forEach((found, i) => {
    const [, number, generation] = found as unknown as [string, string, string]
    highest = Math.max(highest, Number(number))
    const end = Math.min(starts[i + 1]?.index ?? text.length, found.index + 65_536)
    const body = text.slice(found.index, end).replace(/stream[\s\S]*$/, '')
    const reference = `${number} ${generation} R`
    if (/\/Type\s*\/Catalog\b/.test(body) && /\/Pages\b/.test(body)) catalog = reference
    else if (/\/Type\s*\/Pages\b/.test(body) && !/\/Parent\b/.test(body)) tree = reference
    else if (/\/Type\s*\/Page\b/.test(body)) pages.push(reference)
  })
  if (catalog === undefined && tree === undefined && pages.length === 0) return undefined
  let added = '\n'
  if (catalog === undefined) {
    if (tree === undefined) {
      tree = `${++highest} 0 R`
      added += `${highest} 0 obj\n<</Type/Pages/Count ${pages.length}/Kids[${pages.join(' ')}]>>\nendobj\n`
    }
    catalog = `${++highest} 0 R`
    added += `${highest} 0 obj\n<</Type/Catalog/Pages ${tree}>>\nendobj\n`
  }
  added += `trailer\n<</Size ${highest + 1}/Root ${catalog}>>\n%%EOF\n`
  return Buffer.concat([latin1(bytes), Buffer.from(added, 'latin1')])
}

/** Parts that are drawn by name can be in a layer; their dictionaries are never packed. */
export const hasLayeredForms = (bytes: Uint8Array): boolean =>
  /\/OC[\s<\d]/.test(latin1(bytes).toString('latin1'))

/** Whether the contents of the page whose object has this number cannot be unpacked. False where that cannot be told. */
export function hasBrokenContents(bytes: Uint8Array, pageObject: number): boolean {
  const file = latin1(bytes)
  const page = objectAt(file, pageObject)
  if (page === undefined) return false
  const dictionary = file.toString('latin1', page, page + 4096).split('endobj')[0]!
  const contents = /\/Contents\s*\[?\s*((?:\d+ \d+ R\s*)+)/.exec(dictionary)?.[1]
  if (contents === undefined) return false
  const parts = [...contents.matchAll(/(\d+) \d+ R/g)].map(([, number]) => Number(number))
  return parts.length > 0 && parts.slice(0, 50).some(number => isBrokenStream(file, number))
}

function isBrokenStream(file: Buffer, number: number): boolean {
  const at = objectAt(file, number)
  if (at === undefined) return true
  const start = file.indexOf('stream', at, 'latin1')
  const dictionary = file.toString('latin1', at, Math.min(start, at + 4096))
  if (start === -1 || dictionary.includes('endobj')) return true
  const length = Number(/\/Length\s+(\d+)(?!\s+\d+\s+R)/.exec(dictionary)?.[1] ?? 0)
  if (length > 1 << 24 || !/^[^[]*\/Filter\s*\[?\s*\/(FlateDecode|Fl)\b/.test(dictionary)) return false
  const from = start + (file[start + 6] === 0x0d ? 8 : 7)
  try {
    inflateSync(file.subarray(from, from + length), { maxOutputLength: 1 << 26 })
    return false
  } catch {
    return length > 0
  }
}

/** Where the last object of this number begins. */
function objectAt(file: Buffer, number: number): number | undefined {
  const head = `${number} 0 obj`
  for (let at = file.lastIndexOf(head, undefined, 'latin1'); at !== -1;) {
    const before = at === 0 ? 0x0a : file[at - 1]!
    if (before < 0x30 || before > 0x39) return at
    if (at === 0) return undefined
    at = file.lastIndexOf(head, at - 1, 'latin1')
  }
  return undefined
}
