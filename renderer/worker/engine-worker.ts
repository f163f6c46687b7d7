/** The real engine behind messages: opens it once on this worker's `navigator.gpu`, then reads and asks by job. */
import { HostFailure } from '../../contract/failure'
import { type Engine, EngineFailure, openEngine, type Session } from '../../gpu/index'
import { modelSource } from './model-source'
import type { Failed, FromWorker, ToWorker } from './protocol'

const scope = self as unknown as DedicatedWorkerGlobalScope
const tell = (message: FromWorker): void => scope.postMessage(message)

let engine: Engine | undefined
const sessions = new Map<number, Session>()
const jobs = new Map<number, AbortController>()

scope.onmessage = ({ data }: MessageEvent<ToWorker>) => {
  switch (data.type) {
    case 'open':
      return void open(data)
    case 'read':
      return void work(data.job, signal => read(data, signal))
    case 'ask':
      return void work(data.job, signal => ask(data, signal))
    case 'stop':
      return jobs.get(data.job)?.abort()
    case 'forget':
      sessions.get(data.session)?.close()
      return void sessions.delete(data.session)
  }
}

async function open({ model, bytes }: Extract<ToWorker, { type: 'open' }>): Promise<void> {
  try {
    const gpu = (navigator as Navigator & { gpu?: GPU }).gpu
    if (!gpu) throw new EngineFailure('gpu-lacking', 'This browser has no WebGPU.')
    engine = await openEngine({
      gpu,
      model: modelSource(bytes, model),
      onLoading: (loaded, total) => tell({ type: 'loading', loaded, total })
    })
    void engine.lost.then(reason => tell({ type: 'lost', reason }))
    tell({ type: 'opened', adapter: engine.adapter, model: engine.model, memory: engine.memory() })
  } catch (error) {
    tell({ type: 'unopened', failure: failed(error) })
  }
}

async function work(job: number, does: (signal: AbortSignal) => Promise<void>): Promise<void> {
  const stop = new AbortController()
  jobs.set(job, stop)
  try {
    await does(stop.signal)
  } catch (error) {
    tell({ type: 'failed', job, failure: failed(error) })
  } finally {
    jobs.delete(job)
  }
}

async function read({ job, text }: Extract<ToWorker, { type: 'read' }>, signal: AbortSignal): Promise<void> {
  const opened = ready()
  const session = await opened.read(
    { text, digest: await digestOf(text) },
    { signal, onProgress: progress => tell({ type: 'progress', job, progress, memory: opened.memory() }) }
  )
  sessions.set(job, session)
  tell({ type: 'read', job, tokens: session.tokens, seconds: session.seconds, memory: opened.memory() })
}

async function ask(
  { job, session: id, question, history }: Extract<ToWorker, { type: 'ask' }>,
  signal: AbortSignal
): Promise<void> {
  const session = sessions.get(id)
  if (!session) throw new EngineFailure('closed', 'This document is not open any more.')
  // One message per frame, not per token.
  let [said, timer] = ['', 0]
  const flush = (): void => {
    clearTimeout(timer)
    timer = 0
    if (said !== '') tell({ type: 'said', job, text: said })
    said = ''
  }
  for await (const part of session.ask({ text: question, history, signal })) {
    if (part.type === 'text') {
      said += part.text
      timer ||= setTimeout(flush, 16)
    } else {
      flush()
      tell({ type: 'answered', job, end: part })
    }
  }
}

function ready(): Engine {
  if (engine) return engine
  throw new EngineFailure('closed', 'The engine is not open.')
}

async function digestOf(text: string): Promise<string> {
  const digest = await crypto.subtle.digest('SHA-256', new TextEncoder().encode(text))
  return Array.from(new Uint8Array(digest), byte => byte.toString(16).padStart(2, '0')).join('')
}

function failed(error: unknown): Failed {
  if (error instanceof EngineFailure || error instanceof HostFailure)
    return { code: error.code, message: error.message }
  return { code: 'unexpected', message: String((error as Error)?.message ?? error) }
}
