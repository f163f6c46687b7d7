/** A file that changed: what was read of its old text serves as far as both begin alike, and no bit further. */
import { beforeAll, expect, it } from 'vitest'
import { pageRows } from '../kernels/page-layout'
import { ReadTimeline, type TimelineOptions } from '../timeline'
import { describeGpu, device } from '../testing/gpu-testing'
import { MemoryStore } from '../testing/memory-store'
import {
  bitsOf,
  allReaders,
  collect,
  identity,
  type Opened,
  openTiny,
  readUntil,
  say,
  textOf
} from '../testing/readings'

/** Nineteen pages and a bit: several carries apart in the file of either model. */
const length = 19 * pageRows + 100
const question = [40, 41, 42, 7, 99]
const older = { ...identity, text: 'older' }

for (const kind of allReaders)
  describeGpu(`a base, ${kind}`, () => {
    let opened: Opened
    let ids: Uint32Array
    let base: MemoryStore
    let points: number[]

    const open = (text: Uint32Array, store?: MemoryStore, from?: MemoryStore, more: TimelineOptions = {}) =>
      ReadTimeline.open(opened.model, opened.queue, text, 0, store, identity, {
        chunk: 96,
        base: from && { store: from, identity: older },
        ...more
      })
    const state = async (timeline: ReadTimeline) => {
      try {
        const said = await collect(say(opened, timeline, question))
        return { reused: timeline.reused, bits: await bitsOf(opened, timeline), said: said.ids }
      } finally {
        timeline.free()
      }
    }
    const changedAt = (at: number): Uint32Array => {
      const text = ids.slice()
      text[at] = (text[at] + 1) % opened.vocabulary
      return text
    }
    const grown = (by: number): Uint32Array =>
      Uint32Array.from([...ids, ...textOf(by, opened.vocabulary, 77)])
    /** The furthest carry of the base at or before a position. */
    const pointBefore = (position: number) => points.findLast(point => point <= position) ?? 0

    beforeAll(async () => {
      opened = await openTiny(kind, device)
      ids = textOf(length, opened.vocabulary)
      base = new MemoryStore()
      const timeline = await ReadTimeline.open(opened.model, opened.queue, ids, 0, base, older, { chunk: 96 })
      timeline.free()
      points = base
        .of('carry')
        .map(record => new DataView(base.disk.records[record].payload.buffer).getUint32(0, true))
    })

    it('the fixture has carries in the middle, near the end and at the end', () => {
      expect(points.length).toBeGreaterThanOrEqual(4)
      expect(points.slice(-2)).toEqual([19 * pageRows, length])
    })

    it.each([
      ['grown at its end', () => grown(700), length],
      ['grown, its last token another', () => grown(700).fill(3, length - 1, length), length - 1],
      ['changed in the middle', () => changedAt(3000), 3000],
      ['changed at its third token', () => changedAt(2), 2],
      ['shortened to pages', () => ids.slice(0, 8 * pageRows), 8 * pageRows],
      ['shortened inside a page', () => ids.slice(0, 3333), 3333],
      ['the same', () => ids, length]
    ] as const)(
      '%s: reads on from the last carry before the change, bit for bit as anew',
      async (_, make, common) => {
        const text = make()
        const fresh = new MemoryStore()
        const expected = await state(await open(text, fresh))
        const store = new MemoryStore()
        const found: unknown[] = []
        const history = base.history.length
        const timeline = await open(text, store, base, { onFound: (...told) => void found.push(...told) })
        const point = pointBefore(common)
        expect(await state(timeline)).toEqual({ ...expected, reused: point })
        const fromBase = point > 0 ? { fromBase: point } : {}
        expect(found).toEqual([{ state: 'absent', ...fromBase }, text.length - point, text.length])
        // The base is read and not written; the new file is as good as one that was read at once.
        expect(base.history.length).toBe(history)
        expect(store.disk.records.map(({ kind: each }) => each).filter(each => each !== 'carry')).toEqual(
          fresh.disk.records.map(({ kind: each }) => each).filter(each => each !== 'carry')
        )
        const again = await open(text, store.again())
        expect(await state(again)).toEqual({ ...expected, reused: text.length })
      }
    )

    it('loses less than the distance of two carries, and little of a file that grew', () => {
      const apart = Math.max(...points.map((point, i) => point - (points[i - 1] ?? 0)))
      for (const common of [2000, 3000, 4000]) expect(common - pointBefore(common)).toBeLessThan(apart)
      expect(length - 1 - pointBefore(length - 1)).toBeLessThan(pageRows + 16)
    })

    it('a base whose reading was stopped serves up to its checkpoint', async () => {
      const stopped = new MemoryStore()
      const reached = await readUntil(opened, ids, stopped, 1500, 70)
      stopped.disk = { ...stopped.disk, identity: older }
      const text = changedAt(4000)
      const expected = await state(await open(text))
      const store = new MemoryStore()
      expect(await state(await open(text, store, stopped))).toEqual({ ...expected, reused: reached })
      expect(await state(await open(text, store.again()))).toEqual({ ...expected, reused: text.length })
    })

    it('any damaged record: never a wrong bit, and what is before it serves', async () => {
      const text = grown(50)
      const expected = await state(await open(text))
      for (const [index, { kind: what }] of base.disk.records.entries()) {
        if (what === 'seal' || (what === 'page' && index % 5 !== 1)) continue
        const damaged = base.again()
        damaged.damage(index)
        const { reused, ...rest } = await state(await open(text, new MemoryStore(), damaged))
        expect(rest, `${what} ${index}`).toEqual({ bits: expected.bits, said: expected.said })
        const before = base
          .of('carry')
          .filter(record => record < index)
          .map((_, i) => points[i])
        const last = index === base.of('carry').at(-1)
        const expectedPlace =
          what === 'tokens' ? 0 : what === 'carry' && !last ? length : (before.at(-1) ?? 0)
        expect(reused, `${what} ${index}`).toBe(expectedPlace)
      }
    })

    it('foreign, absent, failing: not used', async () => {
      const text = grown(10)
      const foreign = new MemoryStore({ ...base.disk, identity: { ...older, weights: 'others' } })
      const failing = base.again()
      failing.open = () => Promise.reject(new Error('in use'))
      for (const useless of [foreign, new MemoryStore(), failing]) {
        const timeline = await open(text, new MemoryStore(), useless)
        expect(timeline.reused).toBe(0)
        timeline.free()
        expect(useless.history).toEqual([])
      }
    })

    it('a foreign file of its own is replaced by the base; one that leads further is kept', async () => {
      const text = changedAt(3000)
      const foreign = new MemoryStore({ ...base.disk, identity: { ...identity, text: 'another' } })
      const timeline = await open(text, foreign, base)
      expect(timeline.reused).toBe(pointBefore(3000))
      timeline.free()
      const own = new MemoryStore()
      const reached = await readUntil(opened, text, own, 3500, 64)
      const further = await open(text, own.again(), base)
      expect(further.reused).toBe(reached)
      further.free()
      const short = new MemoryStore()
      await readUntil(opened, text, short, 200, 64)
      const based = await open(text, short.again(), base)
      expect(based.reused).toBe(pointBefore(3000))
      based.free()
    })

    it('stopped, or killed, while it is copied: the next reading takes it up again, and memory is free', async () => {
      const live = device.liveBuffers
      const text = grown(100)
      const expected = await state(await open(text))
      const store = new MemoryStore()
      const stop = new AbortController()
      const append = store.append.bind(store)
      store.append = async (...record) => {
        await append(...record)
        if (store.of('page').length === 6) stop.abort()
      }
      await expect(open(text, store, base, { signal: stop.signal })).rejects.toMatchObject({
        code: 'cancelled'
      })
      expect(device.liveBuffers).toBe(live)
      expect(store.of('page').length).toBe(6)
      for (const disk of [store.disk, ...store.history.slice(1, 9)])
        expect(await state(await open(text, new MemoryStore(disk), base))).toEqual({
          ...expected,
          reused: length
        })
    })

    it('reading that shall end at a token takes no more from the base, and nothing where nothing is to be read', async () => {
      const most = 2000
      const timeline = await open(grown(10), new MemoryStore(), base, { most })
      expect([timeline.reused, timeline.rows]).toEqual([pointBefore(most), most])
      timeline.free()
      const store = new MemoryStore()
      const closed = await open(grown(10), store, base, { most: 0 })
      expect([closed.rows, store.history]).toEqual([0, []])
      closed.free()
    })
  })
