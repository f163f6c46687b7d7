/** A reading with keys and values of 8 bits is saved, stopped, damaged, gone on with and built upon as one of halves. */
import { beforeAll, expect, it } from 'vitest'
import { pageRows } from './kernels/page-layout'
import { ReadTimeline } from './timeline'
import { describeGpu, device } from './testing/gpu-testing'
import { MemoryStore } from './testing/memory-store'
import {
  bitsOf,
  collect,
  identity,
  type Opened,
  openTiny,
  read,
  readUntil,
  say,
  textOf
} from './testing/readings'

/** Four pages, the last one unfinished. */
const length = 4 * pageRows - 150
const question = [40, 41, 42, 7, 99]

describeGpu('a reading with keys and values of 8 bits', () => {
  let opened: Opened
  let ids: Uint32Array
  let complete: MemoryStore
  let expected: { bits: string[]; said: number[] }

  const open = () => openTiny('official-window', device, 96, 'int8')
  const state = async (timeline: ReadTimeline) => {
    try {
      return {
        bits: await bitsOf(opened, timeline),
        said: (await collect(say(opened, timeline, question))).ids
      }
    } finally {
      timeline.free()
    }
  }

  beforeAll(async () => {
    opened = await open()
    ids = textOf(length, opened.vocabulary)
    complete = new MemoryStore()
    expected = await state(await read(opened, ids, complete))
  })

  it('takes half of the room of halves, and eight bytes for the scales of a head', async () => {
    const halves = await openTiny('official-window', device)
    const { kvHeads } = opened.model.plan.kept[0]
    expect(opened.model.layout.rowBytes).toBe(halves.model.layout.rowBytes / 2 + 8 * kvHeads)
    const pages = complete.of('page').map(record => complete.disk.records[record].payload.length - 16)
    const { rowBytes, pageBytes } = opened.model.layout
    expect(pages).toEqual([...Array<number>(3).fill(pageBytes), (length % pageRows) * rowBytes])
  })

  it('has the same bits however it is cut into chunks', async () => {
    for (const chunk of [19, 37, 96])
      expect(await state(await read(opened, ids, undefined, { chunk })), `by ${chunk}`).toEqual(expected)
  })

  it('reopened: nothing is computed, same bits, same tokens', async () => {
    const timeline = await read(await open(), ids, complete.again())
    expect(timeline.reused).toBe(length)
    expect(await state(timeline)).toEqual(expected)
  })

  it.each([
    [256, 64],
    [259, 37],
    [700, 59]
  ])('stopped at %i, reading by %i, and gone on with', async (position, chunk) => {
    const store = new MemoryStore()
    const reached = await readUntil(opened, ids, store, position, chunk)
    const resumed = await read(await open(), ids, store.again(), { chunk: 53 })
    expect(resumed.reused).toBe(reached)
    expect(await state(resumed)).toEqual(expected)
  })

  it('killed between changes on disk, or damaged: goes on from a saved place, same bits', async () => {
    for (const [i, disk] of complete.history.entries()) {
      if (i % 3 !== 0) continue
      const store = new MemoryStore(disk)
      expect(await state(await read(opened, ids, store)), `after change ${i}`).toEqual(expected)
      expect(store.disk.records.at(-1)?.kind).toBe('seal')
    }
    for (const record of complete.of('page')) {
      const store = complete.again()
      store.damage(record)
      const timeline = await read(opened, ids, store)
      expect(timeline.reused).toBeLessThan(length)
      expect(await state(timeline), `page record ${record}`).toEqual(expected)
    }
  })

  it('an earlier text serves a later one up to where they differ, bit for bit', async () => {
    const grown = Uint32Array.from([...ids, ...textOf(200, opened.vocabulary, 77)])
    const anew = await state(await read(opened, grown))
    const timeline = await ReadTimeline.open(
      opened.model,
      opened.queue,
      grown,
      0,
      new MemoryStore(),
      { ...identity, text: 'newer' },
      { chunk: 64, base: { store: complete.again(), identity } }
    )
    expect(timeline.reused).toBe(length)
    expect(await state(timeline)).toEqual(anew)
  })
})
