/** Several models came with the program: which one reads a document, what the other would take, and the change between them. */
import '../testing/with-resolvers'
import { beforeEach, describe, expect, test, vi } from 'vitest'
import type { Reading } from '../../contract/document'
import { type Plan, useDocuments } from '../store/documents'
import { useEngine } from '../store/engine'
import { makeFlows } from './flows'
import { betterThan, modelOf, settingFor, usualModel } from './model-choice'
import { offeredBy } from './plan-reading'
import { emptyStores, type FakeMachine, fakeMachine, settled } from './testing/fake-machine'

let machine: FakeMachine
vi.stubGlobal('localStorage', { getItem: () => null, setItem: () => undefined, removeItem: () => undefined })
vi.stubGlobal('document', { hidden: false })

async function openWindow() {
  emptyStores()
  const { adding, documents, start } = makeFlows(
    () => machine.host,
    ({ model }) => machine.openEngine(model),
    (bytes, model) => machine.choicesOf(bytes, model)
  )
  await start.start()
  await settled()
  return { adding, documents }
}

/** On the disk, for a reading. */
function roomForSmallAlone(): void {
  const { openEngine } = machine
  machine.openEngine = model => {
    machine.room = model.id !== base.id
    return openEngine(model)
  }
}

const small = { id: 'embedded', name: 'small', bytes: 1, embedded: true }
const base = { id: 'embedded:base', name: 'base', bytes: 1, embedded: true }
const info = (id = 'a') => useDocuments.getState().documents[id]
const planOf = (id = 'a'): Plan | undefined => {
  const now = useDocuments.getState().activity[id]
  return now?.name === 'planned' || now?.name === 'queued' || now?.name === 'reading' ? now.plan : undefined
}
const opened = () => machine.log.filter(line => line.startsWith('open '))
const reading = (model: string): Reading => ({
  ...{ modelKey: `${model}-key`, modelName: model, tokens: 1000, read: 1000, state: 'complete' },
  ...{ pageFileBytes: 1, updatedAt: '' }
})

beforeEach(() => {
  machine = fakeMachine(['a', 'b'])
  machine.models = [base, small]
  machine.adapter = { name: 'processor', software: true }
  machine.speedOf = { [small.id]: 1000, [base.id]: 100 }
  machine.workOf = { [small.id]: 1e6, [base.id]: 10e6 }
})

