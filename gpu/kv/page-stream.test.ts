/** What answers get of a document that lies partly on disk: every page, in its place, whatever order they come in. */
import { beforeEach, expect, it } from 'vitest'
import { Batch } from '../device/batch'
import { copyFromBuffer } from '../device/readback'
import { pageFormats } from '../kernels/page-format'
import { cutPage, pageLayout, pageRows } from '../kernels/page-layout'
import { describeGpu, device } from '../testing/gpu-testing'
import { MemoryStore } from '../testing/memory-store'
import { header, headerBytes } from './page-codec'
import { Pages } from './pages'
import { PagesOnDisk } from './pages-on-disk'

const layout = pageLayout([{ kvHeads: 1, headDim: 4 }], pageFormats.f32)
const { pageBytes } = layout
const sizes = { pageBytes, longest: 300, tileRows: pageRows }
/** 21 pages, the last one of 100 rows; two are held, six in the ring, two to a piece. */
const rows = 20 * pageRows + 100
const room = { pages: 21, held: 2, ring: 6, piece: 2 }

/** Bytes that no other page has. */
const pageOf = (index: number): Uint8Array<ArrayBuffer> => {
  const words = Uint32Array.from({ length: pageBytes / 4 }, (_, i) => index * 0x10000 + i)
  return new Uint8Array(words.buffer)
}

describeGpu('pages on disk', () => {
  let store: MemoryStore
  let onDisk: PagesOnDisk
  let pages: Pages

  /** As saving does: the page is there, and the table knows. */
  const save = async (index: number, its = pageRows): Promise<void> => {
    const page = cutPage(layout, pageOf(index), its)
    await store.append('page', header(index * pageRows, its), page)
    onDisk.add(index + 1, headerBytes + page.length)
  }
  /** As reading does: into its place, where there is room. */
  const write = (index: number, its = pageRows): void => {
    expect(pages.roomAt(index * pageRows)).toBeGreaterThanOrEqual(its)
    const { buffer, offset } = pages.pageAt(index)
    device.raw.queue.writeBuffer(buffer, offset, pageOf(index))
    pages.wrote(index * pageRows, index * pageRows + its)
  }
  const read = async (): Promise<void> => {
    for (let index = 0; index < 21; index++) {
      const its = index === 20 ? 100 : pageRows
      write(index, its)
      await save(index, its)
    }
  }
  /** All that an answer attends to, bank by bank, each looked at as soon as it is ready. */
  const seen = async (upTo: number, signal?: AbortSignal): Promise<number[]> => {
    const found: number[] = []
    for (const bank of pages.view(upTo, 0, signal)) {
      const batch = new Batch(device)
      await bank.ready?.(batch)
      batch.submit()
      for (let at = 0; at < bank.rows; at += pageRows) {
        const bytes = await copyFromBuffer(device, bank.buffer, (at / pageRows) * pageBytes, pageBytes)
        const words = new Uint32Array(bytes.buffer)
        const index = words[0] >> 16
        const its = Math.min(pageRows, bank.rows - at)
        expect(
          Buffer.compare(cutPage(layout, bytes, its), cutPage(layout, pageOf(index), its)),
          `page ${index}`
        ).toBe(0)
        found.push(index)
      }
    }
    return found
  }
  const upTo = (count: number) => Array.from({ length: count }, (_, i) => i)

  beforeEach(async () => {
    store = new MemoryStore()
    await store.begin({})
    await store.append('tokens', new Uint8Array(4))
    onDisk = new PagesOnDisk(store, layout)
    pages = await Pages.allocateStreamed(device, room, sizes, onDisk)
    return () => pages.free()
  })

  it('come back whole and in order, also when many are asked for again and again', async () => {
    await read()
    for (const end of [rows, 20 * pageRows, rows, 7 * pageRows + 3, 1, rows])
      expect(await seen(end)).toEqual(upTo(Math.ceil(end / pageRows)))
    expect(pages.streamedBytes).toBeGreaterThan(20 * pageBytes)
    // Rows of all banks together are those asked for, in pieces of two pages.
    expect(pages.view(rows, 0).map(bank => bank.rows)).toEqual([512, ...Array<number>(9).fill(512), 100])
    expect(pages.view(rows, 700).map(bank => bank.spanFrom)).toEqual([700, 188, ...Array<number>(9).fill(0)])
    expect(pages.bankRows(rows)).toEqual([rows])
    expect(pages.bytesBeyond).toBe(19 * pageBytes)
  })

  it('are seen while reading goes on, those that are not saved yet included', async () => {
    for (let index = 0; index < 21; index++) {
      const its = index === 20 ? 100 : pageRows
      write(index, its)
      // The disk is three pages behind.
      if (index >= 3) await save(index - 3)
      if (index % 4 === 3) expect(await seen(index * pageRows + its)).toEqual(upTo(index + 1))
    }
    expect(await seen(rows)).toEqual(upTo(21))
  })

  it('two answers at once do not get each other’s', async () => {
    await read()
    const [long, short] = [pages.view(rows, 0), pages.view(9 * pageRows, 0)]
    for (let i = 0; i < 8; i++) {
      for (const view of [long, short]) {
        const bank = view[i % view.length]
        const batch = new Batch(device)
        await bank.ready?.(batch)
        batch.submit()
        const first = new Uint32Array((await copyFromBuffer(device, bank.buffer, 0, 4)).buffer)[0] >> 16
        const before = view.slice(0, i % view.length).reduce((sum, each) => sum + each.rows, 0)
        expect(first).toBe(before / pageRows)
      }
    }
  })

  it('what lies in both slots is not read again', async () => {
    await read()
    const end = 6 * pageRows
    await seen(end)
    const before = pages.streamedBytes
    expect(await seen(end)).toEqual(upTo(6))
    expect(pages.streamedBytes).toBe(before)
  })

  it('reading waits for none that is saved, and takes the place of none that is not', async () => {
    for (let index = 0; index < 8; index++) write(index)
    expect(() => pages.roomAt(8 * pageRows)).toThrow(
      'row 2048 would take the place of a page that is not saved'
    )
    for (let index = 0; index < 3; index++) await save(index)
    expect(pages.roomAt(8 * pageRows)).toBe(pageRows)
    expect(pages.roomAt(8 * pageRows + 200)).toBe(56)
    for (let index = 3; index < 8; index++) await save(index)
    // To the end of the ring, where the next row lies elsewhere.
    expect(pages.roomAt(8 * pageRows)).toBe(4 * pageRows)
    write(8)
    expect(await seen(9 * pageRows)).toEqual(upTo(9))
  })

  it('one that is damaged, another or gone ends the answer by name; the others are there afterwards', async () => {
    await read()
    const ends = async (message: RegExp) =>
      expect(seen(rows)).rejects.toMatchObject({
        code: 'unreadable-pages',
        message: expect.stringMatching(message)
      })
    const disk = store.disk
    store.damage(1 + 9)
    await ends(/^What was read of tokens 2,304 to 2,559 could not be read back from the disk\. Open/)
    await ends(/2,304 to 2,559/)
    const exchanged = disk.records.map((record, i) => (i === 13 ? disk.records[14] : record))
    store.disk = { ...disk, records: exchanged }
    await ends(/tokens 3,072 to 3,327/)
    store.disk = disk
    expect(await seen(rows)).toEqual(upTo(21))
    await store.close()
    await ends(/could not be read back/)
  })

  it('are not waited for when the answer was stopped', async () => {
    await read()
    await expect(seen(rows, AbortSignal.abort())).rejects.toMatchObject({ code: 'cancelled' })
    await pages.settled()
  })
})
