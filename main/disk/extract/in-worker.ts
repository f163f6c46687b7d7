/**
 * Runs the reading of one file in a thread of its own, so that a file which takes for ever, fills the memory or
 * brings a library down costs that thread and a sentence. In Electron that thread is one of a process apart.
 */
import { HostFailure } from '../../../contract/failure'
import { type ExtractedDocument, outOfMemory } from './document'
import type { FromWorker, Task } from './task'
import createWorker from './worker?nodeWorker'

/** One file → its text. Errors: those of `extractFile`. */
export type Extract = (
  task: Task,
  onProgress: ((done: number, total: number) => void) | undefined,
  signal: AbortSignal | undefined
) => Promise<ExtractedDocument>

export const extractInWorker: Extract = async (task, onProgress, signal) => {
  const worker = createWorker({
    workerData: task,
    // Young objects beyond the default of 48 MB only cost memory here.
    resourceLimits: { maxOldGenerationSizeMb: task.limits.heapMegabytes },
    // A library's console output is nobody's business; unread, it is dropped with the worker.
    stdout: true,
    stderr: true
  })
  let timer: NodeJS.Timeout | undefined
  let abort: (() => void) | undefined
  try {
    return await new Promise<ExtractedDocument>((resolve, reject) => {
      worker.on('message', (message: FromWorker) => {
        if (message.type === 'progress') onProgress?.(message.done, message.total)
        else if (message.type === 'document') resolve(message.document)
        else reject(new HostFailure(message.code, message.message))
      })
      worker.on('error', (error: Error & { code?: string }) =>
        reject(
          error.code === 'ERR_WORKER_OUT_OF_MEMORY'
            ? outOfMemory(task, task.limits.heapMegabytes)
            : crashed(task, error)
        )
      )
      worker.on('exit', () => reject(crashed(task, undefined)))
      timer = setTimeout(() => reject(tooSlow(task)), task.limits.milliseconds)
      abort = () => reject(cancelled(task.name))
      signal?.addEventListener('abort', abort, { once: true })
    })
  } finally {
    clearTimeout(timer)
    if (abort) signal?.removeEventListener('abort', abort)
    await worker.terminate()
  }
}

export const cancelled = (name: string) => new HostFailure('cancelled', `Reading ${name} was stopped.`)

export const tooSlow = ({ name, limits }: Task) =>
  new HostFailure(
    'too-long',
    `${name} was not turned into text within ${Math.round(limits.milliseconds / 1000)} seconds. Split it, or save it as text.`
  )

export const crashed = ({ name }: Task, cause: unknown) =>
  new HostFailure(
    'unreadable-file',
    `${name} could not be read: the part of the program that turns files into text broke down over it. Save it as text and add that.`,
    { cause }
  )
