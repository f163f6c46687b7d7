/**
 * Files become text in utility processes: what a parser of a hostile file brings down, V8's memory for all isolates of a
 * process included, is not the app. Each process reads one file at a time and is used again, for its start takes longer
 * than most files.
 */
import { utilityProcess, type UtilityProcess } from 'electron'
import { askWorker, crashed, type Extract } from '../disk/extract/ask-worker'
import { KeptWorkers } from '../disk/extract/kept-workers'
import type { FromWorker, ToWorker } from '../disk/extract/task'

/** Milliseconds beyond a file's own limit, which the process itself watches over. */
const grace = 5_000

interface ExtractApart {
  readonly extract: Extract
  /** Starts a process, with what reads files in it, for a file that will soon come. */
  prepare(): void
  /** Ends the processes that have no work. */
  close(): void
}

/** `program`: the built extract-process.js. Works once the app is ready. */
export function makeExtractApart(program: string): ExtractApart {
  const kept = new KeptWorkers<UtilityProcess>(child => void child.kill())
  const tell = (child: UtilityProcess, message: ToWorker): void => child.postMessage(message)

  function start(): UtilityProcess {
    const child = utilityProcess.fork(program, [], {
      serviceName: 'Readonce text extraction',
      // What a library writes about a bad file is nobody's business.
      stdio: 'ignore'
    })
    child.once('exit', () => kept.lost(child))
    return child
  }

  const extract: Extract = async (task, onProgress, signal) => {
    const child = kept.take() ?? start()
    let answered = false
    try {
      return await askWorker({
        task,
        onProgress,
        signal,
        milliseconds: task.limits.milliseconds + grace,
        listen(hear, fail) {
          const heard = (message: FromWorker): void => {
            answered ||= message.type !== 'progress'
            hear(message)
          }
          const ended = (code: number): void => fail(crashed(task, new Error(`exit code ${code}`)))
          child.on('message', heard).on('exit', ended)
          tell(child, { type: 'read', task })
          return () => void child.off('message', heard).off('exit', ended)
        }
      })
    } finally {
      if (answered) kept.keep(child)
      else child.kill()
    }
  }

  return {
    extract,
    prepare() {
      if (kept.count > 0) return
      const child = start()
      tell(child, { type: 'prepare' })
      kept.keep(child)
    },
    close: () => kept.close()
  }
}
