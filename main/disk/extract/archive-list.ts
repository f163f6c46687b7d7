/** The checksums in a ZIP archive's list of files, which fflate does not look at. Source: PKWARE's APPNOTE 6.3.10, 4.3.12 to 4.3.16. */
import { strFromU8 } from 'fflate'

const end = { signature: 0x06054b50, length: 22, longestComment: 0xffff }
const entry = { signature: 0x02014b50, length: 46 }
const isUtf8 = 0x800

/** CRC-32 of what each file unpacks to, by name; of several of one name the last, as fflate gives it. A torn list is as short as it is. */
export function checksumsOf(bytes: Uint8Array): Map<string, number> {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  const found = new Map<string, number>()
  let at = listOf(view)
  while (at + entry.length <= bytes.length && view.getUint32(at, true) === entry.signature) {
    const [name, extra, comment] = [28, 30, 32].map(place => view.getUint16(at + place, true)) as [
      number,
      number,
      number
    ]
    const start = at + entry.length
    const latin1 = (view.getUint16(at + 8, true) & isUtf8) === 0
    found.set(strFromU8(bytes.subarray(start, start + name), latin1), view.getUint32(at + 16, true))
    at = start + name + extra + comment
  }
  return found
}

/** Where the list begins; in archives of the 64-bit kind a record before the last one says so. */
function listOf(view: DataView): number {
  const first = Math.max(0, view.byteLength - end.length - end.longestComment)
  for (let at = view.byteLength - end.length; at >= first; at--) {
    if (view.getUint32(at, true) !== end.signature) continue
    const start = view.getUint32(at + 16, true)
    if (start !== 0xffffffff || at < 20) return start
    const record = Number(view.getBigUint64(at - 12, true))
    return record + 56 <= view.byteLength ? Number(view.getBigUint64(record + 48, true)) : view.byteLength
  }
  return view.byteLength
}
