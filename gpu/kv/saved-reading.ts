/**
 * What was read, between the GPU and the page store: takes back as much as is good, and saves while reading goes on.
 *
 * Every full page is appended once. A carry goes into the file every few pages, so that carries stay below an eighth
 * of the K/V, near the end and at the end; between them a checkpoint (carry and unfinished page, replaced atomically) is kept after
 * every chunk, unless reading would have to wait for checkpoints more than a ninth of its time: they are written
 * while the next chunk is computed. So a crash loses the last chunk, and a damaged record at most what follows the last
 * carry before it.
 */
import { Batch } from '../device/batch'
import type { Device } from '../device/device'
import { Staging } from '../device/readback'
import { cutPage, type PageLayout, pageRows, wholePage } from '../kernels/page-layout'
import { CheckpointPace } from './checkpoint-pace'
import { type Carry, type CarryPart, savedCarryBytes } from './carry'
import { header, headerBytes } from './page-codec'
import type { PageStore, SavedRecord } from './page-store'
import { resumePointsIn, readRecord, type RecordSizes, rowsOfPage, savedTokens } from './resume-points'
import type { Pages } from './pages'
import type { PagesOnDisk } from './pages-on-disk'

/** Carries may weigh this part of the pages they stand between. */
const carryShare = 1 / 8
/** A file that grows at its end changes the last tokens of its old text, seldom more than these. */
const endTokens = 16
/** Pages asked of the disk at once when a document is reopened, so that reading and uploading overlap. */
const readAhead = 8
/** Pages copied back at once: at most this many bytes of staging, one page at least. */
const stagingBytes = 8 << 20

/** Pages between two carries in the file. */
export const carryPagesOf = (carryBytes: number, pageBytes: number): number =>
  Math.max(1, Math.ceil(carryBytes / carryShare / pageBytes))

/** What saving has to know of a model. */
export interface KeptModel {
  readonly device: Device
  readonly plan: { readonly carry: readonly CarryPart[] }
  readonly layout: PageLayout
  readonly vocabSize: number
  readonly longest: number
}

export const recordSizes = ({ layout, plan }: KeptModel): RecordSizes => ({
  layout,
  carryBytes: savedCarryBytes(plan.carry)
})

const pagesAtOnce = ({ layout, longest }: Pick<KeptModel, 'layout' | 'longest'>): number =>
  Math.max(1, Math.min(Math.floor(stagingBytes / layout.pageBytes), Math.ceil(longest / pageRows) + 1))

/** Bytes of memory that saving takes: pages at once, a carry, an unfinished page. */
export const savingBytes = (model: Pick<KeptModel, 'layout' | 'longest' | 'plan'>): number =>
  (pagesAtOnce(model) + 1) * model.layout.pageBytes + savedCarryBytes(model.plan.carry)

export class SavedReading {
  private readonly sizes: RecordSizes
  private savedPages = 0
  /** Records in the store, a seal aside. */
  private records = 0
  private pagesSinceCarry = 0
  /** The file holds all of the document and lacks only its seal: a crash came between the two. */
  private lacksSeal = false
  private inFlight: Promise<void> = Promise.resolve()
  private failure: { error: unknown } | undefined
  private readonly checkpointPace = new CheckpointPace()
  /** The save in flight has a checkpoint. */
  private checkpointing = false
  private checkpointAt = -1
  private readonly staging: Staging
  private readonly pagesAtOnce: number
  /** Pages between two carries in the file. */
  private readonly carryPages: number
  /** Pages before the document's last tokens: a carry stands there too, where it saves enough. */
  private readonly lastPages: number

  constructor(
    private readonly model: KeptModel,
    private readonly store: PageStore,
    private readonly pages: Pages,
    /** Kept true to the store. */
    private readonly onDisk: PagesOnDisk,
    private readonly carry: Carry,
    /** Tokens of the whole document. */
    length: number
  ) {
    this.sizes = recordSizes(model)
    this.pagesAtOnce = pagesAtOnce(model)
    this.carryPages = carryPagesOf(carry.savedBytes, pages.pageBytes)
    this.lastPages = Math.max(0, Math.floor((length - endTokens) / pageRows))
    this.staging = new Staging(model.device, savingBytes(model))
  }

