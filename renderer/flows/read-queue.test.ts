import '../testing/with-resolvers'
import { beforeEach, describe, expect, test, vi } from 'vitest'
import { defaultSettings } from '../../contract/settings'
import { setActivity, useDocuments } from '../store/documents'
import { useEngine } from '../store/engine'
import { makeFlows } from './flows'
import { emptyStores, type FakeMachine, fakeMachine, settled } from './testing/fake-machine'

// The order of events only: the real engine behind real messages is in ../engine/engine-client.test.ts.
let machine: FakeMachine

const storage = new Map<string, string>()
vi.stubGlobal('localStorage', {
  getItem: (key: string) => storage.get(key) ?? null,
  setItem: (key: string, value: string) => storage.set(key, value),
  removeItem: (key: string) => storage.delete(key)
})
vi.stubGlobal('document', { hidden: false })

/** A window that has just been opened, before the same machine. */
async function openWindow() {
  emptyStores()
  const { adding, documents, sessions, start, trash } = makeFlows(
    () => machine.host,
    ({ model }) => machine.openEngine(model)
  )
  await start.start()
  await settled()
  return {
    ...{ adding, documents, sessions, start, trash },
    engine: () => useEngine.getState(),
    store: () => useDocuments.getState(),
    activity: (id: string) => useDocuments.getState().activity[id]?.name
  }
}
type Window = Awaited<ReturnType<typeof openWindow>>

const kept = (): unknown => JSON.parse(storage.get('readonce-queue') ?? '[]')
const reads = (): string[] => machine.log.filter(line => line.startsWith('read '))

let window: Window
beforeEach(async () => {
  storage.clear()
  machine = fakeMachine(['a', 'b', 'c'])
  window = await openWindow()
})

async function readTo(id: string, tokens: number): Promise<void> {
  window.adding.read(id)
  await settled()
  machine.readings.at(-1)!.progress(tokens)
}

