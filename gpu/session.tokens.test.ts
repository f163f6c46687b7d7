/** A text is tokenized only when its ids are not on disk. */
import { beforeAll, expect, it } from 'vitest'
import { EngineFailure } from './failure'
import { ReadTimeline } from './session'
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

  const open = async (store: MemoryStore, signal?: AbortSignal) => {
    let asked = 0
    const tokenize = () => {
      asked++
      return ids
    }
    const options = { chunk: 64, signal }
    const timeline = await ReadTimeline.open(
      opened.model,
      opened.turns,
      tokenize,
      0,
      store,
      identity,
      options
    )
    const found = { asked, reused: timeline.reused, ids: [...timeline.ids] }
    timeline.free()
    return found
  }

  it('come from the tokenizer once, then from the file', async () => {
    const store = new MemoryStore()
    expect(await open(store)).toEqual({ asked: 1, reused: 0, ids: [...ids] })
    expect(await open(store)).toEqual({ asked: 0, reused: 300, ids: [...ids] })
  })

  it('come from the file for a reading that was stopped, too', async () => {
    const store = new MemoryStore()
    await expect(open(store, AbortSignal.abort())).rejects.toThrow(EngineFailure)
    expect(await open(store)).toEqual({ asked: 0, reused: 0, ids: [...ids] })
  })

  it('come from the tokenizer again where those on file are beyond the vocabulary', async () => {
    const store = new MemoryStore()
    await store.begin(identity)
    await store.append('tokens', new Uint8Array(Uint32Array.of(1, opened.vocabulary, 2).buffer))
    expect(await open(store)).toEqual({ asked: 1, reused: 0, ids: [...ids] })
  })
})
