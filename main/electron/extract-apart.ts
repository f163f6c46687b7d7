/**
 * Files become text in utility processes: what a parser of a hostile file brings down, V8's memory for all isolates of a
 * process included, is not the app. Each process reads one file at a time and is used again, for its start takes longer
 * than most files.
 */
import { utilityProcess, type UtilityProcess } from 'electron'
import { askWorker, crashed, type Extract } from '../disk/extract/ask-worker'
import type { FromWorker } from '../disk/extract/task'

/** Milliseconds that a process without work is kept. */
const keptIdle = 60_000
/** Milliseconds beyond a file's own limit, which the process itself watches over. */
const grace = 5_000

export interface ExtractApart {
  readonly extract: Extract
  /** Ends the processes that have no work. */
  close(): void
}

/** `program`: the built extract-process.js. Works once the app is ready. */
export function makeExtractApart(program: string): ExtractApart {
  const idle = new Map<UtilityProcess, NodeJS.Timeout>()

  function take(): UtilityProcess {
    for (const [child, ending] of idle) {
      clearTimeout(ending)
      idle.delete(child)
      return child
    }
    const child = utilityProcess.fork(program, [], {
      serviceName: 'Readonce text extraction',
      // What a library writes about a bad file is nobody's business.
      stdio: 'ignore'
    })
    child.once('exit', () => {
      clearTimeout(idle.get(child))
      idle.delete(child)
    })
    return child
  }

  function putBack(child: UtilityProcess): void {
    const ending = setTimeout(() => child.kill(), keptIdle)
    ending.unref()
    idle.set(child, ending)
  }

  const extract: Extract = async (task, onProgress, signal) => {
    const child = take()
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
          child.postMessage(task)
          return () => void child.off('message', heard).off('exit', ended)
        }
      })
    } finally {
      if (answered) putBack(child)
      else child.kill()
    }
  }

  return {
    extract,
    close() {
      for (const [child, ending] of idle) {
        clearTimeout(ending)
        child.kill()
      }
      idle.clear()
    }
  }
}
