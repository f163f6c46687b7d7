/**
 * What was read of one document with one model, kept between runs: an append-only list of records in
 * one file, and a checkpoint beside it. It implements gpu's `PageStore` by shape. What a payload means
 * is not known here; lengths, checksums, order and durability are. The rules P1… are in page-file.md.
 */
import { SerialQueue } from '../../contract/serial-queue'
import { type FileHandle, open, stat } from 'node:fs/promises'
import { dirname } from 'node:path'
import { crc32 } from 'node:zlib'
import { makeFolder, writeAtomically } from './atomic-write'
import {
  adoptEarlier,
  changedAt,
  dropCheckpoint,
  dropCheckpointBehind,
  makeDurable,
  readCheckpoint,
  writeCheckpoint
} from './checkpoint'
import { takeLock } from './file-lock'
import { codeOf, readFailure, writeFailure } from './io-failure'
import {
  differences,
  encodeHead,
  encodeHeader,
  type Head,
  headerLength,
  type PageIdentity,
  readHead,
  type RecordKind,
  saltOf,
  type StoredRecord,
  walk
} from './page-record'
import { checkpointFile, earlierCheckpointFiles, lockFile, unflushedCheckpointFile } from './paths'
import { writeParts } from './write-parts'

export type SavedPages =
  | { readonly state: 'absent' }
  | { readonly state: 'foreign'; readonly differs: readonly string[] }
  | {
      readonly state: 'partial' | 'complete'
      readonly records: readonly { kind: RecordKind; length: number }[]
    }

/** A durable checkpoint is due after this many milliseconds, and after this many times what the last one took (P11). */
const durable = { every: 1000, patience: 20 }

/** Something was asked for that this page file cannot do as it stands: a mistake of the caller's. */
export class PageFileMisuse extends Error {
  constructor(message: string) {
    super(`page file: ${message}`)
    this.name = 'PageFileMisuse'
  }
}

/** A page file that is open and ours. */
interface Open {
  readonly handle: FileHandle
  readonly head: Head
  readonly records: StoredRecord[]
  /** Where the last whole record ends. */
  end: number
  /** Something was written since the last fdatasync. */
  dirty: boolean
}

export class PageFile {
  private file: Open | undefined
  private release: (() => Promise<void>) | undefined
  private checkpointLength = 0
  private unflushedLength = 0
  private durableDue = 0
  /** Length of a file that is there and is not ours. */
  private foreignLength = 0
  /** Changes run one after another, also when a caller does not wait. */
  private readonly queue = new SerialQueue()

  /** `path` ends in ".pages"; see `pagesLocation`. Nothing is touched before `open`. `now`: milliseconds. */
  constructor(
    readonly path: string,
    private readonly now = (): number => performance.now()
  ) {}

  open(identity: PageIdentity): Promise<SavedPages> {
    return this.queue.run(async () => {
      await this.lock()
      try {
        await this.closeFile()
        return await this.look(identity)
      } catch (error) {
        await this.leave()
        throw readFailure(error, this.path)
      }
    })
  }

  private async look(identity: PageIdentity): Promise<SavedPages> {
    for (const names of earlierCheckpointFiles(this.path)) await adoptEarlier(...names)
    this.checkpointLength = await lengthOf(checkpointFile(this.path))
    this.unflushedLength = await lengthOf(unflushedCheckpointFile(this.path))
    this.durableDue = 0
    this.foreignLength = 0
    const handle = await open(this.path, 'r+').catch(error => {
      if (codeOf(error) === 'ENOENT') return undefined
      throw error
    })
    if (handle === undefined) return { state: 'absent' }
    try {
      return await this.adopt(handle, identity)
    } finally {
      // Not adopted: not ours, or it could not be read.
      if (this.file === undefined) await handle.close()
    }
  }