describe('by default', () => {
  // At 100 tokens a second, the better model is two minutes away from 12,000.
  test.each([
    [11_900, base.id, 'reading'],
    [12_100, small.id, 'reading'],
    [200_000, small.id, 'planned']
  ])('%i tokens: %s', async (tokens, modelId, activity) => {
    machine.tokens = { a: tokens }
    const { adding } = await openWindow()
    expect(opened()).toEqual([`open ${small.id}`])
    await adding.plan('a')
    await settled()
    expect(info().modelId).toBe(modelId)
    expect(machine.documents.get('a')!.modelId).toBe(modelId)
    expect(useDocuments.getState().activity['a']?.name).toBe(activity)
    expect(planOf()?.offers?.map(({ name, seconds }) => [name, Math.round(seconds)])).toEqual([
      ['base', expect.any(Number)],
      ['small', Math.round(tokens / 1000)]
    ])
  })

  test('what was counted is measured before it reads: too slow after all, the quick one does', async () => {
    machine.speedOf = { [small.id]: 1000, [base.id]: 20 }
    machine.tokens = { a: 8000 }
    const { adding } = await openWindow()
    await adding.plan('a')
    await settled()
    // By its work it would have taken less than two minutes, by its probe it takes 400 seconds.
    expect(opened()).toEqual([small.id, base.id, small.id].map(id => `open ${id}`))
    expect(info().modelId).toBe(small.id)
    expect(planOf()?.offers?.map(({ seconds }) => Math.round(seconds))).toEqual([400, 8])
    // Known from now on, it is not loaded for the next one.
    machine.tokens = { b: 8000 }
    await adding.plan('b')
    expect(opened()).toHaveLength(3)
    expect(info('b').modelId).toBe(small.id)
  })

  test('with a GPU the better one, however long', async () => {
    machine.adapter = { name: 'GPU', software: false }
    machine.tokens = { a: 200_000 }
    const { adding } = await openWindow()
    await adding.plan('a')
    expect(info().modelId).toBe(base.id)
    expect(planOf()?.verdict.name).toBe('slow')
  })

  test('one that cannot be loaded reads nothing', async () => {
    const { openEngine } = machine
    machine.openEngine = model =>
      model.id === base.id ? Promise.reject(new Error('too large')) : openEngine(model)
    const { adding } = await openWindow()
    await adding.plan('a')
    await settled()
    expect(info().modelId).toBe(small.id)
    expect(useDocuments.getState().activity['a']?.name).toBe('reading')
  })

  test('one that there is no room for reads nothing where the quick one can', async () => {
    roomForSmallAlone()
    const { adding } = await openWindow()
    await adding.plan('a')
    await settled()
    expect(opened()).toEqual([small.id, base.id, small.id].map(id => `open ${id}`))
    expect([info().modelId, useDocuments.getState().activity['a']?.name]).toEqual([small.id, 'reading'])
  })

  test('with a GPU the quick one too, where there is room for its reading alone', async () => {
    machine.adapter = { name: 'GPU', software: false }
    roomForSmallAlone()
    const { adding } = await openWindow()
    await adding.plan('a')
    await settled()
    expect(opened().slice(-2)).toEqual([base.id, small.id].map(id => `open ${id}`))
    expect([info().modelId, useDocuments.getState().activity['a']?.name]).toEqual([small.id, 'reading'])
  })

  test('with a GPU the better one, where there is room for neither', async () => {
    machine.adapter = { name: 'GPU', software: false }
    machine.room = false
    const { adding } = await openWindow()
    await adding.plan('a')
    expect([info().modelId, planOf()?.verdict.name]).toEqual([base.id, 'no-disk'])
    expect(offeredBy(planOf()!, base.id).map(({ modelId }) => modelId)).toEqual([small.id])
  })

  test('what was read with the one that was alone before is asked with it, and nothing is chosen', async () => {
    machine.documents.set('a', { ...info0(), readings: [reading('small (int8)')] })
    const { adding } = await openWindow()
    expect(modelOf(info())).toBe(small.id)
    machine.documents.set('a', { ...info0(), readings: [reading('small')] })
    await openWindow()
    await adding.plan('a')
    expect(info().modelId).toBeUndefined()
    machine.documents.set('a', { ...info0(), readings: [reading('small'), reading('base')] })
    await openWindow()
    expect(modelOf(info())).toBe(base.id)
  })

  test('the setting says another one, for every document', async () => {
    useEngine.setState({ models: machine.models })
    machine.settings = { ...machine.settings, defaultModel: settingFor(small.id) }
    const { adding } = await openWindow()
    expect(usualModel()).toEqual(small)
    await adding.plan('a')
    expect([opened(), info().modelId]).toEqual([[`open ${small.id}`], undefined])
    expect(planOf()?.offers).toHaveLength(2)
  })
})

test('a plan that lacks room offers the models that may need less, one that a setting bounds none', () => {
  const offers = [base, small].map(({ id, name }) => ({ modelId: id, name, seconds: 1, least: 1, most: 1 }))
  const offered = (verdict: Plan['verdict']) =>
    offeredBy({ offers, verdict }, base.id).map(({ modelId }) => modelId)
  expect(offered({ name: 'slow' })).toEqual([base.id, small.id])
  expect(offered({ name: 'too-long', limit: 9, because: 'memory' })).toEqual([small.id])
  expect(offered({ name: 'too-long', limit: 9, because: 'settings' })).toEqual([])
})

const info0 = () => machine.documents.get('a')!