describe('the queue', () => {
  test('reads one document at a time, in the order of asking, and is kept until it is done', async () => {
    for (const id of ['b', 'a', 'c']) window.adding.read(id)
    await settled()
    expect(reads()).toEqual(['read b from 0'])
    expect(window.store().queue).toEqual(['a', 'c'])
    expect(window.engine().state.name).toBe('reading')
    expect(kept()).toEqual([{ id: 'b' }, { id: 'a' }, { id: 'c' }])
    machine.readings[0].finish()
    await settled()
    expect(reads()).toEqual(['read b from 0', 'read a from 0'])
    expect(kept()).toEqual([{ id: 'a' }, { id: 'c' }])
    machine.readings[1].finish()
    await settled()
    machine.readings[2].finish()
    await settled()
    expect(kept()).toEqual([])
    expect(window.engine().state.name).toBe('ready')
    expect(window.store().sessions).toMatchObject({ c: { tokens: 1000, total: 1000 } })
    expect(window.store().activity).toEqual({})
  })

  test('the same document is not read twice, also when it is asked for again meanwhile', async () => {
    for (const id of ['a', 'a', 'b', 'b', 'a']) window.adding.read(id)
    await settled()
    expect(window.store().queue).toEqual(['b'])
  })

  test('is noted at its beginning and at its end', async () => {
    await readTo('a', 400)
    machine.readings[0].finish()
    await settled()
    expect(machine.log.filter(line => line.startsWith('note'))).toEqual([
      'note a partial 0/1000',
      'note a complete 1000/1000'
    ])
  })

  test('pause keeps what was read, leaves the kept queue, and the next one begins; resume goes on from there', async () => {
    await readTo('a', 620)
    window.adding.read('b')
    const pausing = window.adding.queue.stop('pause')
    expect(window.activity('a')).toBe('pausing')
    await pausing
    await settled()
    expect(machine.documents.get('a')!.readings).toMatchObject([{ read: 620, state: 'partial' }])
    expect(window.activity('a')).toBeUndefined()
    expect(reads()).toEqual(['read a from 0', 'read b from 0'])
    expect(kept()).toEqual([{ id: 'b' }])
    window.adding.read('a')
    machine.readings[1].finish()
    await settled()
    expect(reads().at(-1)).toBe('read a from 620')
  })

  test('cancel drops what was saved, after the engine has let go; one that only waits leaves', async () => {
    await readTo('a', 620)
    window.adding.read('b')
    await window.adding.cancel('b')
    expect(window.store().queue).toEqual([])
    expect(window.activity('b')).toBeUndefined()
    await window.adding.cancel('a')
    expect(machine.log.slice(-2)).toEqual(['note a partial 620/1000', 'trash reading a embedded-key'])
    expect(window.activity('a')).toBeUndefined()
    expect(machine.documents.get('a')!.readings).toEqual([])
  })

  test('what a cancel took away comes back, also when reading began anew meanwhile', async () => {
    await readTo('a', 620)
    await window.adding.cancel('a')
    const notice = window.store().notices.at(-1)!
    expect(notice.trashed).toMatchObject({ what: 'reading', documentId: 'a' })
    await readTo('a', 10)
    await window.trash.undo(notice.trashed!)
    await settled()
    expect(machine.documents.get('a')!.readings).toMatchObject([{ read: 620 }])
    expect(window.store().notices).toEqual([])
    expect(window.activity('a')).toBeUndefined()
  })

  test('the program behind the page goes away and comes back: reading waits for it and goes on, without a failure', async () => {
    await readTo('a', 620)
    machine.connect('away')
    machine.readings[0].fail('host-gone', 'The program has ended.')
    await settled()
    expect(window.activity('a')).toBe('queued')
    expect(window.engine().host).toBe('away')
    expect(reads()).toHaveLength(1)
    machine.connect('here')
    await settled()
    expect(reads()).toHaveLength(2)
    expect(window.store().notices).toEqual([])
  })

  test('what the library says of a document follows what the program knows when it comes back', async () => {
    machine.connect('away')
    const reading = { modelKey: 'embedded-key', modelName: 'embedded', tokens: 1000, read: 620 } as const
    await machine.host.noteReading('b', { ...reading, state: 'partial' })
    machine.documents.delete('c')
    machine.connect('here')
    await settled()
    expect(window.store().documents['b']?.readings).toMatchObject([{ read: 620 }])
    expect(window.store().order).toEqual(expect.not.arrayContaining(['c']))
  })

  test('a document that is removed while it is read', async () => {
    await readTo('a', 620)
    await window.documents.remove('a')
    await settled()
    expect(machine.log.at(-1)).toBe('remove a')
    expect(window.store().order).toEqual(['b', 'c'])
    expect(window.engine().state.name).toBe('ready')
  })

  test('a failure is told and the next one begins', async () => {
    await readTo('a', 100)
    window.adding.read('b')
    machine.readings[0].fail('disk-full', 'The disk is full.')
    await settled()
    expect(window.store().activity['a']).toEqual({ name: 'failed', reason: 'The disk is full.' })
    expect(reads().at(-1)).toBe('read b from 0')
  })

  test('a window that closed or crashed goes on with its queue, not with what was paused', async () => {
    await readTo('c', 300)
    await window.adding.queue.stop('pause')
    window.adding.read('a', 500)
    window.adding.read('b')
    await settled()
    machine.readings.at(-1)!.progress(200)
    const before = reads().length
    window = await openWindow()
    expect(reads().slice(before)).toEqual(['read a from 0 to 500'])
    expect(window.store().queue).toEqual(['b'])
    expect(window.activity('c')).toBeUndefined()
  })

  test('a kept queue of another version, or of documents that are gone, is no harm', async () => {
    storage.set('readonce-queue', '[{"id":"gone"},{"id":7},null,"a",{"id":"b","most":"x"}]')
    await openWindow()
    storage.set('readonce-queue', '{not json')
    window = await openWindow()
    expect(reads()).toEqual([])
    expect(window.engine().state.name).toBe('ready')
  })
})

