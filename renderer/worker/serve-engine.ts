/**
 * The real engine behind messages: opens it once, then reads and asks by job. Knows no worker, so that tests run it in
 * Node over a MessagePort.
 */
import { HostFailure, sentenceOf } from '../../contract/failure'
import { modelKey } from '../../contract/model-key'
import { type Engine, EngineFailure, inspectModel, openEngine } from '../../gpu/index'
import { documentTexts, type DocumentTexts } from './document-texts'
import { fileSource } from './file-source'
import { modelSource } from './model-source'
import type { Failed, FromWorker, ToWorker } from './protocol'
import { type Reader, serveReading } from './serve-reading'
import { routesAt } from './routes'

interface EngineScope {
  tell(message: FromWorker): void
  /** Undefined where there is no WebGPU. */
  gpu(): GPU | undefined
}

type Message<T extends ToWorker['type']> = Extract<ToWorker, { type: T }>

/** Returns what takes the page's messages. */
export function serveEngine({ tell, gpu }: EngineScope): (message: ToWorker) => void {
  const jobs = new Map<number, AbortController>()
  let opened: { engine: Engine; texts: DocumentTexts; reader: Reader } | undefined

  async function open({ model, bytes }: Message<'open'>): Promise<void> {
    try {
      const has = gpu()
      if (!has) throw new EngineFailure('gpu-lacking', 'This browser has no WebGPU.')
      const routes = routesAt(bytes)
      const engine = await openEngine({
        gpu: has,
        model: modelSource(routes, model),
        onLoading: (loaded, total) => tell({ type: 'loading', loaded, total })
      })
      void engine.lost.then(reason => tell({ type: 'lost', reason }))
      const key = modelKey(engine.model.name, await engine.weightsDigest())
      const texts = documentTexts(routes)
      opened = { engine, texts, reader: serveReading({ engine, routes, texts, modelKey: key, tell }) }
      const { adapter, model: info } = engine
      tell({ type: 'opened', adapter, model: info, modelKey: key, memory: engine.memory() })
    } catch (error) {
      tell({ type: 'unopened', failure: failed(error) })
    }
  }

  async function work(job: number, does: (signal: AbortSignal) => Promise<unknown>): Promise<void> {
    const stop = new AbortController()
    jobs.set(job, stop)
    try {
      await does(stop.signal)
    } catch (error) {
      tell({ type: 'failed', job, failure: failed(error) })
    } finally {
      jobs.delete(job)
      opened?.reader.tellMemory()
    }
  }

  function ready(): NonNullable<typeof opened> {
    if (opened) return opened
    throw new EngineFailure('closed', 'The engine is not open.')
  }

  return message => {
    switch (message.type) {
      case 'open':
        return void open(message)
      case 'probe':
        return void work(message.job, async () =>
          tell({ type: 'probed', job: message.job, ...(await ready().engine.probe()) })
        )
      case 'count':
        return void work(message.job, async () => {
          const { engine, texts } = ready()
          const counted = await engine.countTokens(await texts.of(message.documentId))
          tell({ type: 'counted', job: message.job, counted })
        })
      case 'fits':
        return void work(message.job, async () =>
          tell({ type: 'fitted', job: message.job, fit: await ready().reader.fitsMemory(message.tokens) })
        )
      case 'inspect':
        return void work(message.job, async () => {
          const summary = await inspectModel(fileSource(message.name, message.files))
          tell({ type: 'inspected', job: message.job, summary })
        })
      case 'read':
        return void work(message.job, async signal => ready().reader.read(message, signal))
      case 'begin':
        return opened?.reader.begin(message.job, message.may)
      case 'ask':
        return void work(message.job, async signal => ready().reader.ask(message, signal))
      case 'stop':
        return jobs.get(message.job)?.abort()
      case 'ping':
        return tell({ type: 'pong' })
      case 'forget':
        return opened?.reader.forget(message.session)
    }
  }
}

function failed(error: unknown): Failed {
  if (error instanceof HostFailure) return { code: error.code, message: error.message, said: error.said }
  if (error instanceof EngineFailure) return { code: error.code, message: error.message }
  return { code: 'unexpected', message: sentenceOf(error) }
}
