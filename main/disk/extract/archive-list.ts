/** A ZIP archive's list of files, and how one of them is unpacked. Source: PKWARE's APPNOTE 6.3.10, 4.3.7 to 4.3.16. */
import type { FailureWord, Said, SaidValues } from '../../../contract/failure-words'
import { crc32, inflateRawSync } from 'node:zlib'
import { decodeStrictly } from '../decode/utf'

export interface ArchiveEntry {
  readonly name: string
  /** Bytes in the archive, and unpacked, as the list says. */
  readonly packed: number
  readonly size: number
  readonly checksum: number
  readonly method: number
  readonly isLocked: boolean
  /** Where its own head stands. */
  readonly start: number
}

const end = { signature: 0x06054b50, length: 22, longestComment: 0xffff }
const end64 = { signature: 0x06064b50, locator: 0x07064b50, locatorLength: 20 }
const entry = { signature: 0x02014b50, length: 46 }
const local = { signature: 0x04034b50, length: 30 }
const locked = 0x1
const [stored, deflated] = [0, 8]
const in64 = 0xffffffff

/** In the order of the list; a torn list is as short as it is. Undefined where there is none. */
export function entriesOf(bytes: Uint8Array): ArchiveEntry[] | undefined {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  const list = listOf(view)
  if (!list) return undefined
  const entries: ArchiveEntry[] = []
  let { at } = list
  while (at + entry.length <= bytes.length && view.getUint32(at, true) === entry.signature) {
    const [name, extra, comment] = [28, 30, 32].map(place => view.getUint16(at + place, true)) as [
      number,
      number,
      number
    ]
    const behind = at + entry.length
    const sizes = [24, 20, 42].map(place => view.getUint32(at + place, true))
    const [size, packed, start] = wideSizes(view, behind + name, extra, sizes)
    entries.push({
      name: nameOf(bytes.subarray(behind, behind + name)),
      packed: packed!,
      size: size!,
      checksum: view.getUint32(at + 16, true),
      method: view.getUint16(at + 10, true),
      isLocked: (view.getUint16(at + 8, true) & locked) !== 0,
      start: start! + list.shift
    })
    at = behind + name + extra + comment
  }
  return entries
}

/** Many programs write UTF-8 and do not say so. */
const nameOf = (bytes: Uint8Array) => decodeStrictly('utf-8', bytes) ?? Buffer.from(bytes).toString('latin1')

/** Size, packed size and place, of which those that are too large for 32 bits stand in the extra field, in this order. */
function wideSizes(
  view: DataView,
  from: number,
  length: number,
  sizes: readonly number[]
): readonly number[] {
  if (!sizes.includes(in64)) return sizes
  for (let at = from; at + 4 <= from + length && at + 4 <= view.byteLength;) {
    const fields = view.getUint16(at + 2, true)
    if (view.getUint16(at, true) === 1) {
      let place = at + 4
      return sizes.map(size => {
        if (size !== in64 || place + 8 > Math.min(at + 4 + fields, view.byteLength)) return size
        place += 8
        return Number(view.getBigUint64(place - 8, true))
      })
    }
    at += 4 + fields
  }
  return sizes
}

/** Where the list begins, and how far everything lies behind where the list says: something may stand before the archive. */
function listOf(view: DataView): { at: number; shift: number } | undefined {
  const first = Math.max(0, view.byteLength - end.length - end.longestComment)
  for (let at = view.byteLength - end.length; at >= first; at--) {
    if (view.getUint32(at, true) !== end.signature) continue
    const wide = list64(view, at)
    const said = wide?.start ?? view.getUint32(at + 16, true)
    const begins = (wide?.end ?? at) - (wide?.length ?? view.getUint32(at + 12, true))
    // The list ends where its end begins, whatever stands before the archive.
    if (isEntry(view, begins)) return { at: begins, shift: begins - said }
    if (isEntry(view, said)) return { at: said, shift: 0 }
    return { at: view.byteLength, shift: 0 }
  }
  return undefined
}

const isEntry = (view: DataView, at: number) =>
  at >= 0 && at + entry.length <= view.byteLength && view.getUint32(at, true) === entry.signature

/** Archives of the 64-bit kind have a second end before the usual one, and before that what says where it is. */
function list64(view: DataView, end: number): { start: number; length: number; end: number } | undefined {
  const locator = end - end64.locatorLength
  if (locator < 0 || view.getUint32(locator, true) !== end64.locator) return undefined
  const said = Number(view.getBigUint64(locator + 8, true))
  const at = [said, locator - 56].find(
    place => place >= 0 && place + 56 <= view.byteLength && view.getUint32(place, true) === end64.signature
  )
  if (at === undefined) return undefined
  const number = (place: number) => Number(view.getBigUint64(at + place, true))
  return { start: number(48), length: number(40), end: at }
}

/** What one file unpacks to, or what is wrong with it. Never more than its size in the list. */
export function unpacked(bytes: Uint8Array, { name, ...entry }: ArchiveEntry): Uint8Array | Said {
  const wrong = (word: FailureWord, values: SaidValues = {}): Said => ({
    name: word,
    values: { entry: name, ...values }
  })
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  const { start, packed, size } = entry
  if (entry.isLocked) return wrong('entryLocked')
  if (start < 0 || start + local.length > bytes.length || view.getUint32(start, true) !== local.signature)
    return wrong('entryMisplaced')
  const from = start + local.length + view.getUint16(start + 26, true) + view.getUint16(start + 28, true)
  if (from + packed > bytes.length) return wrong('entryShort')
  const data = bytes.subarray(from, from + packed)
  let content: Uint8Array = data
  if (entry.method === deflated)
    try {
      // zlib takes no limit of nothing.
      content = inflateRawSync(data, { maxOutputLength: Math.max(1, size) })
    } catch (error) {
      const isLonger = error instanceof Error && 'code' in error && error.code === 'ERR_BUFFER_TOO_LARGE'
      return wrong(isLonger ? 'entryLonger' : 'entryScrambled')
    }
  else if (entry.method !== stored) return wrong('entryUnknown', { method: entry.method })
  if (content.length !== size) return wrong('entryOther')
  return crc32(content) === entry.checksum ? content : wrong('entryChecksum')
}
