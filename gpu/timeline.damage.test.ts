/** What a bad disk, a full disk and the file's own limits do to a saved reading: never a wrong bit, and only the work behind the damage again. */
import { beforeAll, expect, it } from 'vitest'
import { pageRows } from './kernels/page-layout'
import { newCarry } from './model/model'
import { describeGpu, device } from './testing/gpu-testing'
import { MemoryStore } from './testing/memory-store'
import { bitsOf, allReaders, type Opened, openTiny, read, readUntil, textOf } from './testing/readings'

const length = 9 * pageRows + 77

for (const kind of allReaders)
  describeGpu(`damaged reading, ${kind}`, () => {
    let opened: Opened
    let ids: Uint32Array
    let bits: string[]
    let complete: MemoryStore

    beforeAll(async () => {
      opened = await openTiny(kind, device)
      ids = textOf(length, opened.vocabulary)
      complete = new MemoryStore()
      const timeline = await read(opened, ids, complete, { chunk: 96 })
      bits = await bitsOf(opened, timeline)
      timeline.free()
    })

    /** Reads what is there to its end; the bits must be right. Returns how much was reused. */
    async function reused(store: MemoryStore, label: string): Promise<number> {
      const timeline = await read(opened, ids, store, { chunk: 96 })
      try {
        expect(await bitsOf(opened, timeline), label).toEqual(bits)
        return timeline.reused
      } finally {
        timeline.free()
      }
    }

    /** Where each carry in the file stands, by record. */
    const carries = () =>
      complete.of('carry').map(record => ({
        record,
        position: new DataView(complete.disk.records[record].payload.buffer).getUint32(0, true)
      }))

    it('carries stand in the file often enough, and below an eighth of its pages', () => {
      const carryBytes = newCarry(opened.model).savedBytes
      const { pageBytes } = opened.model.layout
      const apart = Math.max(1, Math.ceil((carryBytes * 8) / pageBytes))
      const borders = Array.from({ length: Math.floor(9 / apart) }, (_, i) => (i + 1) * apart * pageRows)
      expect(borders.length).toBeGreaterThanOrEqual(2)
      // One more behind the last page that ends 16 tokens before the end, or earlier, a quarter of that from the one before.
      const nearEnd = 9 * pageRows
      const more = nearEnd - borders.at(-1)! >= (apart * pageRows) / 4 ? [nearEnd] : []
      expect(carries().map(({ position }) => position)).toEqual([...new Set([...borders, ...more, length])])
    })

    it('a damaged record of any kind: goes on from the last whole carry before it', async () => {
      const { records } = complete.disk
      expect(new Set(records.map(({ kind }) => kind)).size).toBe(4)
      for (const [index, { kind: what }] of records.entries()) {
        if (what === 'seal') continue
        const store = complete.again()
        store.damage(index)
        const before = carries().filter(({ record }) => record < index)
        // A carry that others follow is not needed.
        const needless = what === 'carry' && index !== carries().at(-1)!.record
        const expected = needless ? length : what === 'tokens' ? 0 : (before.at(-1)?.position ?? 0)
        expect(await reused(store, `${what} ${index}`), `${what} ${index}`).toBe(expected)
        expect(await reused(store.again(), 'repaired')).toBe(length)
        expect(store.of('page').length).toBe(10)
      }
    })

    it('all carries and a page damaged: read from zero', async () => {
      const store = complete.again()
      for (const { record } of carries()) store.damage(record)
      expect(await reused(store, 'no carry')).toBe(0)
      expect(await reused(store.again(), 'repaired')).toBe(length)
    })

    it('without its checkpoint, a stopped reading goes on from the carry before', async () => {
      const store = new MemoryStore()
      await readUntil(opened, ids, store, 7 * pageRows + 100, 50)
      const [before] = carries()
        .filter(({ position }) => position <= 7 * pageRows)
        .slice(-1)
      store.loseCheckpoint()
      expect(await reused(store.again(), 'checkpoint lost')).toBe(before.position)
    })

    it('a page that the checkpoint counts on is damaged: the carry before it serves', async () => {
      const store = new MemoryStore()
      await readUntil(opened, ids, store, 7 * pageRows + 100, 50)
      const last = store.of('page').at(-1)!
      const before = store.of('carry').filter(record => record < last)
      store.damage(last)
      const expected = carries().find(({ record }) => record === before.at(-1))!
      expect(await reused(store.again(), 'page damaged')).toBe(expected.position)
    })

    it('killed between a checkpoint at the very end and the last page: the file is not taken for whole', async () => {
      const store = new MemoryStore()
      await readUntil(opened, ids, store, 9 * pageRows, 64)
      const killed = store.again()
      // The first chunk of a reading is always marked; what comes next is the unfinished page.
      killed.failAt = 1
      await expect(read(opened, ids, killed, { chunk: 96 })).rejects.toThrow('the disk is full')
      expect(killed.disk.checkpoint?.payload[0]).toBe(length & 255)
      const next = killed.again()
      expect(await reused(next, 'checkpoint at the end')).toBe(length)
      expect(next.of('page').length).toBe(10)
      expect(await reused(next.again(), 'sealed')).toBe(length)
    })

    it('sealed over a damaged carry after a crash: still never wrong', async () => {
      const sealing = complete.history.findLastIndex(disk => disk.records.at(-1)?.kind === 'carry')
      const store = new MemoryStore(complete.history[sealing])
      store.damage(store.disk.records.length - 1)
      await reused(store, 'last carry damaged')
      expect(await reused(store.again(), 'repaired')).toBe(length)
    })

    it('the disk fails at any change: the failure is told, memory is given back, what was saved serves', async () => {
      const live = device.liveBuffers
      // How many changes there are depends on how many checkpoints the time allowed.
      const attempt = (store: MemoryStore) =>
        read(opened, ids, store, { chunk: 96 }).then(
          timeline => (timeline.free(), 'read'),
          (error: Error) => error.message
        )
      let failAt = 0
      for (; ; failAt += 2) {
        const store = new MemoryStore()
        store.failAt = failAt
        const outcome = await attempt(store)
        expect(device.liveBuffers).toBe(live)
        if (outcome === 'read') break
        expect(outcome).toBe('memory store: the disk is full')
        if (failAt % 8 === 0) await reused(store.again(), `failed at ${failAt}`)
      }
      expect(failAt).toBeGreaterThan(12)
    })

    it('a file of 3,000 tokens weighs at most 1.02 times what it holds', async () => {
      const text = textOf(3000, opened.vocabulary)
      const store = new MemoryStore()
      // No fixed chunk: the length of chunks is what the adapter makes of it.
      const timeline = await read(opened, text, store, { chunk: undefined })
      const { layout } = opened.model
      const carry = timeline.carry.savedBytes
      timeline.free()
      const rows = layout.rowBytes * 3000
      expect(store.bytes).toBeLessThanOrEqual(1.02 * (rows + store.of('carry').length * carry + 3000 * 4))
      expect((store.of('carry').length - 1) * carry).toBeLessThanOrEqual(rows / 8)
      expect(store.of('carry').length).toBeGreaterThanOrEqual(3)
      expect(store.disk.checkpoint).toBeUndefined()
    })
  })
