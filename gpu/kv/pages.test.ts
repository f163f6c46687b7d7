import { expect, it } from 'vitest'
import { pageRows } from '../kernels/page-attention'
import { describeGpu, device } from '../testing/gpu-testing'
import { Pages } from './pages'

const pageBytes = 4096

describeGpu('pages', () => {
  it('lie in banks of whole pages, the last bank as long as needed', async () => {
    // Three pages to a bank; 1800 rows are eight pages.
    const pages = await Pages.allocate(device, 1800, pageBytes, 3 * pageBytes + 100)
    expect(pages.banks.map(b => [b.first, b.capacity])).toEqual([
      [0, 768],
      [768, 768],
      [1536, 512]
    ])
    expect(pages.banks.map(b => b.buffer.size)).toEqual([3 * pageBytes, 3 * pageBytes, 2 * pageBytes])
    expect(pages.capacity).toBe(2048)

    const at = (row: number) => [
      pages.banks.indexOf(pages.locate(row).bank),
      pages.locate(row).row,
      pages.roomAt(row)
    ]
    expect(at(0)).toEqual([0, 0, 768])
    expect(at(767)).toEqual([0, 767, 1])
    expect(at(768)).toEqual([1, 0, 768])
    expect(at(2047)).toEqual([2, 511, 1])
    expect(() => pages.locate(2048)).toThrow('pages: no room for row 2048')
    expect(() => pages.roomAt(2048)).toThrow('no room')

    const page = (index: number) => [
      pages.banks.findIndex(b => b.buffer === pages.pageAt(index).buffer),
      pages.pageAt(index).offset
    ]
    expect([0, 2, 3, 5, 6, 7].map(page)).toEqual([
      [0, 0],
      [0, 2 * pageBytes],
      [1, 0],
      [1, 2 * pageBytes],
      [2, 0],
      [2, pageBytes]
    ])
    expect(() => pages.pageAt(8)).toThrow('no room for row 2048')
    pages.free()
  })

  it('show what attention may read, and from where on it is text', async () => {
    const pages = await Pages.allocate(device, 1800, pageBytes, 3 * pageBytes)
    const view = (rows: number, spanFrom: number) => pages.view(rows, spanFrom).map(b => [b.rows, b.spanFrom])
    expect(view(0, 0)).toEqual([])
    expect(view(1, 0)).toEqual([[1, 0]])
    expect(view(768, 5)).toEqual([[768, 5]])
    expect(view(769, 5)).toEqual([
      [768, 5],
      [1, 0]
    ])
    expect(view(1800, 800)).toEqual([
      [768, 800],
      [768, 32],
      [264, 0]
    ])
    pages.free()
  })

  it('have room for one page at least, and no bank smaller than a page', async () => {
    const empty = await Pages.allocate(device, 0, pageBytes)
    expect(empty.banks.map(b => b.capacity)).toEqual([pageRows])
    const narrow = await Pages.allocate(device, 600, pageBytes, 10)
    expect(narrow.banks.map(b => b.capacity)).toEqual([pageRows, pageRows, pageRows])
    empty.free()
    narrow.free()
  })

  it('free all they took', async () => {
    const before = device.memory().pages
    const pages = await Pages.allocate(device, 1800, pageBytes, pageBytes)
    expect(device.memory().pages - before).toBe(8 * pageBytes)
    pages.free()
    expect(device.memory().pages).toBe(before)
  })

  it('a text too long for the adapter is refused with both numbers', async () => {
    const before = device.memory().pages
    const limit = device.limits.maxBufferSize
    const tooLong = Pages.allocate(device, pageRows, limit + 4096, Infinity)
    await expect(tooLong).rejects.toEqual(
      expect.objectContaining({
        code: 'too-long',
        message: expect.stringMatching(
          /^256 tokens need [\d,]+ MiB for their keys and values, which does not fit this adapter's memory: .*\d{6,}/
        )
      })
    )
    expect(device.memory().pages, 'the bank that was refused is not counted').toBe(before)
  })
})
