import '../testing/with-resolvers'
import { beforeEach, describe, expect, test, vi } from 'vitest'
import { defaultSettings } from '../../contract/settings'
import type { FakeMachine } from './testing/fake-machine'
import { fakeMachine, settled } from './testing/fake-machine'

// The order of events only: the real engine behind real messages is in ../engine/engine-client.test.ts.
let machine: FakeMachine
vi.mock('../host/host', () => ({ pickHost: () => machine.host }))
vi.mock('../engine/engine-client', async () => ({
  EngineError: (await import('../engine/jobs')).EngineError,
  openEngineClient: (_: unknown, model: { id: string; name: string }) => machine.openEngine(model),
  inspectModel: () => undefined
}))

const storage = new Map<string, string>()
vi.stubGlobal('localStorage', {
  getItem: (key: string) => storage.get(key) ?? null,
  setItem: (key: string, value: string) => storage.set(key, value),
  removeItem: (key: string) => storage.delete(key)
})
vi.stubGlobal('document', { hidden: false })

/** A window that has just been opened: modules without a past. */
async function openWindow() {
  vi.resetModules()
  // One after another: side by side, the module that stands for the worker is now and then not put in its place.
  const client = await import('../engine/engine-client')
  const start = await import('./start')
  const queue = await import('./read-queue')
  const trash = await import('./trash')
  const sessions = await import('./sessions')
  const engine = await import('../store/engine')
  const documents = await import('../store/documents')
  machine.EngineError = client.EngineError
  await start.start()
  await settled()
  return {
    ...start,
    ...queue,
    ...trash,
    ...sessions,
    engine: () => engine.useEngine.getState(),
    documents: () => documents.useDocuments.getState(),
    activity: (id: string) => documents.useDocuments.getState().activity[id]?.name
  }
}
type Window = Awaited<ReturnType<typeof openWindow>>

const kept = (): unknown => JSON.parse(storage.get('readonce-queue') ?? '[]')
const reads = (): string[] => machine.log.filter(line => line.startsWith('read '))

let window: Window
beforeEach(async () => {
  storage.clear()
  machine = fakeMachine(['a', 'b', 'c']) as FakeMachine
  window = await openWindow()
})

async function readTo(id: string, tokens: number): Promise<void> {
  await window.readDocument(id)
  await settled()
  machine.readings.at(-1)!.progress(tokens)
}