  private async adopt(handle: FileHandle, identity: PageIdentity): Promise<SavedPages> {
    const { size } = await handle.stat()
    const head = readHead(handle.fd, size)
    const differs = head ? differences(head.identity, identity) : ['format']
    if (head === undefined || differs.length > 0) {
      this.foreignLength = size
      return { state: 'foreign', differs }
    }
    const { records, end } = walk(handle.fd, size, head)
    if (end < size) await handle.truncate(end)
    // Dirty: the records may be those of a process that was killed before it could flush them.
    this.file = { handle, head, records, end, dirty: true }
    await this.dropBehind(head, end)
    const saved = records.map(({ kind, length }) => ({ kind, length }))
    return { state: saved.at(-1)?.kind === 'seal' ? 'complete' : 'partial', records: saved }
  }

  begin(identity: PageIdentity): Promise<void> {
    return this.queue.run(async () => {
      await this.lock()
      await this.closeFile()
      // The checkpoint first: without its pages it is nothing, while pages without it are.
      await this.dropCheckpoints()
      this.durableDue = 0
      const { head, bytes } = encodeHead(identity)
      await writeAtomically(this.path, bytes, `${this.path}.new`)
      const handle = await open(this.path, 'r+').catch(error => {
        throw readFailure(error, this.path)
      })
      this.foreignLength = 0
      this.file = { handle, head, records: [], end: headerLength + head.payload.length, dirty: false }
    })
  }

  async read(index: number, into: Uint8Array): Promise<boolean> {
    const { handle, records } = this.opened('read')
    const record = records[index]
    if (record === undefined) throw new PageFileMisuse(`record ${index} of ${records.length} was asked for`)
    if (into.length !== record.length)
      throw new PageFileMisuse(`record ${index} has ${record.length} bytes, the buffer has ${into.length}`)
    for (let done = 0; done < into.length;) {
      // A disk that cannot give the bytes back has damaged them, as far as the caller is concerned.
      const part = await handle
        .read(into, done, into.length - done, record.at + headerLength + done)
        .catch(() => undefined)
      if (part === undefined || part.bytesRead === 0) return false
      done += part.bytesRead
    }
    return crc32(into) === record.crc
  }

  append(kind: Exclude<RecordKind, 'seal'>, ...payload: Uint8Array[]): Promise<void> {
    return this.queue.run(() => this.write(kind, payload))
  }

  private async write(kind: RecordKind, payload: readonly Uint8Array[]): Promise<void> {
    const file = this.opened('append')
    if (file.records.at(-1)?.kind === 'seal')
      throw new PageFileMisuse('append after seal; cut the seal first')
    const length = payload.reduce((sum, part) => sum + part.length, 0)
    const crc = payload.reduce((sum, part) => crc32(part, sum), 0)
    const header = encodeHeader(kind, length, crc, file.end, saltOf(file.head))
    file.dirty = true
    try {
      await writeParts(file.handle, [header, ...payload], file.end)
    } catch (error) {
      // What cannot be cut now is cut when the file is opened next: it is not a whole record.
      await file.handle.truncate(file.end).catch(() => undefined)
      throw await writeFailure(error, this.path, headerLength + length)
    }
    file.records.push({ kind, length, crc, at: file.end })
    file.end += headerLength + length
  }

  cut(index: number): Promise<void> {
    return this.queue.run(async () => {
      const file = this.opened('cut')
      const first = file.records[index]
      if (first === undefined) {
        if (index === file.records.length) return
        throw new PageFileMisuse(`cut at record ${index} of ${file.records.length}`)
      }
      await this.dropBehind(file.head, first.at)
      file.dirty = true
      await file.handle.truncate(first.at).catch(async error => {
        throw await writeFailure(error, this.path, 0)
      })
      file.records.length = index
      file.end = first.at
    })
  }

