/** A text is tokenized only when its ids are not on disk. */
import { beforeAll, expect, it } from 'vitest'
import { EngineFailure } from './failure'
import { ReadTimeline, type TimelineOptions } from './timeline'
import { describeGpu, device } from './testing/gpu-testing'
import { MemoryStore } from './testing/memory-store'
import { identity, type Opened, openTiny, textOf } from './testing/readings'

describeGpu('ids of a document', () => {
  let opened: Opened
  let ids: Uint32Array
  beforeAll(async () => {
    opened = await openTiny('official-window', device)
    ids = textOf(300, opened.vocabulary)
  })

  const open = async (store: MemoryStore, how: Pick<TimelineOptions, 'signal' | 'savedOnly'> = {}) => {
    let asked = 0
    const tokenize = () => {
      asked++
      return ids
    }
    const options = { chunk: 64, ...how }
    const timeline = await ReadTimeline.openIfWanted(
      opened.model,
      opened.queue,
      tokenize,
      0,
      store,
      identity,
      options
    )
    const found = timeline ? { asked, reused: timeline.reused, ids: [...timeline.ids] } : { asked }
    timeline?.free()
    return found
  }

  it('come from the tokenizer once, then from the file', async () => {
    const store = new MemoryStore()
    expect(await open(store)).toEqual({ asked: 1, reused: 0, ids: [...ids] })
    expect(await open(store)).toEqual({ asked: 0, reused: 300, ids: [...ids] })
  })

  it('come from the file for a reading that was stopped, too', async () => {
    const store = new MemoryStore()
    await expect(open(store, { signal: AbortSignal.abort() })).rejects.toThrow(EngineFailure)
    expect(await open(store)).toEqual({ asked: 0, reused: 0, ids: [...ids] })
  })

  it('are not asked for where only what is saved is wanted', async () => {
    const store = new MemoryStore()
    expect(await open(store, { savedOnly: true })).toEqual({ asked: 0 })
    expect(store.history).toEqual([])
    await open(store)
    expect(await open(store, { savedOnly: true })).toEqual({ asked: 0, reused: 300, ids: [...ids] })
  })

  it('come from the tokenizer again where those on file are beyond the vocabulary', async () => {
    const store = new MemoryStore()
    await store.begin(identity)
    await store.append('tokens', new Uint8Array(Uint32Array.of(1, opened.vocabulary, 2).buffer))
    expect(await open(store)).toEqual({ asked: 1, reused: 0, ids: [...ids] })
  })
})
