/**
 * A page store in memory with the promises of the one on disk, for tests: what a crash leaves (`history`), what a bad
 * disk does (`damage`), what a full one does (`failAt`). Payloads are copied late, so that a caller who reuses a
 * buffer before its append has returned is caught.
 */
import type { PageIdentity, PageStore, RecordKind, SavedPages } from '../kv/page-store'

export interface StoredRecord {
  readonly kind: RecordKind
  readonly payload: Uint8Array
  readonly damaged?: boolean
}

/** What lies on disk at one moment. */
export interface Disk {
  readonly identity: PageIdentity | undefined
  readonly records: readonly StoredRecord[]
  /** `behind`: how many records it counts on. */
  readonly checkpoint: { readonly payload: Uint8Array; readonly behind: number } | undefined
}

const recordHeader = 20
const nothing: Disk = { identity: undefined, records: [], checkpoint: undefined }

export class MemoryStore implements PageStore {
  /** The disk after each change: a process may be killed between any two. */
  readonly history: Disk[] = []
  /** The change, counted from 0, that fails as on a full disk. */
  failAt = Infinity
  private opened = false

  constructor(public disk: Disk = nothing) {}

  /** The same disk in another process. */
  again(): MemoryStore {
    return new MemoryStore(this.disk)
  }

  damage(index: number): void {
    this.disk = {
      ...this.disk,
      records: this.disk.records.map((r, i) => (i === index ? { ...r, damaged: true } : r))
    }
  }

  loseCheckpoint(): void {
    this.disk = { ...this.disk, checkpoint: undefined }
  }

  /** Indexes of the records of one kind. */
  of(kind: RecordKind): number[] {
    return this.disk.records.flatMap((record, index) => (record.kind === kind ? [index] : []))
  }

  async open(identity: PageIdentity): Promise<SavedPages> {
    await later()
    this.opened = false
    const { identity: own, records, checkpoint } = this.disk
    if (own === undefined) return { state: 'absent' }
    const differs = [...new Set([...Object.keys(own), ...Object.keys(identity)])].filter(
      field => own[field] !== identity[field]
    )
    if (differs.length > 0) return { state: 'foreign', differs }
    this.opened = true
    if (checkpoint && checkpoint.behind > records.length) this.loseCheckpoint()
    const saved = records.map(({ kind, payload }) => ({ kind, length: payload.length }))
    return { state: records.at(-1)?.kind === 'seal' ? 'complete' : 'partial', records: saved }
  }

  async begin(identity: PageIdentity): Promise<void> {
    await this.change(() => ({ identity: { ...identity }, records: [], checkpoint: undefined }))
    this.opened = true
  }

  async read(index: number, into: Uint8Array): Promise<boolean> {
    this.needsOpen('read')
    await later()
    const { payload, damaged } = this.disk.records[index]!
    if (payload.length !== into.length) throw new Error(`memory store: record ${index} has another length`)
    into.set(payload)
    if (damaged) into[into.length >> 1]! ^= 0x40
    return !damaged
  }

  async append(kind: Exclude<RecordKind, 'seal'>, ...payload: Uint8Array[]): Promise<void> {
    this.needsOpen('append', true)
    await this.change(disk => ({ ...disk, records: [...disk.records, { kind, payload: joined(payload) }] }))
  }

  async cut(index: number): Promise<void> {
    this.needsOpen('cut')
    if (index > this.disk.records.length) throw new Error(`memory store: cut at record ${index}`)
    await this.change(({ identity, records, checkpoint }) => ({
      identity,
      records: records.slice(0, index),
      checkpoint: checkpoint && checkpoint.behind <= index ? checkpoint : undefined
    }))
  }

  async keepCheckpoint(...payload: Uint8Array[]): Promise<void> {
    this.needsOpen('keepCheckpoint', true)
    await this.change(disk => ({
      ...disk,
      checkpoint: { payload: joined(payload), behind: disk.records.length }
    }))
  }

  async checkpoint(): Promise<Uint8Array | undefined> {
    await later()
    // A part of something larger, of a class whose slice does not copy: as what was read from a file in Node.
    const { checkpoint } = this.disk
    return checkpoint && Buffer.concat([Buffer.from('prefix'), checkpoint.payload]).subarray(6)
  }

  async seal(): Promise<void> {
    this.needsOpen('seal')
    if (this.disk.records.at(-1)?.kind !== 'seal')
      await this.change(disk => ({
        ...disk,
        records: [...disk.records, { kind: 'seal', payload: new Uint8Array() }]
      }))
    await this.change(disk => ({ ...disk, checkpoint: undefined }))
  }

  get bytes(): number {
    const records = this.disk.records.reduce((sum, { payload }) => sum + recordHeader + payload.length, 0)
    return records + (this.disk.checkpoint?.payload.length ?? 0)
  }

  async close(): Promise<void> {
    this.opened = false
  }

  private async change(make: (disk: Disk) => Disk): Promise<void> {
    await later()
    if (this.history.length >= this.failAt) throw new Error('memory store: the disk is full')
    this.disk = make(this.disk)
    this.history.push(this.disk)
  }

  private needsOpen(action: string, unsealed = false): void {
    if (!this.opened) throw new Error(`memory store: ${action} before open or begin`)
    if (unsealed && this.disk.records.at(-1)?.kind === 'seal')
      throw new Error(`memory store: ${action} after seal`)
  }
}

const later = () => new Promise(resolve => setImmediate(resolve))

function joined(parts: readonly Uint8Array[]): Uint8Array {
  const whole = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0))
  let at = 0
  for (const part of parts) {
    whole.set(part, at)
    at += part.length
  }
  return whole
}
