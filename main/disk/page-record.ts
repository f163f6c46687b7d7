/**
 * Bytes of the page file: the header in front of each record, the first record, and the walk that
 * finds all whole records. The rules P1… are in page-file.md.
 */
import { randomUUID } from 'node:crypto'
import { readSync } from 'node:fs'
import { crc32 } from 'node:zlib'
import { z } from 'zod'

/** The same shapes as in gpu's page store. */
export type PageIdentity = Readonly<Record<string, string | number>>
export type RecordKind = 'tokens' | 'page' | 'carry' | 'seal'

export interface StoredRecord {
  readonly kind: RecordKind
  readonly length: number
  /** Where its header starts. */
  readonly at: number
  readonly crc: number
}

export interface Head {
  readonly identity: PageIdentity
  /** The first record's whole payload: two files of one identity still differ in it (P3). */
  readonly payload: Buffer
}

/** [kind u32 as four letters][length u64][CRC-32 of the payload u32][CRC-32 of the header u32], little-endian. */
export const headerLength = 20
const codes: Record<RecordKind | 'head', string> = {
  head: 'HEAD',
  tokens: 'TOKN',
  page: 'PAGE',
  carry: 'CARY',
  seal: 'SEAL'
}
const kinds = new Map(Object.entries(codes).map(([kind, code]) => [code, kind as RecordKind | 'head']))
const format = 1
// A first record is some hundred bytes; a length beyond this is damage, and is not allocated.
const longestHead = 1 << 20

export function encodeHeader(
  kind: RecordKind | 'head',
  length: number,
  crc: number,
  at: number,
  salt: number
): Buffer {
  const header = Buffer.alloc(headerLength)
  header.write(codes[kind], 'latin1')
  header.writeBigUInt64LE(BigInt(length), 4)
  header.writeUInt32LE(crc, 12)
  header.writeUInt32LE(headerCrc(header, at, salt), 16)
  return header
}

// P4: place and file go into the checksum, so that a header is only valid where it was written.
function headerCrc(header: Buffer, at: number, salt: number): number {
  const place = Buffer.alloc(8)
  place.writeBigUInt64LE(BigInt(at))
  return crc32(header.subarray(0, 16), crc32(place, salt))
}

interface Header {
  readonly kind: RecordKind | 'head'
  readonly length: number
  readonly crc: number
}

/** Undefined when there is no whole and undamaged record at `at`, as far as its header tells. */
function readHeader(fd: number, at: number, fileLength: number, salt: number): Header | undefined {
  const header = Buffer.alloc(headerLength)
  if (at + headerLength > fileLength || readSync(fd, header, 0, headerLength, at) < headerLength)
    return undefined
  const kind = kinds.get(header.toString('latin1', 0, 4))
  const length = Number(header.readBigUInt64LE(4))
  if (kind === undefined || header.readUInt32LE(16) !== headerCrc(header, at, salt)) return undefined
  if (length > fileLength - at - headerLength) return undefined
  return { kind, length, crc: header.readUInt32LE(12) }
}

/** The first record of a new file. */
export function encodeHead(identity: PageIdentity): { head: Head; bytes: Buffer[] } {
  for (const [field, value] of Object.entries(identity))
    if (typeof value === 'number' && !Number.isFinite(value))
      throw new Error(`page file: identity ${field} is ${value}`)
  const payload = Buffer.from(`readonce pages ${format}\n${canonical(identity)}\n${randomUUID()}\n`)
  return {
    head: { identity, payload },
    bytes: [encodeHeader('head', payload.length, crc32(payload), 0, 0), payload]
  }
}

const canonical = (identity: PageIdentity) =>
  JSON.stringify(Object.fromEntries(Object.entries(identity).sort(([a], [b]) => (a < b ? -1 : 1))))

/** Undefined when this is not a page file of our format, for whatever reason (P5). */
export function readHead(fd: number, fileLength: number): Head | undefined {
  const header = readHeader(fd, 0, fileLength, 0)
  if (header?.kind !== 'head' || header.length > longestHead) return undefined
  const payload = Buffer.alloc(header.length)
  if (readSync(fd, payload, 0, header.length, headerLength) < header.length || crc32(payload) !== header.crc)
    return undefined
  const [title, identity] = payload.toString('utf8').split('\n')
  if (title !== `readonce pages ${format}` || identity === undefined) return undefined
  try {
    return {
      identity: z.record(z.string(), z.union([z.string(), z.number()])).parse(JSON.parse(identity)),
      payload
    }
  } catch {
    return undefined
  }
}

/** What ties all other records to this file. */
export const saltOf = (head: Head) => crc32(head.payload)

/** Names of the fields that are not the same, in order. */
export const differences = (a: PageIdentity, b: PageIdentity) =>
  [...new Set([...Object.keys(a), ...Object.keys(b)])].filter(field => a[field] !== b[field]).sort()

/**
 * All whole records behind the first one, and where the last of them ends. Only headers are read: 6 µs each when
 * the file is cached (8,512 records in 48 ms), so 4 GB in pages of 1 MiB open in some 25 ms (P6).
 */
export function walk(fd: number, fileLength: number, head: Head): { records: StoredRecord[]; end: number } {
  const salt = saltOf(head)
  const records: StoredRecord[] = []
  let at = headerLength + head.payload.length
  for (;;) {
    const header = readHeader(fd, at, fileLength, salt)
    if (header === undefined || header.kind === 'head') return { records, end: at }
    records.push({ kind: header.kind, length: header.length, crc: header.crc, at })
    at += headerLength + header.length
  }
}
