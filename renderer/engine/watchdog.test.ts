import '../testing/with-resolvers'
import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import type { FromWorker, ToWorker } from '../worker/protocol'
import { serveEngine } from '../worker/serve-engine'
import { openEngineClient } from './engine-client'
import { inspectModel } from './model-worker'
import type { EngineWorker } from './jobs'

const model = { id: 'm', name: 'm' }
const bytes = { at: '', headers: {} }
const opened = {
  type: 'opened',
  adapter: {},
  model: {},
  modelKey: 'k',
  memory: {}
} as unknown as FromWorker

/** A worker that can be made to hang, as within one task that never ends. */
function fakeWorker() {
  const asked: ToWorker[] = []
  const worker = {
    hangs: false,
    terminated: false,
    asked,
    onmessage: null as EngineWorker['onmessage'],
    onerror: null as EngineWorker['onerror'],
    terminate: () => void (worker.terminated = true),
    say: (data: FromWorker) => worker.onmessage?.({ data } as MessageEvent<FromWorker>),
    postMessage(message: ToWorker) {
      asked.push(message)
      if (!worker.hangs && message.type === 'ping') receive(message)
    }
  }
  // The worker's own side of the protocol.
  const receive = serveEngine({ tell: message => worker.say(message), gpu: () => undefined })
  return worker
}

beforeEach(() => void vi.useFakeTimers())
afterEach(() => void vi.useRealTimers())

async function openedClient() {
  const worker = fakeWorker()
  const told: boolean[] = []
  const opening = openEngineClient({
    ...{ bytes, model, worker },
    onLoading: () => undefined,
    onSilence: silent => told.push(silent)
  })
  worker.say(opened)
  return { worker, told, engine: await opening }
}

test('a worker that hangs for ten seconds is told, and that it answers again', async () => {
  const { worker, told } = await openedClient()
  await vi.advanceTimersByTimeAsync(60_000)
  expect(told).toEqual([])
  worker.hangs = true
  await vi.advanceTimersByTimeAsync(9_000)
  expect(told).toEqual([])
  await vi.advanceTimersByTimeAsync(3_000)
  expect(told).toEqual([true])
  await vi.advanceTimersByTimeAsync(60_000)
  expect(told).toEqual([true])
  worker.hangs = false
  worker.say({ type: 'pong' })
  expect(told).toEqual([true, false])
  await vi.advanceTimersByTimeAsync(60_000)
  expect(told).toEqual([true, false])
})

test('long work that gives news is no silence, nor is a computer that slept', async () => {
  const { worker, told } = await openedClient()
  worker.hangs = true
  for (let i = 0; i < 10; i++) {
    await vi.advanceTimersByTimeAsync(8_000)
    worker.say({ type: 'loading', loaded: i, total: 10 })
  }
  expect(told).toEqual([])
  // Asked, and not answered yet.
  await vi.advanceTimersByTimeAsync(1_500)
  // The clock went on by an hour while no timer ran.
  vi.setSystemTime(Date.now() + 3_600_000)
  const now = performance.now.bind(performance)
  vi.spyOn(performance, 'now').mockImplementation(() => now() + 3_600_000)
  await vi.advanceTimersByTimeAsync(3_000)
  expect(told).toEqual([])
  vi.restoreAllMocks()
})

test('it is watched from its first message on, and can be given up while it opens', async () => {
  const worker = fakeWorker()
  worker.hangs = true
  const told: boolean[] = []
  const giveUp = new AbortController()
  const opening = openEngineClient({
    ...{ bytes, model, worker },
    onLoading: () => undefined,
    onSilence: silent => told.push(silent),
    giveUp: giveUp.signal
  })
  await vi.advanceTimersByTimeAsync(12_000)
  expect(told).toEqual([true])
  giveUp.abort()
  await expect(opening).rejects.toMatchObject({ code: 'closed' })
  expect(worker.terminated).toBe(true)
})

test('files of a model that keep a worker busy without an end are refused in words', async () => {
  const worker = fakeWorker()
  worker.hangs = true
  const looking = inspectModel('mine', [], worker)
  const refused = expect(looking).rejects.toThrow(/mine.*10 seconds/)
  await vi.advanceTimersByTimeAsync(12_000)
  await refused
  expect(worker.terminated).toBe(true)
})
