/** A bank whose rows come in pieces must give the bits that it gives as a whole: answers over pages from disk are the same. */
import { expect, it } from 'vitest'
import { Batch } from '../device/batch'
import { bufferOf, describeGpu, deviceWith, poisoned, tensorOf, wordsOf } from '../testing/gpu-testing'
import { pageWriter } from '../testing/kept-rows'
import { Random } from '../testing/random'
import { type BankRows, pageAttention, tilesPerSplit } from './page-attention'
import { pageFormats } from './page-format'
import { pageLayout, pageRows } from './page-layout'

const shape = { kvHeads: 1, headDim: 20 }
const heads = 3
const layout = pageLayout([shape], pageFormats.f16)

describeGpu('page-attention over pieces of a bank', () => {
  // 70 pages and 40 rows of a 71st: 71 tiles, two to a split.
  const rows = 70 * pageRows + 40
  const device = () => deviceWith('software')

  async function fixture() {
    const attention = await pageAttention(device(), heads, layout)
    const write = await pageWriter(device(), layout)
    const random = new Random(2)
    const bank = bufferOf(new Uint32Array((71 * layout.pageBytes) / 4), 'whole bank')
    const batch = new Batch(device())
    for (let at = 0; at < rows; at += 5000) {
      const count = Math.min(5000, rows - at)
      const lines = tensorOf(random.normals(count * 40).map(Math.fround), 40)
      write(batch, lines, bank, at, count)
    }
    batch.submit()
    const q = tensorOf(random.normals(heads * 20).map(Math.fround), heads * 20)
    const scratch = attention.allocate(1, [rows])
    return { attention, bank, q, scratch }
  }
  type Fixture = Awaited<ReturnType<typeof fixture>>

  async function attended(
    { attention, q, scratch }: Fixture,
    banks: readonly BankRows[],
    attend: (batch: Batch, of: Parameters<typeof attention.attend>[1]) => void | Promise<void>
  ): Promise<[Uint32Array, Uint32Array]> {
    const y = poisoned(1, heads * 20)
    const mass = tensorOf(new Float32Array(attention.spanCount([rows])), attention.spanCount([rows]))
    const batch = new Batch(device())
    await attend(batch, { q, banks, visible: rows - 3, y, rows: 1, scratch, mass: mass.buffer })
    batch.submit()
    await device().idle()
    return [await wordsOf(y.buffer), await wordsOf(mass.buffer)]
  }

  it('brought one after another into two slots: the same bits of output and of attention by span', async () => {
    const of = await fixture()
    const whole = await attended(of, [{ buffer: of.bank, rows, spanFrom: 7 }], of.attention.attend)
    const tiles = Math.ceil(rows / of.attention.tileRows)
    const perSplit = tilesPerSplit(tiles)
    expect(perSplit, 'the fixture has splits of several tiles').toBe(2)
    // Ten pages are five splits; the last piece is a page and 40 rows.
    const pieceRows = 10 * pageRows
    const slots = [0, 1].map(i => bufferOf(new Uint32Array((10 * layout.pageBytes) / 4), `slot ${i}`))
    const order: number[] = []
    const pieces = Array.from({ length: Math.ceil(rows / pieceRows) }, (_, i): BankRows => ({
      buffer: slots[i % 2],
      rows: Math.min(pieceRows, rows - i * pieceRows),
      spanFrom: i === 0 ? 7 : 0,
      tilesPerSplit: perSplit,
      ready: async batch => {
        batch.flush()
        await new Promise(resolve => setTimeout(resolve, 1))
        const copy = device().raw.createCommandEncoder()
        const pages = Math.min(10, 71 - i * 10)
        const bytes = pages * layout.pageBytes
        copy.copyBufferToBuffer(of.bank, i * 10 * layout.pageBytes, slots[i % 2], 0, bytes)
        device().raw.queue.submit([copy.finish()])
        order.push(i)
      }
    }))
    expect(await attended(of, pieces, of.attention.attendInTurn)).toEqual(whole)
    expect(order).toEqual([0, 1, 2, 3, 4, 5, 6, 7])
    // What is there needs no wait, and both may stand side by side.
    const mixed = [{ ...pieces[0], buffer: of.bank, ready: undefined }, ...pieces.slice(1)]
    expect(await attended(of, mixed, of.attention.attendInTurn)).toEqual(whole)
  })

  it('encodes at once where every bank is there', async () => {
    const of = await fixture()
    const bank = { buffer: of.bank, rows, spanFrom: 0 }
    const waited = await attended(of, [bank], (batch, attention) => {
      void of.attention.attendInTurn(batch, attention)
      expect(batch.dispatches).toBe(3)
    })
    expect(waited).toEqual(await attended(of, [bank], of.attention.attend))
  })

  it('scratch for a bank’s capacity is enough for every number of rows in it', async () => {
    const { attention } = await fixture()
    // 64 tiles are 64 splits of one, while 65 are 33 splits of two.
    const [full, fewer] = [65, 64].map(tiles => attention.allocate(1, [tiles * attention.tileRows]))
    for (const part of ['sums', 'peaks'] as const)
      expect(full[part].size).toBeGreaterThanOrEqual(fewer[part].size)
    expect(full.peaks.size).toBeGreaterThanOrEqual(heads * 64 * 8)
    for (const each of [full, fewer]) each.free()
  })
})