describe('a person', () => {
  test('chooses for one document, and a window that is opened anew keeps it', async () => {
    machine.tokens = { a: 200_000 }
    const { adding } = await openWindow()
    await adding.plan('a')
    expect(planOf()?.offers?.map(({ modelId }) => modelId)).toEqual([base.id, small.id])
    await adding.readWithModel('a', base.id)
    await settled()
    expect(info().modelId).toBe(base.id)
    expect(machine.log).toContain('read a from 0')
    await adding.queue.stop('pause')
    await openWindow()
    expect(modelOf(info())).toBe(base.id)
    expect(modelOf(info('b'))).toBe(small.id)
  })

  test('reads with the better one by one press; what was read before is kept, and the better one answers', async () => {
    machine.documents.set('a', { ...info0(), readings: [reading('small')], modelId: small.id })
    machine.speeds = [
      { modelKey: 'small-key', adapter: 'processor', tokens: 1000, seconds: 1, at: '' },
      { modelKey: 'embedded-key', adapter: 'processor', tokens: 1000, seconds: 1, at: '' }
    ]
    const { adding } = await openWindow()
    expect(betterThan(small.id)).toEqual([base])
    expect(betterThan(base.id)).toEqual([])
    await adding.readWithModel('a', base.id)
    await settled()
    machine.readings[0].finish()
    await settled()
    expect(machine.log.filter(line => line.startsWith('read a'))).toEqual(['read a from 0'])
    expect(info().readings.map(({ modelKey }) => modelKey)).toEqual(['small-key', `${base.id}-key`])
    expect(modelOf(info())).toBe(base.id)
  })
})

describe('a person who does not wait for the better one to be measured', () => {
  /** Until `go` it is being loaded. */
  async function measured() {
    const { openEngine } = machine
    const loading = Promise.withResolvers<undefined>()
    machine.openEngine = async model => {
      if (model.id === base.id) await loading.promise
      return openEngine(model)
    }
    const flows = await openWindow()
    const planned = flows.adding.plan('a')
    await settled()
    expect(useDocuments.getState().activity['a']?.name).toBe('planning')
    const go = async (): Promise<void> => {
      loading.resolve(undefined)
      await planned
      await settled()
    }
    return { ...flows, go }
  }

  test('chooses, and that stands', async () => {
    const { documents, go } = await measured()
    await documents.update('a', { modelId: small.id })
    await go()
    expect([info().modelId, useDocuments.getState().activity['a']?.name]).toEqual([small.id, 'reading'])
    expect(machine.log.filter(line => line.startsWith('read'))).toEqual(['read a from 0'])
    expect(opened().at(-1)).toBe(`open ${small.id}`)
  })

  test('gives the reading up, and nothing is chosen', async () => {
    const { adding, go } = await measured()
    adding.leaveQueue('a')
    await go()
    expect([info().modelId, useDocuments.getState().activity['a']]).toEqual([undefined, undefined])
  })
})

test('a plan that is shown is that of the model which was chosen after it', async () => {
  machine.tokens = { a: 200_000 }
  const { adding, documents } = await openWindow()
  await adding.plan('a')
  expect([info().modelId, planOf()?.seconds]).toEqual([small.id, 200])
  await documents.update('a', { modelId: base.id })
  await settled()
  expect([info().modelId, planOf()?.seconds]).toEqual([base.id, 2000])
})

test('what the better one read in another precision than it has now is read again, and that is told', async () => {
  const readings = [{ ...reading('small'), modelKey: 'embedded-key' }, reading('base (int8)')]
  machine.documents.set('a', { ...info0(), readings, modelId: small.id })
  machine.speeds = [{ modelKey: 'embedded-key', adapter: 'processor', tokens: 1000, seconds: 10, at: '' }]
  const offered = async () => {
    const { adding } = await openWindow()
    return (await adding.offersFor('a'))?.map(({ seconds }) => Math.round(seconds))
  }
  expect(await offered()).toEqual([87, 10])
  machine.settings = { ...machine.settings, precisions: { [base.id]: { weights: 'int8' } } }
  expect(await offered()).toEqual([0, 10])
})

test('one model alone: nothing is counted, chosen, kept or offered', async () => {
  machine.models = [small, { ...small, id: 'installed:mine', name: 'mine', embedded: false }]
  machine.tokens = { a: 200_000 }
  const { adding } = await openWindow()
  await adding.plan('a')
  expect(planOf()).not.toHaveProperty('offers')
  expect(info().modelId).toBeUndefined()
  expect(machine.log.filter(line => /^(count|open)/.test(line))).toEqual([`open ${small.id}`])
  expect([usualModel()?.id, settingFor(small.id)]).toEqual([small.id, 'embedded'])
  expect(await adding.offersFor('a')).toBeUndefined()
})
