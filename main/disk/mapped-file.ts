/**
 * A file mapped into memory and copied out of by range. Weights are shared with the page cache and
 * with other processes that map them, and nothing is read twice.
 *
 * The bytes are always copied into the caller's buffer: V8's memory cage, which Electron has on, forbids an
 * ArrayBuffer over a mapping.
 *
 * A mapped file that is cut short is the known danger: touching a page behind its new end kills the
 * process with SIGBUS, and no JavaScript can catch that. So the size is asked again before each copy (fstat,
 * 2 µs); what remains is a cut that falls into the copy itself. Windows refuses to cut a mapped file.
 */
import { fstatSync } from 'node:fs'
import { checkRange, type FileSource, PositionedFile, shrunk } from './positioned-file'
import { type Mapping, mapFile } from './memory-map'

// Above this a copy runs on another thread, so that page faults on a cold disk do not stop the event loop.
// Handing over costs about 50 µs, which is what copying 1 MiB takes.
const asyncFrom = 1 << 20

let mapped = 0
/** Bytes mapped by this process at the moment; zero when every model folder was closed. */
export const mappedBytes = () => mapped

export class MappedFile implements FileSource {
  private readonly running = new Set<Promise<void>>()
  private closed = false

  private constructor(
    private readonly path: string,
    private readonly file: PositionedFile,
    private readonly mapping: Mapping
  ) {
    mapped += mapping.size
  }

  /** Rejects where mapping is not possible: an empty file, no koffi, an odd file system, no address space. */
  static async open(path: string): Promise<MappedFile> {
    const file = await PositionedFile.open(path)
    try {
      return new MappedFile(path, file, await mapFile(path, file.handle.fd, file.size))
    } catch (error) {
      await file.close()
      throw error
    }
  }

  get size(): number {
    return this.mapping.size
  }

  async read(offset: number, into: Uint8Array): Promise<void> {
    if (this.closed) throw new Error(`${this.path}: read after close`)
    checkRange(this.path, this.size, offset, into.length)
    const now = fstatSync(this.file.handle.fd).size
    if (now < this.size) throw shrunk(this.path, this.size, now)
    if (into.length < asyncFrom) return this.mapping.copy(offset, into)
    const copying = this.mapping.copyAside(offset, into)
    this.running.add(copying)
    try {
      await copying
    } finally {
      this.running.delete(copying)
    }
  }

  /** Waits for copies that still run: unmapping under them would be a crash. */
  async close(): Promise<void> {
    if (this.closed) return
    this.closed = true
    await Promise.allSettled(this.running)
    this.mapping.unmap()
    mapped -= this.size
    await this.file.close()
  }
}
