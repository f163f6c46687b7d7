/** How a model is run is a person's choice: what is not there is made first, and nothing changes where that fails. */
import { afterEach, beforeEach, expect, it, vi } from 'vitest'
import type { Host, ModelInfo } from '../../contract/host'
import { defaultSettings, type Settings } from '../../contract/settings'
import { EngineError } from '../engine/engine-client'
import type { RemoteEngine } from '../engine/remote-engine'
import { useEngine } from '../store/engine'
import { useSettings } from '../store/settings'
import { Models } from './models'
import { RunningEngine } from './running-engine'
import { KeptSettings } from './settings'

const model: ModelInfo = { id: 'installed:mine', name: 'mine', bytes: 9, embedded: false }
let [log, opened] = [[] as string[], [] as string[]]
let missing = false

const host = {
  bytes: { at: 'http://127.0.0.1:9/bytes', headers: {} },
  listModels: async () => [model],
  setSettings: async (change: Partial<Settings>) => ({ ...useSettings.getState(), ...change }),
  keepWeights: async (id: string) => void log.push(`keep ${id}`)
} as unknown as Host

function parts(makeWeights: () => Promise<boolean>) {
  const settings = new KeptSettings(() => host)
  const engine = new RunningEngine(
    () => host,
    async ({ precision }) => {
      opened.push(JSON.stringify(precision))
      return {
        weightsMissing: missing,
        lost: new Promise(() => undefined),
        onMemory: () => undefined,
        onClosed: () => undefined,
        close: () => undefined
      } as unknown as RemoteEngine
    },
    id => void settings.weightsGone(id)
  )
  const models = new Models(() => host, engine, settings, {
    choicesOf: () => Promise.reject(new Error('not asked')),
    makeWeights
  })
  return { engine, models }
}

beforeEach(async () => {
  ;[log, opened, missing] = [[], [], false]
  useSettings.setState(defaultSettings, true)
  useEngine.setState({ models: [model], modelId: undefined, state: { name: 'off' } })
  vi.stubGlobal('fetch', async (_url: string, { method }: { method: string }) => {
    log.push(method)
    return new Response()
  })
})
afterEach(() => vi.unstubAllGlobals())

it('weights that were made are kept, then used: a loaded model is loaded anew', async () => {
  const { engine, models } = parts(async () => true)
  ;(await engine.take(model.id, 'other')).release()
  await models.choose(model, { weights: 'int8', pages: 'int8' }, () => undefined).done
  expect(log).toEqual(['keep installed:mine'])
  expect(useSettings.getState().precisions).toEqual({ [model.id]: { weights: 'int8', pages: 'int8' } })
  expect(opened).toEqual(['{}', '{"weights":"int8","pages":"int8"}'])

  // The same choice again loads nothing; the model's own goes back, without a trace in the settings.
  await models.choose(model, { weights: 'int8', pages: 'int8' }, () => undefined).done
  expect(opened).toHaveLength(2)
  await models.choose(model, {}, () => undefined).done
  expect(useSettings.getState().precisions).toEqual({})
  expect(opened.at(-1)).toBe('{}')
})

it('what is there already is not made, and a model that is not loaded stays so', async () => {
  const { models } = parts(async () => false)
  await models.choose(model, { weights: 'int4' }, () => undefined).done
  expect([log, opened]).toEqual([[], []])
  expect(useSettings.getState().precisions).toEqual({ [model.id]: { weights: 'int4' } })
})

it.each(['disk-full', 'cancelled'] as const)('%s: nothing is changed, and what was sent goes', async code => {
  const { engine, models } = parts(() => Promise.reject(new EngineError(code, 'no')))
  ;(await engine.take(model.id, 'other')).release()
  await expect(models.choose(model, { weights: 'int8' }, () => undefined).done).rejects.toMatchObject({
    code
  })
  expect(log).toEqual(['DELETE'])
  expect(useSettings.getState().precisions).toEqual({})
  expect(opened).toEqual(['{}'])
})

it('weights that are gone: the model runs with its own, the choice is taken back, the rest of it stays', async () => {
  missing = true
  const { engine } = parts(async () => false)
  useSettings.setState({ precisions: { [model.id]: { weights: 'int8', pages: 'f32' } } })
  for (let i = 0; i < 2; i++) (await engine.take(model.id, 'other')).release()
  expect(useSettings.getState().precisions).toEqual({ [model.id]: { pages: 'f32' } })
  // Loaded once: it runs as it is chosen now.
  expect(opened).toEqual(['{"weights":"int8","pages":"f32"}'])
})