describe('the queue', () => {
  test('reads one document at a time, in the order of asking, and is kept until it is done', async () => {
    for (const id of ['b', 'a', 'c']) await window.readDocument(id)
    await settled()
    expect(reads()).toEqual(['read b from 0'])
    expect(window.documents().queue).toEqual(['a', 'c'])
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
    expect(window.documents().sessions).toMatchObject({ c: { tokens: 1000, total: 1000 } })
    expect(window.documents().activity).toEqual({})
  })

  test('the same document is not read twice, also when it is asked for again meanwhile', async () => {
    for (const id of ['a', 'a', 'b', 'b', 'a']) await window.readDocument(id)
    await settled()
    expect(window.documents().queue).toEqual(['b'])
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
    await window.readDocument('b')
    const pausing = window.pauseReading()
    expect(window.activity('a')).toBe('pausing')
    await pausing
    await settled()
    expect(machine.documents.get('a')!.readings).toMatchObject([{ read: 620, state: 'partial' }])
    expect(window.activity('a')).toBeUndefined()
    expect(reads()).toEqual(['read a from 0', 'read b from 0'])
    expect(kept()).toEqual([{ id: 'b' }])
    await window.readDocument('a')
    machine.readings[1].finish()
    await settled()
    expect(reads().at(-1)).toBe('read a from 620')
  })

  test('cancel drops what was saved, after the engine has let go; one that only waits leaves', async () => {
    await readTo('a', 620)
    await window.readDocument('b')
    await window.cancelReading('b')
    expect(window.documents().queue).toEqual([])
    expect(window.activity('b')).toBeUndefined()
    await window.cancelReading('a')
    expect(machine.log.slice(-2)).toEqual(['note a partial 620/1000', 'trash reading a embedded-key'])
    expect(window.activity('a')).toBeUndefined()
    expect(machine.documents.get('a')!.readings).toEqual([])
  })

  test('what a cancel took away comes back, also when reading began anew meanwhile', async () => {
    await readTo('a', 620)
    await window.cancelReading('a')
    const notice = window.documents().notices.at(-1)!
    expect(notice.trashed).toMatchObject({ what: 'reading', documentId: 'a' })
    await readTo('a', 10)
    await window.undo(notice.trashed!)
    await settled()
    expect(machine.documents.get('a')!.readings).toMatchObject([{ read: 620 }])
    expect(window.documents().notices).toEqual([])
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
    expect(window.documents().notices).toEqual([])
  })

  test('a document that is removed while it is read', async () => {
    await readTo('a', 620)
    await window.removeDocument('a')
    await settled()
    expect(machine.log.at(-1)).toBe('remove a')
    expect(window.documents().order).toEqual(['b', 'c'])
    expect(window.engine().state.name).toBe('ready')
  })

  test('a failure is told and the next one begins', async () => {
    await readTo('a', 100)
    await window.readDocument('b')
    machine.readings[0].fail('disk-full', 'The disk is full.')
    await settled()
    expect(window.documents().activity['a']).toEqual({ name: 'failed', reason: 'The disk is full.' })
    expect(reads().at(-1)).toBe('read b from 0')
  })

  test('a window that closed or crashed goes on with its queue, not with what was paused', async () => {
    await readTo('c', 300)
    await window.pauseReading()
    await window.readDocument('a', 500)
    await window.readDocument('b')
    await settled()
    machine.readings.at(-1)!.progress(200)
    const before = reads().length
    window = await openWindow()
    expect(reads().slice(before)).toEqual(['read a from 0 to 500'])
    expect(window.documents().queue).toEqual(['b'])
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
    await window.startAgain()
    await settled()
    expect(reads()).toHaveLength(2)
    expect(window.engine().state.name).toBe('reading')
  })

  test('another model is loaded after what is under way, and not for looking at a document', async () => {
    machine.documents.set('b', { ...machine.documents.get('b')!, modelId: 'other' })
    window = await openWindow()
    await readTo('a', 10)
    await window.openDocument('b')
    await window.readDocument('b')
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
    const other = window.sessionFor('b')
    const question = { history: [], sampling: {}, mostTokens: 1, signal: new AbortController().signal }
    const live = await window.sessionFor('a')
    for await (const part of live!.ask({ text: 'who?', ...question }))
      expect([part.type, window.engine().state.name]).toEqual(['text', 'answering'])
    expect(machine.log.at(-1)).toBe('ask a who?')
    expect(window.engine().state.name).toBe('reading')
    machine.readings.at(-1)!.finish()
    const session = await other
    expect(machine.log.slice(-2)).toEqual(['open other', 'reopen b'])
    expect(session).toMatchObject({ tokens: 1000, total: 1000 })
  })

  test('a session that was closed to make room is reopened when it is asked', async () => {
    await readTo('a', 10)
    machine.readings[0].finish()
    await settled()
    const session = await window.sessionFor('a')
    session!.close()
    await settled()
    expect(window.documents().sessions).toEqual({})
    const question = { history: [], sampling: {}, mostTokens: 1, signal: new AbortController().signal }
    for await (const part of session!.ask({ text: 'again?', ...question })) void part
    expect(machine.log.slice(-2)).toEqual(['reopen a', 'ask a again?'])
    expect(window.documents().sessions['a']?.reopenedSeconds).toBeGreaterThanOrEqual(0)
  })
})

