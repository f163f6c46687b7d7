/**
 * Runs the reading of one file in a thread of its own, so that a file which takes for ever, fills the memory or
 * brings a library down costs that thread and a sentence. In Electron that thread is one of a process apart.
 */
import { askWorker, crashed, type Extract } from './ask-worker'
import { outOfMemory } from './document'
import type { FromWorker } from './task'
import createWorker from './worker?nodeWorker'

export const extractInWorker: Extract = async (task, onProgress, signal) => {
  const worker = createWorker({
    workerData: task,
    // Young objects beyond the default of 48 MB only cost memory here.
    resourceLimits: { maxOldGenerationSizeMb: task.limits.heapMegabytes },
    // A library's console output is nobody's business; unread, it is dropped with the worker.
    stdout: true,
    stderr: true
  })
  try {
    return await askWorker({
      task,
      onProgress,
      signal,
      milliseconds: task.limits.milliseconds,
      listen(hear, fail) {
        worker.on('message', (message: FromWorker) => hear(message))
        worker.on('error', (error: Error & { code?: string }) =>
          fail(
            error.code === 'ERR_WORKER_OUT_OF_MEMORY'
              ? outOfMemory(task, task.limits.heapMegabytes)
              : crashed(task, error)
          )
        )
        worker.on('exit', () => fail(crashed(task, undefined)))
        return () => undefined
      }
    })
  } finally {
    await worker.terminate()
  }
}
