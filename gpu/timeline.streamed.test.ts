/** A document that is larger than the graphics memory must be read, saved, asked and resumed as one that fits. */
import { beforeAll, expect, it } from 'vitest'
import { Device } from './device/device'
import { pageRows } from './kernels/page-layout'
import { besidePages } from './kv/open-pages'
import { describeGpu, device } from './testing/gpu-testing'
import { MemoryStore } from './testing/memory-store'
import {
  bothDecoders,
  collect,
  identity,
  type Opened,
  openTiny,
  read,
  type Said,
  say,
  textOf
} from './testing/readings'
import { ReadTimeline, type TimelineOptions } from './timeline'

/** 14 pages and a part of a 15th. A ring takes six, two pieces at least one each. */
const length = 14 * pageRows + 130
const question = [40, 41, 42, 7, 99]

for (const kind of bothDecoders)
  describeGpu(`a document larger than the graphics memory, ${kind}`, () => {
    let whole: Opened
    let limited: Opened
    let small: Device
    let ids: Uint32Array
    let expected: Said
    let complete: MemoryStore

    /** Room for so many pages of a document, for which three quarters of what is left beside it may be used. */
    const allow = (pages: number): void => {
      const taken = small.liveBytes + besidePages(limited.model)
      small.memoryLimit = taken + (pages * limited.model.layout.pageBytes * 4) / 3 + 64
    }
    const allowAll = (): void => {
      small.memoryLimit = Infinity
    }
    /** Beside these tiny pages an answer takes much; the limit is for the document alone, and ends before reading begins. */
    const withRoom = async (
      pages: number,
      store: MemoryStore | undefined,
      options: TimelineOptions = {}
    ): Promise<ReadTimeline> => {
      allow(pages)
      try {
        return await read(limited, ids, store, { chunk: 96, onFound: allowAll, ...options })
      } finally {
        allowAll()
      }
    }
    const ask = (by: Opened, timeline: ReadTimeline, options = {}) =>
      collect(say(by, timeline, question, options))
    const asked = async (by: Opened, timeline: ReadTimeline): Promise<Said> => {
      try {
        return await ask(by, timeline)
      } finally {
        timeline.free()
        await timeline.released
      }
    }
    const records = ({ disk }: MemoryStore) =>
      disk.records.map(({ kind, payload }) => [kind, Buffer.from(payload).toString('base64')])

    beforeAll(async () => {
      whole = await openTiny(kind, device)
      small = new Device(device.raw, device.adapter, false)
      limited = await openTiny(kind, small)
      ids = textOf(length, whole.vocabulary)
      complete = new MemoryStore()
      const timeline = await read(whole, ids, complete)
      expect(timeline.isStreamed).toBe(false)
      expected = await asked(whole, timeline)
    })

    it('the fixture can fail: pages and carries, tokens that differ, another text says something else', async () => {
      expect(complete.of('page').length).toBe(15)
      expect(complete.of('carry').length).toBeGreaterThanOrEqual(2)
      expect(new Set(expected.ids).size).toBeGreaterThan(5)
      const changed = ids.slice()
      changed.fill(7, 5 * pageRows, 7 * pageRows)
      expect((await asked(whole, await read(whole, changed))).end.mass).not.toEqual(expected.end.mass)
    })

    it.each([
      ['one page held', 9],
      ['some of them held', 12],
      ['all but one', 14]
    ])('%s: the same page file, the same answer to the bit, within the limit', async (_, pages) => {
      const store = new MemoryStore()
      const timeline = await withRoom(pages, store)
      expect(timeline.isStreamed).toBe(true)
      expect(small.memory().pages).toBeLessThanOrEqual(pages * limited.model.layout.pageBytes)
      expect(records(store)).toEqual(records(complete))
      expect(await asked(limited, timeline)).toEqual(expected)
      expect(small.memory().pages).toBe(0)
    })

    it('a ring and two pieces alone: nothing is held', async () => {
      const timeline = await withRoom(8, complete.again())
      expect([timeline.isStreamed, timeline.pages.banks.length, timeline.reused]).toEqual([true, 0, length])
      expect(await asked(limited, timeline)).toEqual(expected)
    })

    it('with room for all of it nothing is streamed; room is asked for before it is done without', async () => {
      const timeline = await withRoom(15, complete.again())
      expect(timeline.isStreamed).toBe(false)
      expect(await asked(limited, timeline)).toEqual(expected)
      let short = 0
      const onShort = () => {
        allow(15)
        return short++ === 0
      }
      const again = await withRoom(9, complete.again(), { onShort })
      expect([again.isStreamed, short]).toEqual([false, 1])
      again.free()
    })

    it('several answers at once, each with its own rows in view, and brought pages are used again', async () => {
      const timeline = await withRoom(9, complete.again())
      const other = [3, 9, 27]
      const alone = await collect(say(limited, timeline, other))
      const both = await Promise.all([ask(limited, timeline), collect(say(limited, timeline, other))])
      expect(both).toEqual([expected, alone])
      timeline.free()
    })

    it.each([0.1, 0.4, 0.7, 0.9])('killed after %d of its changes on disk, gone on with', async part => {
      const store = new MemoryStore(complete.history[Math.floor(complete.history.length * part)])
      const timeline = await withRoom(9, store)
      expect(timeline.reused).toBeLessThan(length)
      expect(await asked(limited, timeline)).toEqual(expected)
      expect(store.of('page').length).toBe(15)
      expect(store.disk.records.at(-1)?.kind).toBe('seal')
    })

    it('stopped inside a page, asked, gone on with elsewhere, with more memory and with less', async () => {
      const store = new MemoryStore()
      const stop = new AbortController()
      let reached = 0
      const onProgress: TimelineOptions['onProgress'] = ({ tokens }) => {
        reached = tokens
        if (tokens >= 11 * pageRows + 70) stop.abort()
      }
      const stopping = withRoom(9, store, { chunk: 37, signal: stop.signal, onProgress })
      await expect(stopping).rejects.toMatchObject({ code: 'cancelled' })
      const stopped = await withRoom(9, store.again(), { most: 0 })
      expect([stopped.reused, stopped.isStreamed]).toEqual([reached, true])
      const cut = await read(whole, ids.subarray(0, reached))
      expect(await asked(limited, stopped)).toEqual(await asked(whole, cut))
      const further = store.again()
      ;(await read(whole, ids, further, { most: 13 * pageRows + 3 })).free()
      const resumed = await withRoom(9, further.again())
      expect(resumed.reused).toBe(13 * pageRows + 3)
      expect(await asked(limited, resumed)).toEqual(expected)
    })

    it('what was read of an earlier text is taken over, also beyond what memory holds', async () => {
      const changed = ids.slice()
      changed.fill(9, length - 40)
      const base = { store: complete.again(), identity }
      const [store, other] = [new MemoryStore(), { ...identity, text: 'y' }]
      allow(9)
      const options: TimelineOptions = { chunk: 96, onFound: allowAll, base }
      const timeline = await ReadTimeline.open(
        limited.model,
        limited.queue,
        changed,
        0,
        store,
        other,
        options
      )
      expect(timeline.reused).toBeGreaterThan(8 * pageRows)
      expect(timeline.isStreamed).toBe(true)
      const plain = await read(whole, changed)
      expect(await asked(limited, timeline)).toEqual(await asked(whole, plain))
    })

    it('asked while it is read: as a document that ends where the answer begins', async () => {
      const answers: Promise<Said>[] = []
      const timeline = await withRoom(9, new MemoryStore(), {
        onLive: live => {
          const askLater = (at: number): Promise<Said> =>
            live.rows >= at
              ? ask(limited, live, { mostTokens: 6 })
              : new Promise(resolve => setTimeout(resolve, 5)).then(() => askLater(at))
          for (const at of [300, 8 * pageRows, 12 * pageRows]) answers.push(askLater(at))
        }
      })
      expect(answers.length).toBe(3)
      for (const answer of await Promise.all(answers)) {
        const cut = await read(whole, ids.subarray(0, answer.end.rows))
        expect(answer).toEqual(await ask(whole, cut, { mostTokens: 6 }))
        cut.free()
      }
      expect(await asked(limited, timeline)).toEqual(expected)
    })

    it('a page that cannot be read back ends the answer with a sentence; opened again, it is read anew', async () => {
      const store = complete.again()
      const timeline = await withRoom(9, store)
      store.damage(store.of('page')[7])
      await expect(ask(limited, timeline)).rejects.toMatchObject({
        code: 'unreadable-pages',
        message: expect.stringMatching(
          /^What was read of tokens 1,792 to 2,047 could not be read back .* Open the document again/
        )
      })
      timeline.free()
      await timeline.released
      expect(small.memory()).toMatchObject({ pages: 0, staging: 0 })
      const again = await withRoom(9, store.again())
      expect(again.reused).toBeLessThanOrEqual(7 * pageRows)
      expect(await asked(limited, again)).toEqual(expected)
    })

    it('stopped in the middle of a token: what it had is kept, the half token counts nothing', async () => {
      const store = complete.again()
      const timeline = await withRoom(9, store)
      const stop = new AbortController()
      const answer = say(limited, timeline, question, { signal: stop.signal, mostTokens: 200 })
      const first = await answer.next()
      const pending = answer.next()
      stop.abort()
      const { value, done } = await pending
      expect(done && value.stop).toBe('aborted')
      const one = await ask(limited, timeline, { mostTokens: 1 })
      expect(first.value).toEqual(Uint32Array.from(one.ids))
      expect(done && value.mass).toEqual(one.end.mass)
      timeline.free()
    })

    it('is refused where nothing saves it, where reading looks back, and where memory is too short for anything', async () => {
      small.memoryLimit = small.liveBytes + 9 * limited.model.layout.pageBytes
      await expect(read(limited, ids)).rejects.toMatchObject({
        code: 'too-long',
        message: expect.stringMatching(/^3,714 tokens need \d+ MiB .* are left/)
      })
      await expect(withRoom(5, complete.again())).rejects.toMatchObject({ code: 'too-long' })
      const plan = { ...limited.model.plan, residentPages: true }
      allow(9)
      await expect(
        ReadTimeline.open({ ...limited.model, plan }, limited.queue, ids, 0, new MemoryStore(), identity)
      ).rejects.toMatchObject({
        code: 'too-long',
        message: expect.stringContaining('looks at all of them')
      })
      expect(small.memory().pages).toBe(0)
    })
  })
