/** The worker's side: one file, one answer. What a library throws about a bad file becomes a sentence here. */
import { readFile } from 'node:fs/promises'
import { parentPort, workerData } from 'node:worker_threads'
import { failureSaying, HostFailure, sentenceOf } from '../../../contract/failure'
import { throttle } from '../../../contract/throttle'
import { readFailure } from '../io-failure'
import type { Setting } from './document'
import { NestedTooDeeply, nestedTooDeeply } from './nesting'
import { readAs } from './read-as'
import type { FromWorker, Task } from './task'

const port = parentPort!
const send = (message: FromWorker) => port.postMessage(message)
const task = workerData as Task

/** Milliseconds: progress is for eyes. */
const every = 100

async function extract(): Promise<void> {
  const news = throttle<FromWorker>(every, send)
  const bytes = await readFile(task.path).catch(error => {
    throw readFailure(error, task.path)
  })
  const setting: Setting = {
    name: task.name,
    html: task.html,
    encoding: task.encoding,
    limits: task.limits,
    progress: (done, total) => news.push({ type: 'progress', done, total })
  }
  send({
    type: 'document',
    document: {
      ...(await readAs(task.format, new Uint8Array(bytes.buffer, bytes.byteOffset, bytes.length), setting)),
      bytes: bytes.length
    }
  })
}

extract().catch((error: unknown) => {
  const { code, message, said } = error instanceof HostFailure ? error : unreadable(error)
  send({
    type: 'failure',
    code,
    said: said ?? { name: 'brokeOff', values: { name: task.name, reason: message } }
  })
})

function unreadable(error: unknown): HostFailure {
  const reason = sentenceOf(error)
  return error instanceof NestedTooDeeply || /call stack/.test(reason)
    ? nestedTooDeeply(task.name)
    : failureSaying('unreadable-file', 'brokeOff', { name: task.name, reason: reason.slice(0, 200) })
}
