/**
 * Runs the reading of one file in a thread, so that a file which takes for ever, fills the memory or brings a library down
 * costs that thread and a sentence. In Electron that thread is one of a process apart. A thread that has read a file reads
 * the next one: starting it and loading the libraries takes longer than most files.
 */
import type { Worker } from 'node:worker_threads'
import { askWorker, crashed, type Extract } from './ask-worker'
import { limitsFor, outOfMemory } from './document'
import { KeptWorkers } from './kept-workers'
import type { FromWorker, ToWorker } from './task'
import createWorker from './worker?nodeWorker'

/** All of the limit of every file. */
const kept = new KeptWorkers<Worker>(worker => void worker.terminate())
const usualHeap = limitsFor(0).heapMegabytes

function start(heapMegabytes: number): Worker {
  const worker = createWorker({
    // Young objects beyond the default of 48 MB only cost memory here.
    resourceLimits: { maxOldGenerationSizeMb: heapMegabytes },
    // A library's console output is nobody's business.
    stdout: true,
    stderr: true
  })
  worker.stdout.resume()
  worker.stderr.resume()
  worker.on('exit', () => kept.lost(worker))
  // Without a listener, one that fails while it waits would end the program.
  worker.on('error', () => kept.lost(worker))
  return worker
}

const tell = (worker: Worker, message: ToWorker): void => worker.postMessage(message)

function putBack(worker: Worker): void {
  // A program whose work is done does not wait for it.
  worker.unref()
  kept.keep(worker)
}

/** Starts a thread and loads what reads files, for one that will soon be asked for: a person drags it over the window. */
export function prepareWorker(): void {
  if (kept.count > 0) return
  const worker = start(usualHeap)
  tell(worker, { type: 'prepare' })
  putBack(worker)
}

/** Ends the threads that wait for a file. */
export const closeIdleWorkers = (): void => kept.close()

export const extractInWorker: Extract = async (task, onProgress, signal) => {
  const isUsual = task.limits.heapMegabytes === usualHeap
  const worker = (isUsual ? kept.take() : undefined) ?? start(task.limits.heapMegabytes)
  worker.ref()
  let isFit = false
  try {
    return await askWorker({
      task,
      onProgress,
      signal,
      milliseconds: task.limits.milliseconds,
      listen(hear, fail) {
        const heard = (message: FromWorker): void => {
          isFit = isUsual && message.type === 'document' && !message.isFull
          hear(message)
        }
        const failed = (error: Error & { code?: string }): void =>
          fail(
            error.code === 'ERR_WORKER_OUT_OF_MEMORY'
              ? outOfMemory(task, task.limits.heapMegabytes)
              : crashed(task, error)
          )
        const ended = (): void => fail(crashed(task, undefined))
        worker.on('message', heard).on('error', failed).on('exit', ended)
        tell(worker, { type: 'read', task })
        return () => void worker.off('message', heard).off('error', failed).off('exit', ended)
      }
    })
  } finally {
    if (isFit) putBack(worker)
    else await worker.terminate()
  }
}
