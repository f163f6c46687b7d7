/** A reading that was saved, stopped or killed, and goes on, must not be told apart from one that never was. */
import { beforeAll, expect, it } from 'vitest'
import type { Device } from './device/device'
import { openDevice } from './device/device'
import { pageRows } from './kernels/page-layout'
import { openDawn } from './node/dawn'
import { describeGpu, device, deviceWith } from './testing/gpu-testing'
import { MemoryStore } from './testing/memory-store'
import {
  bitsOf,
  allReaders,
  collect,
  identity,
  type Opened,
  openTiny,
  read,
  readUntil,
  type Said,
  say,
  textOf
} from './testing/readings'
import { ReadTimeline } from './timeline'

/** Five pages, the last one unfinished; 21 chunks of 64. */
const length = 5 * pageRows - 150
const question = [40, 41, 42, 7, 99]

for (const kind of allReaders)
  describeGpu(`saved reading, ${kind}`, () => {
    let opened: Opened
    let elsewhere: Opened
    let other: Device
    let ids: Uint32Array
    let expected: { bits: string[]; said: Said }
    let complete: MemoryStore

    const state = async (by: Opened, timeline: ReadTimeline) => {
      try {
        return { bits: await bitsOf(by, timeline), said: await collect(say(by, timeline, question)) }
      } finally {
        timeline.free()
      }
    }

    beforeAll(async () => {
      opened = await openTiny(kind, device)
      other = await openDevice(openDawn())
      elsewhere = await openTiny(kind, other)
      ids = textOf(length, opened.vocabulary)
      expected = await state(opened, await read(opened, ids))
      complete = new MemoryStore()
      expect(await state(opened, await read(opened, ids, complete))).toEqual(expected)
      return () => other.close()
    })

    it('the fixture can fail: several chunks, pages and carries, and tokens that differ', async () => {
      expect(complete.of('page').length).toBe(5)
      expect(complete.of('carry').length).toBeGreaterThanOrEqual(2)
      expect(complete.history.length).toBeGreaterThan(10)
      expect(new Set(expected.said.ids).size).toBeGreaterThan(5)
      const changed = ids.slice()
      changed[100] = (changed[100] + 1) % opened.vocabulary
      expect((await state(opened, await read(opened, changed))).bits).not.toEqual(expected.bits)
    })

    it('reopened elsewhere: nothing is computed, same bits, same tokens, nothing is written', async () => {
      const store = complete.again()
      const timeline = await read(elsewhere, ids, store)
      expect([timeline.reused, timeline.rows]).toEqual([length, length])
      expect(await state(elsewhere, timeline)).toEqual(expected)
      expect(store.history).toEqual([])
      expect(timeline.pageFileBytes).toBe(store.bytes)
    })

    it.each([
      ...[1, 2, 3, 4].map(page => [page * pageRows, 64]),
      ...[37, 259, 555].map(odd => [odd, 37]),
      [767, 59]
    ])('stopped at %i, reading by %i, and resumed elsewhere', async (position, chunk) => {
      const store = new MemoryStore()
      const reached = await readUntil(opened, ids, store, position, chunk)
      expect(reached).toBeLessThan(position + chunk)
      const resumed = await read(elsewhere, ids, store.again(), { chunk: 53 })
      expect(resumed.reused).toBe(reached)
      expect(await state(elsewhere, resumed)).toEqual(expected)
    })

    it('stopped again and again, each time in another process', async () => {
      let store = new MemoryStore()
      for (const [i, position] of [41, 300, 500, 512, 700, length - 60].entries()) {
        await readUntil(i % 2 === 0 ? opened : elsewhere, ids, store, position, 17 + i)
        store = store.again()
      }
      expect(await state(opened, await read(opened, ids, store))).toEqual(expected)
    })

    it('killed between any two changes on disk: goes on from a saved place, same bits', async () => {
      const disks = complete.history
      let most = 0
      for (const [i, disk] of disks.entries()) {
        const by = i % 2 === 0 ? opened : elsewhere
        const store = new MemoryStore(disk)
        const timeline = await read(by, ids, store)
        // What is reused only grows with what is on disk.
        expect(timeline.reused, `after change ${i}`).toBeGreaterThanOrEqual(most)
        most = timeline.reused
        expect(await bitsOf(by, timeline), `after change ${i}`).toEqual(expected.bits)
        timeline.free()
        // The file that was gone on with is as good as one that was never left.
        expect(store.of('page').length, `after change ${i}`).toBe(5)
        expect(store.disk.records.at(-1)?.kind).toBe('seal')
        const again = await read(by, ids, store.again())
        expect(again.reused, `after change ${i}`).toBe(length)
        again.free()
      }
      expect(most).toBe(length)
    })

    it.each([
      [[3, 300, 512, 700], 64],
      [[256, 1024], 59],
      [[1, length - 1, length + 100], 37]
    ] as const)(
      'read to %j and then on: as a reading that never stopped, each end in view',
      async (ends, chunk) => {
        let store = new MemoryStore()
        let before = 0
        for (const [i, most] of ends.entries()) {
          const by = i % 2 === 0 ? opened : elsewhere
          const timeline = await read(by, ids, store, { chunk, most })
          const end = Math.min(most, length)
          expect([timeline.reused, timeline.rows, timeline.ids.length]).toEqual([before, end, length])
          const said = await collect(say(by, timeline, question))
          expect(said.end.rows).toBe(end)
          const cut = await read(by, ids.subarray(0, end))
          expect(said).toEqual(await collect(say(by, cut, question)))
          if (end >= pageRows)
            expect(store.disk.records.at(-1)?.kind).toMatch(end === length ? /seal/ : /page|carry/)
          cut.free()
          timeline.free()
          before = end
          store = store.again()
        }
        const whole = await read(elsewhere, ids, store)
        expect(whole.reused).toBe(before)
        expect(await state(elsewhere, whole)).toEqual(expected)
        expect(store.disk.records.at(-1)?.kind).toBe('seal')
      }
    )

    it('what is saved beyond the end that is wanted stays in view, and is opened without a write', async () => {
      const store = new MemoryStore()
      const reached = await readUntil(opened, ids, store, 700, 64)
      for (const most of [0, 100, reached]) {
        const again = store.again()
        const live: unknown[] = []
        const options = { most, onLive: (each: unknown) => void live.push(each) }
        const timeline = await read(elsewhere, ids, again, options)
        expect([timeline.reused, timeline.rows]).toEqual([reached, reached])
        expect([again.history, live]).toEqual([[], []])
        const cut = await read(elsewhere, ids.subarray(0, reached))
        expect(await collect(say(elsewhere, timeline, question))).toEqual(
          await collect(say(elsewhere, cut, question))
        )
        for (const each of [cut, timeline]) each.free()
      }
      for (const most of [0, 100]) {
        const timeline = await read(elsewhere, ids, complete.again(), { most })
        expect(await state(elsewhere, timeline)).toEqual(expected)
      }
    })

    it('several banks: pages beyond one binding are saved, restored and read the same', async () => {
      const pageBytes = opened.model.layout.pageBytes
      const small = await openTiny(kind, deviceWith('software', 2 * pageBytes))
      const store = new MemoryStore()
      const first = await read(small, ids, store)
      expect(first.pages.banks.length).toBe(3)
      expect(await bitsOf(small, first)).toEqual(expected.bits)
      first.free()
      const again = await read(small, ids, store.again())
      expect(again.reused).toBe(length)
      const { bits, said } = await state(small, again)
      expect(bits).toEqual(expected.bits)
      expect(said.ids).toEqual(expected.said.ids)
    })

    it('a length of whole pages: complete, reopened, one token more is another document', async () => {
      const whole = textOf(2 * pageRows, opened.vocabulary)
      const bits = (await state(opened, await read(opened, whole))).bits
      const store = new MemoryStore()
      ;(await read(opened, whole, store)).free()
      const again = await read(elsewhere, whole, store.again())
      expect(again.reused).toBe(whole.length)
      expect((await state(elsewhere, again)).bits).toEqual(bits)
      const longer = await read(opened, textOf(2 * pageRows + 1, opened.vocabulary), store.again())
      expect(longer.reused).toBe(0)
      longer.free()
    })

    it('foreign in any field: told by name, read anew, the old file is replaced', async () => {
      for (const field of Object.keys(identity) as (keyof typeof identity)[]) {
        const store = complete.again()
        const found: unknown[] = []
        const timeline = await ReadTimeline.open(
          opened.model,
          opened.queue,
          ids.subarray(0, 200),
          0,
          store,
          { ...identity, [field]: 'other' },
          { chunk: 64, onFound: (what, todo) => void found.push(what, todo) }
        )
        expect(found).toEqual([{ state: 'foreign', differs: [field] }, 200])
        expect(timeline.reused).toBe(0)
        expect(store.disk.identity).toMatchObject({ [field]: 'other' })
        timeline.free()
      }
    })
  })