  keepCheckpoint(...payload: Uint8Array[]): Promise<void> {
    return this.queue.run(async () => {
      const file = this.opened('keepCheckpoint')
      if (file.records.at(-1)?.kind === 'seal') throw new PageFileMisuse('checkpoint after seal')
      const { head, end } = file
      const begun = this.now()
      if (begun < this.durableDue) {
        this.unflushedLength = await writeCheckpoint(
          unflushedCheckpointFile(this.path),
          head,
          end,
          payload,
          false
        )
        return
      }
      await this.flush()
      this.checkpointLength = await writeCheckpoint(checkpointFile(this.path), head, end, payload, true)
      await dropCheckpoint(unflushedCheckpointFile(this.path))
      this.unflushedLength = 0
      const now = this.now()
      this.durableDue = now + Math.max(durable.every, (now - begun) * durable.patience)
    })
  }

  checkpoint(): Promise<Uint8Array | undefined> {
    return this.queue.run(async () => {
      if (this.file === undefined) return undefined
      // Both are there when the process was killed between writing the one and dropping the other.
      const [unflushed, flushed] = [unflushedCheckpointFile(this.path), checkpointFile(this.path)]
      const newer = (await changedAt(unflushed)) >= (await changedAt(flushed))
      for (const path of newer ? [unflushed, flushed] : [flushed, unflushed]) {
        const payload = await readCheckpoint(path, this.file.head, this.file.end)
        if (payload) return payload
      }
      return undefined
    })
  }

  private async dropCheckpoints(): Promise<void> {
    for (const [earlier] of earlierCheckpointFiles(this.path)) await dropCheckpoint(earlier)
    await dropCheckpoint(unflushedCheckpointFile(this.path))
    this.unflushedLength = 0
    await dropCheckpoint(checkpointFile(this.path))
    this.checkpointLength = 0
  }

  private async dropBehind(head: Head, end: number): Promise<void> {
    if (await dropCheckpointBehind(unflushedCheckpointFile(this.path), head, end)) this.unflushedLength = 0
    if (await dropCheckpointBehind(checkpointFile(this.path), head, end)) this.checkpointLength = 0
  }

  seal(): Promise<void> {
    return this.queue.run(async () => {
      if (this.opened('seal').records.at(-1)?.kind !== 'seal') {
        // Twice: a seal that reached the disk before its pages would promise what is not there.
        await this.flush()
        await this.write('seal', [])
        await this.flush()
      }
      await this.dropCheckpoints()
    })
  }

  /** How many records there are. */
  get records(): number {
    return this.opened('records').records.length
  }

  /** Of a record's payload; undefined behind the last one. */
  lengthOf(index: number): number | undefined {
    return this.opened('lengthOf').records[index]?.length
  }

  get bytes(): number {
    return (this.file?.end ?? this.foreignLength) + this.checkpointLength + this.unflushedLength
  }

  close(): Promise<void> {
    return this.queue.run(() => this.leave())
  }

  private async leave(): Promise<void> {
    try {
      await this.closeFile()
    } finally {
      const release = this.release
      this.release = undefined
      await release?.()
    }
  }

  private async lock(): Promise<void> {
    if (this.release) return
    await makeFolder(dirname(this.path))
    this.release = await takeLock(lockFile(this.path), { name: 'ownThisReading', values: {} })
  }

  private async closeFile(): Promise<void> {
    const file = this.file
    if (file === undefined) return
    try {
      await this.flush()
      if (this.unflushedLength > 0) {
        // Of use without it too, and after a power cut the durable one before it is.
        await makeDurable(unflushedCheckpointFile(this.path), checkpointFile(this.path)).catch(
          () => undefined
        )
        this.checkpointLength = await lengthOf(checkpointFile(this.path))
        this.unflushedLength = await lengthOf(unflushedCheckpointFile(this.path))
      }
    } finally {
      this.file = undefined
      await file.handle.close()
    }
  }

  private async flush(): Promise<void> {
    const file = this.opened('flush')
    if (!file.dirty) return
    await file.handle.datasync().catch(async error => {
      throw await writeFailure(error, this.path, 0)
    })
    file.dirty = false
  }

  private opened(action: string): Open {
    if (this.file) return this.file
    throw new PageFileMisuse(`${action} needs an open page file of this identity; call begin first`)
  }
}

const lengthOf = (path: string) =>
  stat(path).then(
    ({ size }) => size,
    () => 0
  )