describe('the engine', () => {
  test('lost while reading: named, and the reading goes on with the next engine', async () => {
    await readTo('a', 620)
    machine.loseEngine('device gone')
    await settled()
    expect(window.engine().state).toEqual({ name: 'lost', reason: 'device gone' })
    expect(window.activity('a')).toBe('queued')
    expect(kept()).toEqual([{ id: 'a' }])
    expect(reads()).toHaveLength(1)
    await window.start.again()
    await settled()
    expect(reads()).toHaveLength(2)
    expect(window.engine().state.name).toBe('reading')
  })

  test('another model is loaded after what is under way, and not for looking at a document', async () => {
    machine.documents.set('b', { ...machine.documents.get('b')!, modelId: 'other' })
    window = await openWindow()
    await readTo('a', 10)
    await window.sessions.show('b')
    window.adding.read('b')
    await settled()
    expect(machine.log.filter(line => line.startsWith('open '))).not.toContain('open other')
    machine.readings.at(-1)!.finish()
    await settled()
    expect(machine.log.at(-4)).toBe('open other')
    expect(machine.log.slice(-3)).toEqual(['room for b', 'read b from 0', 'note b partial 0/1000'])
    expect(window.engine().modelId).toBe('other')
  })

  test('a question to what is being read is answered meanwhile, one to another model after it', async () => {
    machine.documents.set('b', {
      ...machine.documents.get('b')!,
      modelId: 'other',
      readings: [
        {
          modelKey: 'other-key',
          modelName: 'other',
          tokens: 1000,
          read: 1000,
          pageFileBytes: 1,
          state: 'complete',
          updatedAt: ''
        }
      ]
    })
    window = await openWindow()
    await readTo('a', 10)
    machine.readings.at(-1)!.live()
    const other = window.sessions.open('b')
    const question = { history: [], sampling: {}, mostTokens: 1, signal: new AbortController().signal }
    expect(await window.sessions.open('a')).toBe(true)
    for await (const part of window.sessions.ask('a', { text: 'who?', ...question }))
      expect([part.type, window.engine().state.name]).toEqual(['text', 'answering'])
    expect(machine.log.at(-1)).toBe('ask a who?')
    expect(window.engine().state.name).toBe('reading')
    machine.readings.at(-1)!.finish()
    expect(await other).toBe(true)
    expect(machine.log.slice(-2)).toEqual(['open other', 'reopen b'])
    expect(window.store().sessions).toMatchObject({ b: { tokens: 1000, total: 1000 } })
  })

  test('a session that was closed to make room is reopened when it is asked', async () => {
    await readTo('a', 10)
    machine.readings[0].finish()
    await settled()
    machine.makeRoom('a')
    expect(window.store().sessions).toEqual({})
    const question = { history: [], sampling: {}, mostTokens: 1, signal: new AbortController().signal }
    for await (const part of window.sessions.ask('a', { text: 'again?', ...question })) void part
    expect(machine.log.slice(-2)).toEqual(['reopen a', 'ask a again?'])
    expect(window.store().sessions['a']?.reopenedSeconds).toBeGreaterThanOrEqual(0)
  })
})