  /** Starts a file with the document's ids and nothing read. */
  async begin(ids: Uint32Array): Promise<SavedRecord> {
    await this.store.append('tokens', new Uint8Array(ids.buffer, ids.byteOffset, ids.byteLength))
    this.records = 1
    this.onDisk.reset()
    return { kind: 'tokens', length: ids.byteLength }
  }

  /** Puts back what is good of `records`, cuts the rest off, and returns the position to go on from. */
  async restore(records: readonly SavedRecord[], ids: Uint32Array): Promise<number> {
    let points = await resumePointsIn(this.store, records, ids.length, this.sizes)
    const pageIndexes = records.flatMap((record, index) => (record.kind === 'page' ? [index] : []))
    if (!(await this.sameTokens(records, ids))) {
      await this.store.cut(0)
      await this.begin(ids)
      return 0
    }
    const asked: (Promise<Uint8Array<ArrayBuffer> | undefined> | undefined)[] = []
    let loaded = 0
    while (points.length > 0) {
      const [next] = points
      while (loaded < next.pages) {
        for (; asked.length < Math.min(loaded + readAhead, next.pages);)
          asked.push(
            readRecord(this.store, pageIndexes[asked.length], records[pageIndexes[asked.length]].length)
          )
        if (!this.placePage(await asked[loaded], loaded, next.pages)) break
        asked[loaded] = undefined
        loaded++
      }
      if (loaded < next.pages) {
        points = points.filter(point => point.pages <= loaded)
        continue
      }
      const carry = await next.carry()
      if (!carry) {
        points = points.slice(1)
        continue
      }
      this.carry.restore(carry, next.position)
      const full = Math.floor(next.position / pageRows)
      if (next.partial)
        this.pages.putBack(
          full,
          wholePage(this.sizes.layout, next.partial, next.position % pageRows),
          full + 1
        )
      if (next.keep < records.length) await this.store.cut(next.keep)
      this.pages.rows = next.position
      this.savedPages = next.pages
      this.records = next.keep
      const kept = pageIndexes.slice(0, next.pages)
      this.onDisk.reset(kept.map(record => ({ record, length: records[record].length })))
      const sinceCarry = records.slice(0, next.keep).findLastIndex(r => r.kind === 'carry')
      this.pagesSinceCarry = records.slice(sinceCarry + 1, next.keep).filter(r => r.kind === 'page').length
      this.lacksSeal = next.ends === true && records[next.keep - 1]?.kind !== 'seal'
      return next.position
    }
    await this.store.cut(1)
    this.records = 1
    this.onDisk.reset()
    return 0
  }

  /** Where a carry is due in the file: a chunk has to end there, because it can only be taken between chunks. */
  nextCarry(at: number): number {
    const page = Math.floor(at / pageRows) + 1
    const last = this.savedPages - this.pagesSinceCarry
    const due = Math.max(last + this.carryPages, page)
    const nearEnd = this.lastPages >= page && this.carryIsDue(this.lastPages, this.lastPages - last)
    return (nearEnd ? Math.min(due, this.lastPages) : due) * pageRows
  }

  /** Behind `pages` pages, `since` of them without a carry. Near the end a quarter of the distance is enough. */
  private carryIsDue(pages: number, since: number): boolean {
    return since >= this.carryPages || (pages === this.lastPages && since >= this.carryPages / 4)
  }

  /** After a chunk: queues what is due for saving and lets reading go on; waits for the save before. */
  async chunkRead(position: number): Promise<void> {
    const begun = performance.now()
    await this.settled()
    const full = Math.floor(position / pageRows)
    const now = performance.now()
    if (this.checkpointing) this.checkpointPace.waited(begun, now)
    this.checkpointing = false
    const due = this.checkpointPace.isDue(now)
    if (this.savedPages < full || due) this.save(position, full, due)
    // A ring of pages has room for what is on its way to the disk, and none for what waits to be.
    while (this.pages.isStreamed && this.savedPages < full) {
      await this.settled()
      this.save(position, full, false)
    }
  }

  /** Makes everything read so far durable; for a pause. */
  async pause(position: number): Promise<void> {
    await this.settled()
    const full = Math.floor(position / pageRows)
    while (this.savedPages < full || this.checkpointAt !== position) {
      // A carry in the file serves as well as a checkpoint.
      if (this.savedPages === full && position % pageRows === 0 && this.pagesSinceCarry === 0) break
      this.save(position, full, true)
      await this.settled()
    }
  }

