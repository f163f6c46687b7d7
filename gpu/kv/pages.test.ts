import { expect, it, onTestFinished } from 'vitest'
import { pageRows } from '../kernels/page-layout'
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
      pages.banks.findIndex(b => b === pages.locate(row).bank),
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
          /^256 tokens need [\d,]+ MiB for their keys and values, of which the adapter granted 0 MiB; the rest does not fit this adapter's memory: .*\d{6,}/
        )
      })
    )
    expect(device.memory().pages, 'the bank that was refused is not counted').toBe(before)
  })

  it('what fits is tried out: bytes needed and bytes granted, nothing kept and nothing counted', async () => {
    const [before, peak, live] = [device.memory(), device.peakBytes, device.liveBuffers]
    expect(await Pages.fit(device, 1800, pageBytes, 3 * pageBytes)).toEqual({
      bytes: 8 * pageBytes,
      most: 8 * pageBytes
    })
    const limit = device.limits.maxBufferSize
    const refused = await Pages.fit(device, pageRows, limit + 4096, Infinity)
    expect(refused).toEqual({ bytes: limit + 4096, most: 0 })
    // Nobody waits for a million buffers that are refused anyway.
    const absurd = { bytes: (1e12 / pageRows) * pageBytes, most: 512 * pageBytes }
    expect(await Pages.fit(device, 1e12, pageBytes, pageBytes)).toEqual(absurd)
    await expect(Pages.allocate(device, 1e12, pageBytes, pageBytes)).rejects.toMatchObject({
      code: 'too-long',
      message: expect.stringMatching(/^1,000,000,000,000 tokens need [\d,]+ MiB .* and 2 MiB are the most/)
    })
    expect([device.memory(), device.peakBytes, device.liveBuffers]).toEqual([before, peak, live])
    await device.idle()
  })

  it('banks that were granted before one was refused are given back', async () => {
    const before = device.memory().pages
    const buffer = device.buffer.bind(device)
    let asked = 0
    device.buffer = (purpose, name, bytes) =>
      buffer(purpose, name, asked++ < 2 ? bytes : device.limits.maxBufferSize + 4096)
    onTestFinished(() => void delete (device as Partial<typeof device>).buffer)
    await expect(Pages.allocate(device, 4 * pageRows, 1 << 20, 1 << 20)).rejects.toMatchObject({
      code: 'too-long',
      message: expect.stringContaining(
        'need 4 MiB for their keys and values, of which the adapter granted 2 MiB;'
      )
    })
    expect(device.memory().pages).toBe(before)
  })
})