describe('the plan', () => {
  const verdict = (id: string): unknown => {
    const activity = window.documents().activity[id]
    return activity?.name === 'planned' ? activity.plan.verdict : activity?.name
  }

  test('what fits and is short is read at once', async () => {
    await window.planReading('a')
    await settled()
    expect(window.documents().activity['a']).toMatchObject({
      name: 'reading',
      plan: { tokens: 1000, seconds: 1 }
    })
  })

  test('what takes longer than two minutes waits for a word', async () => {
    machine.tokens = { a: 120_001 }
    await window.planReading('a')
    expect(verdict('a')).toEqual({ name: 'slow' })
    expect(reads()).toEqual([])
    await window.readDocument('a')
    await settled()
    expect(reads()).toEqual(['read a from 0'])
  })

  test('longer than the limit in the settings: read up to it only by a word, and noted', async () => {
    machine.settings = { ...defaultSettings, contextLimit: 700 }
    window = await openWindow()
    await window.planReading('a')
    expect(verdict('a')).toEqual({ name: 'too-long', limit: 700, because: 'settings' })
    await window.readDocument('a')
    await settled()
    // Said once more, because the limit was not given.
    expect(verdict('a')).toEqual({ name: 'too-long', limit: 700, because: 'settings' })
    expect(reads()).toEqual([])
    await window.readDocument('a', 700)
    await settled()
    machine.readings[0].finish()
    await settled()
    expect(machine.documents.get('a')!.readings).toMatchObject([
      { read: 700, tokens: 1000, state: 'partial', limit: 700 }
    ])
  })

  test('longer than memory holds, or than the disk has room for', async () => {
    machine.fits = false
    await window.planReading('a')
    expect(verdict('a')).toEqual({ name: 'too-long', limit: 500, because: 'memory' })
    machine.fits = true
    machine.room = false
    await window.planReading('b')
    expect(verdict('b')).toEqual({ name: 'no-disk', limit: 'disk' })
    await window.readDocument('b')
    await settled()
    expect(verdict('b')).toEqual({ name: 'no-disk', limit: 'disk' })
    expect(reads()).toEqual([])
  })

  test('goes by how fast this computer read before: what is short by the probe alone waits for a word', async () => {
    machine.tokens = { a: 100_000 }
    await window.planReading('a')
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
    await window.planReading('b')
    expect(verdict('b')).toEqual({ name: 'slow' })
    expect(window.documents().activity['b']).toMatchObject({
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
      const activity = window.documents().activity['a']
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
      await window.planReading('a')
      await settled()
      isAsked('b', 'c')
      // By the probe: 1000 tokens a second.
      expect(planned()).toMatchObject({ leavingSeconds: 1 })
      await window.readDocument('a')
      await settled()
      expect([evicted(), reads()]).toEqual([['evict b', 'evict c'], ['read a from 0']])
      expect(window.documents().notices).toHaveLength(2)
    })

    test('of a model whose speed is not known tells no time; that of its earlier readings where there are some', async () => {
      machine.leaving = [{ ...leaving('b'), modelKey: 'other-key' }]
      await window.planReading('a')
      expect(planned()?.leavingSeconds).toBeUndefined()
      const at = '2026-01-01T00:00:00.000Z'
      machine.speeds = [{ modelKey: 'other-key', adapter: '', tokens: 2000, seconds: 20, probed: 1000, at }]
      await window.planReading('a')
      expect(planned()?.leavingSeconds).toBeCloseTo(5)
    })

    test('is asked again when another one would go, or more of it was read, than was told', async () => {
      machine.leaving = [leaving('b')]
      await window.planReading('a')
      machine.leaving = [leaving('b'), leaving('c')]
      await window.readDocument('a')
      await settled()
      isAsked('b', 'c')
      machine.leaving = [leaving('b'), leaving('c', 501)]
      await window.readDocument('a')
      await settled()
      isAsked('b', 'c')
      await window.readDocument('a')
      await settled()
      expect(evicted()).toEqual(['evict b', 'evict c'])
    })

    test('is asked when it was not needed as reading was planned', async () => {
      machine.tokensPerSecond = 1
      await window.planReading('a')
      expect(verdict('a')).toEqual({ name: 'slow' })
      machine.leaving = [leaving('b')]
      await window.readDocument('a')
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
    await window.planReading('a')
    expect(window.activity('a')).toBe('planned')
    window = await openWindow()
    expect(window.documents().activity['a']).toMatchObject({
      name: 'planned',
      plan: { tokens: 1000, verdict: { name: 'slow' } }
    })
    await window.cancelReading('a')
    window = await openWindow()
    expect(window.activity('a')).toBeUndefined()
    await window.planReading('b')
    await window.readDocument('b')
    await settled()
    storage.clear()
    window = await openWindow()
    expect(window.activity('b')).toBeUndefined()
  })

  test('made for another model, or by another version, waits no more', async () => {
    machine.tokensPerSecond = 1
    await window.planReading('a')
    await window.planReading('b')
    const [a, b] = ['a', 'b'].map(id => machine.documents.get(id)!)
    machine.documents.set('a', { ...a, modelId: 'other' })
    machine.documents.set('b', { ...b, view: { plan: { tokens: 'many' } } })
    window = await openWindow()
    expect(window.documents().activity).toEqual({})
  })

  test('is dropped when the document leaves', async () => {
    const planning = window.planReading('a')
    await window.removeDocument('a')
    await planning
    await settled()
    expect(window.documents().activity).toEqual({})
    expect(reads()).toEqual([])
  })
})
