/** One file read elsewhere, whatever runs there: its document, or why there is none. */
import { failureOfSaid, failureSaying, type HostFailure } from '../../../contract/failure'
import type { ExtractedDocument } from './document'
import type { FromWorker, Task } from './task'

/** One file → its text. Errors: those of `extractFile`. */
export type Extract = (
  task: Task,
  onProgress: ((done: number, total: number) => void) | undefined,
  signal: AbortSignal | undefined
) => Promise<ExtractedDocument>

interface Asked {
  readonly task: Task
  readonly onProgress: ((done: number, total: number) => void) | undefined
  readonly signal: AbortSignal | undefined
  /** After which it is given up. */
  readonly milliseconds: number
  /** Begins to listen, and returns what ends that; `fail` is for the end of whoever reads. */
  listen(hear: (message: FromWorker) => void, fail: (why: HostFailure) => void): () => void
}

/** Rejects with the worker's failure, `too-long` after the time, `cancelled` when the signal says so. */
export async function askWorker({
  task,
  onProgress,
  signal,
  milliseconds,
  listen
}: Asked): Promise<ExtractedDocument> {
  const letGo: (() => void)[] = []
  try {
    return await new Promise<ExtractedDocument>((resolve, reject) => {
      const hear = (message: FromWorker): void => {
        if (message.type === 'progress') onProgress?.(message.done, message.total)
        else if (message.type === 'document') resolve(message.document)
        else reject(failureOfSaid(message.code, message.said))
      }
      const abort = (): void => reject(cancelled(task.name))
      const late = setTimeout(() => reject(tooSlow(task)), milliseconds)
      letGo.push(() => clearTimeout(late))
      signal?.addEventListener('abort', abort, { once: true })
      letGo.push(() => signal?.removeEventListener('abort', abort))
      letGo.push(listen(hear, reject))
    })
  } finally {
    for (const end of letGo) end()
  }
}

export const cancelled = (name: string) => failureSaying('cancelled', 'readStopped', { name })

const tooSlow = ({ name, limits }: Task) =>
  failureSaying('too-long', 'tooSlow', { name, seconds: Math.round(limits.milliseconds / 1000) })

export const crashed = ({ name }: Task, cause: unknown) =>
  failureSaying('unreadable-file', 'crashed', { name }, { cause })
