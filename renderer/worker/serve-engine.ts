/**
 * The real engine behind messages: opens it once, then reads and asks by job. Knows no worker, so that tests run it in
 * Node over a MessagePort.
 */
import { HostFailure, sentenceOf } from '../../contract/failure'
import { modelKey, runName } from '../../contract/model-key'
import {
  type Engine,
  EngineFailure,
  filesWithKeptWeights,
  inspectModel,
  openEngine,
  precisionChoices
} from '../../gpu/index'
import { documentTexts, type DocumentTexts } from './document-texts'
import { fileSource } from './file-source'
import { makeWeights, openListed } from './make-weights'
import { modelSource } from './model-source'
import type { Failed, FromWorker, ToWorker } from './protocol'
import { routesAt } from './routes'
import { ServeReading } from './serve-reading'

interface EngineScope {
  tell(message: FromWorker): void
  /** Undefined where there is no WebGPU. */
  gpu(): GPU | undefined
}

type Message<T extends ToWorker['type']> = Extract<ToWorker, { type: T }>

interface Opened {
  readonly engine: Engine
  readonly texts: DocumentTexts
  readonly reading: ServeReading
}

/** Returns what takes the page's messages. */
export function serveEngine(scope: EngineScope): (message: ToWorker) => void {
  const { tell } = scope
  const jobs = new Map<number, AbortController>()
  let opened: Opened | undefined

  async function work(job: number, does: (signal: AbortSignal) => Promise<unknown>): Promise<void> {
    const stop = new AbortController()
    jobs.set(job, stop)
    try {
      await does(stop.signal)
    } catch (error) {
      tell({ type: 'failed', job, failure: failed(error) })
    } finally {
      jobs.delete(job)
      opened?.reading.tellMemory()
    }
  }

  function ready(): Opened {
    if (opened) return opened
    throw new EngineFailure('closed', 'The engine is not open.')
  }

  return message => {
    switch (message.type) {
      case 'open':
        return void open(scope, message).then(
          now => (opened = now),
          (error: unknown) => tell({ type: 'unopened', failure: failed(error) })
        )
      case 'begin':
        return opened?.reading.begin(message.job, message.may)
      case 'stop':
        return jobs.get(message.job)?.abort()
      case 'ping':
        return tell({ type: 'pong' })
      case 'forget':
        return opened?.reading.forget(message.documentId)
      default:
        return void work(message.job, signal => worked(message, { tell, ready, signal }))
    }
  }
}

interface Job {
  readonly tell: EngineScope['tell']
  /** Throws EngineFailure('closed') before the engine is open. */
  readonly ready: () => Opened
  readonly signal: AbortSignal
}

/** Does what a message asks for and tells what came of it, under the message's job. */
async function worked(
  message: Exclude<ToWorker, { type: 'open' | 'begin' | 'stop' | 'ping' | 'forget' }>,
  { tell, ready, signal }: Job
): Promise<void> {
  const { job } = message
  switch (message.type) {
    case 'probe':
      return tell({ type: 'probed', job, ...(await ready().engine.probe()) })
    case 'count': {
      const { engine, texts } = ready()
      const counted = await engine.countTokens(await texts.of(message.documentId))
      return tell({ type: 'counted', job, counted })
    }
    case 'fits':
      return tell({ type: 'fitted', job, fit: await ready().reading.fitsMemory(message.tokens) })
    case 'inspect': {
      const summary = await inspectModel(fileSource(message.name, message.files))
      return tell({ type: 'inspected', job, summary })
    }
    case 'choices': {
      const choices = await precisionChoices(modelSource(routesAt(message.bytes), message.model))
      return tell({ type: 'chosenAmong', job, choices })
    }
    case 'make':
      return make(tell, message)
    case 'read':
      return ready().reading.read(message, signal)
    case 'reopen':
      return ready().reading.reopen(message, signal)
    case 'ask':
      return ready().reading.ask(message, signal)
  }
}

async function make(
  tell: EngineScope['tell'],
  { job, model, precision, drop, bytes }: Message<'make'>
): Promise<void> {
  const routes = routesAt(bytes)
  const sent = await makeWeights(routes, {
    ...{ model: modelSource(routes, model), precision, drop },
    onProgress: (done, total) => tell({ type: 'making', job, done, total })
  })
  tell({ type: 'made', job, sent })
}

async function open(
  { tell, gpu }: EngineScope,
  { model, precision, bytes }: Message<'open'>
): Promise<Opened> {
  const has = gpu()
  if (!has) throw new EngineFailure('gpu-lacking', 'This browser has no WebGPU.')
  const routes = routesAt(bytes)
  const own = modelSource(routes, model)
  const { weights, pages } = precision
  const chosen =
    weights && (await filesWithKeptWeights(own, weights, { open: name => openListed(own, name) }))
  const weightsMissing = weights !== undefined && chosen === undefined
  const engine = await openEngine({
    gpu: has,
    model: chosen ?? own,
    pages,
    onLoading: (loaded, total) => tell({ type: 'loading', loaded, total })
  })
  void engine.lost.then(reason => tell({ type: 'lost', reason }))
  const key = modelKey(engine.model.name, await engine.weightsDigest(), engine.model.pages)
  const texts = documentTexts(routes)
  const { adapter, model: info } = engine
  const name = runName(info.name, weightsMissing ? { pages } : precision)
  const memory = engine.memory()
  tell({ type: 'opened', adapter, model: { ...info, name }, modelKey: key, memory, weightsMissing })
  return { engine, texts, reading: new ServeReading({ engine, routes, texts, modelKey: key, tell }) }
}

function failed(error: unknown): Failed {
  if (error instanceof HostFailure) return { code: error.code, message: error.message, said: error.said }
  if (error instanceof EngineFailure)
    return { code: error.code, message: error.message, said: error.said as Failed['said'] }
  return { code: 'unexpected', message: sentenceOf(error) }
}
