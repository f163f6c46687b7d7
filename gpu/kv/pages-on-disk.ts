/** Which pages of a document lie in its store, and in which records: the half of the page table that the GPU does not hold. */
import type { PageLayout } from '../kernels/page-layout'
import { wholePage } from '../kernels/page-layout'
import { headerBytes } from './page-codec'
import type { PageStore } from './page-store'
import { rowsOfPage } from './resume-points'

interface Place {
  readonly record: number
  /** Of the record's payload, in bytes. */
  readonly length: number
}

export class PagesOnDisk {
  private places: Place[] = []

  constructor(
    private readonly store: PageStore,
    private readonly layout: PageLayout
  ) {}

  /** Pages 0 ... count - 1 are there. */
  get count(): number {
    return this.places.length
  }

  /** The next page lies in this record. */
  add(record: number, length: number): void {
    this.places.push({ record, length })
  }

  /** What was known is not so any more: these are the records of pages 0, 1, ... */
  reset(places: readonly Place[] = []): void {
    this.places = [...places]
  }

  /** Bytes that `read` may use. */
  get scratchBytes(): number {
    return headerBytes + this.layout.pageBytes
  }

  /**
   * Page `index`, whole, unused rows zero; borrowed from `scratch`, which holds `scratchBytes`, or a copy. Undefined where it
   * is damaged or cannot be read.
   */
  async read(index: number, scratch: Uint8Array<ArrayBuffer>): Promise<Uint8Array | undefined> {
    const place = this.places.at(index)
    if (!place || place.length > scratch.length) return undefined
    const payload = scratch.subarray(0, place.length)
    const good = await this.store.read(place.record, payload).catch(() => false)
    const page = good ? rowsOfPage(payload, index, this.layout) : undefined
    return page && wholePage(this.layout, page.bytes, page.rows)
  }
}