  /** The document is read to its end: the unfinished page, the carry, the seal. */
  async finish(position: number): Promise<void> {
    await this.settled()
    if (this.lacksSeal) return this.store.seal()
    const full = Math.floor(position / pageRows)
    while (this.savedPages < full) {
      this.save(position, full, false)
      await this.settled()
    }
    const rows = position % pageRows
    const batch = new Batch(this.model.device)
    this.carry.save(batch, this.staging)
    if (rows > 0) this.copyPage(batch, full)
    batch.submit()
    await this.staging.read(async bytes => {
      const carryBytes = this.carry.savedBytes
      if (rows > 0)
        await this.appendPage(full, cutPage(this.sizes.layout, bytes.subarray(carryBytes), rows), rows)
      await this.appendCarry(position, bytes.subarray(0, carryBytes))
    })
    await this.store.seal()
  }

  free(): void {
    this.staging.free()
  }

  /** Waits for the save in flight; throws what it failed with. */
  async settled(): Promise<void> {
    await this.inFlight
    if (this.failure) throw this.failure.error
  }

  private save(position: number, full: number, checkpoint: boolean): void {
    const first = this.savedPages
    const count = Math.min(full - first, this.pagesAtOnce)
    const complete = first + count === full
    const partialRows = position % pageRows
    // A carry belongs to the position reached, so it can stand in the file only when that is where a page ends.
    const due = this.carryIsDue(full, this.pagesSinceCarry + count)
    const carryRecord = complete && partialRows === 0 && due
    const withCheckpoint = checkpoint && complete && !carryRecord
    this.checkpointing = withCheckpoint
    const batch = new Batch(this.model.device)
    for (let i = 0; i < count; i++) this.copyPage(batch, first + i)
    if (carryRecord || withCheckpoint) this.carry.save(batch, this.staging)
    if (withCheckpoint && partialRows > 0) this.copyPage(batch, full)
    batch.submit()
    this.savedPages += count
    this.pagesSinceCarry = carryRecord ? 0 : this.pagesSinceCarry + count
    const write = this.staging.read(async bytes => {
      const { pageBytes } = this.pages
      for (let i = 0; i < count; i++)
        await this.appendPage(first + i, bytes.subarray(i * pageBytes, (i + 1) * pageBytes), pageRows)
      const rest = bytes.subarray(count * pageBytes)
      const carryBytes = this.carry.savedBytes
      if (carryRecord) await this.appendCarry(position, rest.subarray(0, carryBytes))
      if (withCheckpoint) {
        const partial =
          partialRows > 0
            ? cutPage(this.sizes.layout, rest.subarray(carryBytes), partialRows)
            : new Uint8Array()
        await this.store.keepCheckpoint(
          header(position, partialRows, carryBytes),
          rest.subarray(0, carryBytes),
          partial
        )
        this.checkpointAt = position
      }
    })
    this.inFlight = write.catch(error => {
      this.failure ??= { error }
    })
  }

  private copyPage(batch: Batch, index: number): void {
    const { buffer, offset } = this.pages.pageAt(index)
    this.staging.copy(batch, buffer, offset, this.pages.pageBytes)
  }

  private async appendPage(index: number, page: Uint8Array, rows: number): Promise<void> {
    await this.store.append('page', header(index * pageRows, rows), page)
    this.onDisk.add(this.records++, headerBytes + page.length)
  }

  private async appendCarry(position: number, carry: Uint8Array): Promise<void> {
    await this.store.append('carry', header(position), carry)
    this.records++
  }

  /** Page `index` of `pages`, where the payload is that. */
  private placePage(payload: Uint8Array<ArrayBuffer> | undefined, index: number, pages: number): boolean {
    const page = rowsOfPage(payload, index, this.sizes.layout)
    if (page) this.pages.putBack(index, wholePage(this.sizes.layout, page.bytes, page.rows), pages)
    return page !== undefined
  }

  private async sameTokens(records: readonly SavedRecord[], ids: Uint32Array): Promise<boolean> {
    if (records[0]?.length !== ids.byteLength) return false
    const words = await savedTokens(this.store, records, this.model.vocabSize)
    return words !== undefined && words.every((id, i) => id === ids[i])
  }
}
