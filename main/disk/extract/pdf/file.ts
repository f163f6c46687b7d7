/** What the bytes of a PDF tell where PDFium does not: a lost table of places, damaged pages, layers of its parts. */
import { inflateSync } from 'node:zlib'

const bufferOf = (bytes: Uint8Array) => Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length)

/** "12 0 obj" with what may stand before it and one character behind it. */
const objectHead = /(?:^|[\s>])(\d{1,8}) (\d{1,5}) obj\b/

/** The heads of all objects that lie unpacked. A large file is no string: bytes are looked through. */
function objectsIn(file: Buffer): { number: string; generation: string; at: number }[] {
  const found = []
  for (let at = file.indexOf(' obj', 0, 'latin1'); at !== -1; at = file.indexOf(' obj', at + 4, 'latin1')) {
    const head = objectHead.exec(file.toString('latin1', Math.max(0, at - 15), at + 5))
    if (head) found.push({ number: head[1]!, generation: head[2]!, at })
  }
  return found
}

/**
 * The same file with a trailer that names its catalogue, for files whose end is lost; where the catalogue or the tree of pages is lost
 * too, new ones. Undefined: there is nothing to build on.
 */
export function withTrailer(bytes: Uint8Array): Uint8Array | undefined {
  const file = bufferOf(bytes)
  let catalog: string | undefined
  let tree: string | undefined
  const pages: string[] = []
  let highest = 0
  const objects = objectsIn(file)
  objects.forEach(({ number, generation, at }, i) => {
    highest = Math.max(highest, Number(number))
    const body = file
      .toString('latin1', at, Math.min(objects[i + 1]?.at ?? file.length, at + 65_536))
      .replace(/stream[\s\S]*$/, '')
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
  return Buffer.concat([file, Buffer.from(added, 'latin1')])
}

/** Parts that are drawn by name can be in a layer; their dictionaries are never packed. */
export function hasLayeredForms(bytes: Uint8Array): boolean {
  const file = bufferOf(bytes)
  for (let at = file.indexOf('/OC', 0, 'latin1'); at !== -1; at = file.indexOf('/OC', at + 3, 'latin1'))
    if (/[\s<\d]/.test(file.toString('latin1', at + 3, at + 4))) return true
  return false
}

/** Whether the contents of the page whose object has this number cannot be unpacked. False where that cannot be told. */
export function hasBrokenContents(bytes: Uint8Array, pageObject: number): boolean {
  const file = bufferOf(bytes)
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