describe('the plan', () => {
  const verdict = (id: string): unknown => {
    const activity = window.store().activity[id]
    return activity?.name === 'planned' ? activity.plan.verdict : activity?.name
  }

  test('what fits and is short is read at once', async () => {
    await window.adding.plan('a')
    await settled()
    expect(window.store().activity['a']).toMatchObject({
      name: 'reading',
      plan: { tokens: 1000, seconds: 1 }
    })
  })

  test('what takes longer than two minutes waits for a word', async () => {
    machine.tokens = { a: 120_001 }
    await window.adding.plan('a')
    expect(verdict('a')).toEqual({ name: 'slow' })
    expect(reads()).toEqual([])
    window.adding.read('a')
    await settled()
    expect(reads()).toEqual(['read a from 0'])
  })

  test('longer than the limit in the settings: read up to it only by a word, and noted', async () => {
    machine.settings = { ...defaultSettings, contextLimit: 700 }
    window = await openWindow()
    await window.adding.plan('a')
    expect(verdict('a')).toEqual({ name: 'too-long', limit: 700, because: 'settings' })
    window.adding.read('a')
    await settled()
    // Said once more, because the limit was not given.
    expect(verdict('a')).toEqual({ name: 'too-long', limit: 700, because: 'settings' })
    expect(reads()).toEqual([])
    window.adding.read('a', 700)
    await settled()
    machine.readings[0].finish()
    await settled()
    expect(machine.documents.get('a')!.readings).toMatchObject([
      { read: 700, tokens: 1000, state: 'partial', limit: 700 }
    ])
  })

  test('larger than the graphics memory: told with what answers cost, read by a word', async () => {
    machine.fits = 'streamed'
    await window.adding.plan('a')
    const { activity, documents } = useDocuments.getState()
    const plan = activity['a']?.name === 'planned' ? activity['a'].plan : undefined
    expect(plan).toMatchObject({ verdict: { name: 'slow' }, memoryBytes: 1000 })
    expect(plan?.answerSecondsPerWord).toBeCloseTo((0.5 * 1000 * 6) / documents['a'].characters, 9)
    await window.adding.followRoom('a')
    expect(verdict('a')).toEqual({ name: 'slow' })
    expect(reads()).toEqual([])
    window.adding.read('a')
    await settled()
    expect(reads()).toEqual(['read a from 0'])
  })

  test('longer than memory holds, or than the disk has room for', async () => {
    machine.fits = false
    await window.adding.plan('a')
    expect(verdict('a')).toEqual({ name: 'too-long', limit: 500, because: 'memory' })
    machine.fits = true
    machine.room = false
    await window.adding.plan('b')
    expect(verdict('b')).toEqual({ name: 'no-disk', limit: 'disk' })
    window.adding.read('b')
    await settled()
    expect(verdict('b')).toEqual({ name: 'no-disk', limit: 'disk' })
    expect(reads()).toEqual([])
  })

  test('follows the room on the disk while it waits, both ways, and is kept so', async () => {
    machine.tokens = { a: 120_001 }
    await window.adding.plan('a')
    const { plan } = window.store().activity['a'] as { plan: unknown }
    await window.adding.followRoom('a')
    // Nothing changed: nothing is drawn or written.
    expect((window.store().activity['a'] as { plan: unknown }).plan).toBe(plan)
    machine.room = false
    await window.adding.followRoom('a')
    expect(verdict('a')).toEqual({ name: 'no-disk', limit: 'disk' })
    expect(machine.documents.get('a')?.view?.plan).toMatchObject({
      verdict: { name: 'no-disk' },
      roomBytes: 1
    })
    machine.room = true
    await window.adding.followRoom('a')
    expect(verdict('a')).toEqual({ name: 'slow' })
    machine.host.roomAhead = () => Promise.reject(new Error('away'))
    await window.adding.followRoom('a')
    expect(verdict('a')).toEqual({ name: 'slow' })
    expect(reads()).toEqual([])
  })

  test('whose look at the disk comes too late changes nothing', async () => {
    machine.tokens = { a: 120_001 }
    await window.adding.plan('a')
    machine.room = false
    const looking = window.adding.followRoom('a')
    setActivity('a', { name: 'pausing' })
    await looking
    expect(window.activity('a')).toBe('pausing')
  })

  test('goes by how fast this computer read before: what is short by the probe alone waits for a word', async () => {
    machine.tokens = { a: 100_000 }
    await window.adding.plan('a')
    await settled()
    // 100 s by the probe: read unasked.
    expect(reads()).toEqual(['read a from 0'])
    machine.readings[0].progress(2000)
    machine.readings[0].finish()
    await settled()
    expect(machine.log.filter(line => line.startsWith('speed'))).toEqual(['speed 2000 1000'])
    const at = '2026-01-01T00:00:00.000Z'
    machine.speeds = [
      { modelKey: 'embedded-key', adapter: '', tokens: 20_000, seconds: 100, probed: 1000, at }
    ]
    machine.tokens = { b: 100_000 }
    await window.adding.plan('b')
    expect(verdict('b')).toEqual({ name: 'slow' })
    expect(window.store().activity['b']).toMatchObject({
      plan: { seconds: expect.closeTo(500), least: expect.closeTo(500), most: expect.closeTo(500) }
    })
    expect(reads()).toHaveLength(1)
  })

  describe('that gives up what was read of others', () => {
    const leaving = (documentId: string, tokens = 500) => ({
      documentId,
      name: `${documentId}.txt`,
      modelKey: 'embedded-key',
      tokens,
      bytes: 2000,
      replaced: false
    })
    const evicted = (): string[] => machine.log.filter(line => line.startsWith('evict'))
    const planned = () => {
      const activity = window.store().activity['a']
      return activity?.name === 'planned' ? activity.plan : undefined
    }
    const isAsked = (...ids: string[]): void => {
      expect(planned()).toMatchObject({
        verdict: { name: 'evicts' },
        leaving: ids.map(documentId => ({ documentId }))
      })
      expect([evicted(), reads()]).toEqual([[], []])
    }

    test('waits for a word, with what it costs, and then gives up that', async () => {
      machine.leaving = [leaving('b'), leaving('c')]
      await window.adding.plan('a')
      await settled()
      isAsked('b', 'c')
      // By the probe: 1000 tokens a second.
      expect(planned()).toMatchObject({ leavingSeconds: 1 })
      window.adding.read('a')
      await settled()
      expect([evicted(), reads()]).toEqual([['evict b', 'evict c'], ['read a from 0']])
      expect(window.store().notices).toHaveLength(2)
    })

    test('of a model whose speed is not known tells no time; that of its earlier readings where there are some', async () => {
      machine.leaving = [{ ...leaving('b'), modelKey: 'other-key' }]
      await window.adding.plan('a')
      expect(planned()?.leavingSeconds).toBeUndefined()
      const at = '2026-01-01T00:00:00.000Z'
      machine.speeds = [{ modelKey: 'other-key', adapter: '', tokens: 2000, seconds: 20, probed: 1000, at }]
      await window.adding.plan('a')
      expect(planned()?.leavingSeconds).toBeCloseTo(5)
    })

    test('is asked again when another one would go, or more of it was read, than was told', async () => {
      machine.leaving = [leaving('b')]
      await window.adding.plan('a')
      machine.leaving = [leaving('b'), leaving('c')]
      window.adding.read('a')
      await settled()
      isAsked('b', 'c')
      machine.leaving = [leaving('b'), leaving('c', 501)]
      window.adding.read('a')
      await settled()
      isAsked('b', 'c')
      window.adding.read('a')
      await settled()
      expect(evicted()).toEqual(['evict b', 'evict c'])
    })

    test('is asked when it was not needed as reading was planned', async () => {
      machine.tokensPerSecond = 1
      await window.adding.plan('a')
      expect(verdict('a')).toEqual({ name: 'slow' })
      machine.leaving = [leaving('b')]
      window.adding.read('a')
      await settled()
      isAsked('b')
    })

    test('is asked after a restart, when the queue goes on', async () => {
      storage.set('readonce-queue', '[{"id":"a"}]')
      machine.leaving = [leaving('b')]
      window = await openWindow()
      await settled()
      isAsked('b')
      window = await openWindow()
      isAsked('b')
    })
  })

  test('that waits for a word waits again after a restart, until it is answered', async () => {
    machine.tokensPerSecond = 1
    await window.adding.plan('a')
    expect(window.activity('a')).toBe('planned')
    window = await openWindow()
    expect(window.store().activity['a']).toMatchObject({
      name: 'planned',
      plan: { tokens: 1000, verdict: { name: 'slow' } }
    })
    await window.adding.cancel('a')
    window = await openWindow()
    expect(window.activity('a')).toBeUndefined()
    await window.adding.plan('b')
    window.adding.read('b')
    await settled()
    storage.clear()
    window = await openWindow()
    expect(window.activity('b')).toBeUndefined()
  })

  test('made for another model, or by another version, waits no more', async () => {
    machine.tokensPerSecond = 1
    await window.adding.plan('a')
    await window.adding.plan('b')
    const [a, b] = ['a', 'b'].map(id => machine.documents.get(id)!)
    machine.documents.set('a', { ...a, modelId: 'other' })
    machine.documents.set('b', { ...b, view: { plan: { tokens: 'many' } } })
    window = await openWindow()
    expect(window.store().activity).toEqual({})
  })

  test('is dropped when the document leaves', async () => {
    const planning = window.adding.plan('a')
    await window.documents.remove('a')
    await planning
    await settled()
    expect(window.store().activity).toEqual({})
    expect(reads()).toEqual([])
  })
})
