/**
 * Where a reading that is bounded by the disk writes its pages: a few of them in one buffer, round about. A page is
 * overwritten once it lies in the store.
 */
import { pageRows } from '../kernels/page-layout'

export class PageRing {
  /** By place in the buffer: the page that lies there, -1 for none. */
  private readonly holds: number[]

  constructor(
    readonly buffer: GPUBuffer,
    /** Pages that it has room for. */
    readonly capacity: number
  ) {
    this.holds = Array<number>(capacity).fill(-1)
  }

  /** Where page `index` lies or will lie, in pages. */
  placeOf(index: number): number {
    return index % this.capacity
  }

  has(index: number): boolean {
    return this.holds[this.placeOf(index)] === index
  }

  hold(index: number): void {
    this.holds[this.placeOf(index)] = index
  }

  /**
   * Rows that may be written from `row` on in one piece, where the pages before `spare` may be overwritten: 0 while the page
   * that lies there is not saved.
   */
  roomAt(row: number, spare: number): number {
    const end = (Math.floor(row / pageRows / this.capacity) + 1) * this.capacity
    return Math.max(0, Math.min(end, spare + this.capacity) * pageRows - row)
  }
}
