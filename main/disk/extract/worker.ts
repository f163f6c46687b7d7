/** The worker's side: one file after the other, one answer each. What a library throws about a bad file becomes a sentence here. */
import { readFile } from 'node:fs/promises'
import { getHeapStatistics } from 'node:v8'
import { parentPort } from 'node:worker_threads'
import { failureSaying, HostFailure, sentenceOf } from '../../../contract/failure'
import { throttle } from '../../../contract/throttle'
import { readFailure } from '../io-failure'
import type { Setting } from './document'
import { NestedTooDeeply, nestedTooDeeply } from './nesting'
import { prepareReaders, readAs } from './read-as'
import type { FromWorker, Task, ToWorker } from './task'

const port = parentPort!
const send = (message: FromWorker) => port.postMessage(message)

/** Milliseconds: progress is for eyes. */
const every = 100
/** Bytes that a thread may still hold for the next file to be read in it: the libraries take some 40 MB. */
const mostHeld = 200 << 20

async function extract(task: Task): Promise<void> {
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
  const read = await readAs(
    task.format,
    new Uint8Array(bytes.buffer, bytes.byteOffset, bytes.length),
    setting
  )
  const { used_heap_size, external_memory } = getHeapStatistics()
  send({
    type: 'document',
    document: { ...read, bytes: bytes.length },
    isFull: used_heap_size + external_memory > mostHeld
  })
}

port.on('message', (message: ToWorker) => {
  if (message.type === 'prepare') return void prepareReaders()
  const { task } = message
  extract(task).catch((error: unknown) => {
    const { code, message, said } = error instanceof HostFailure ? error : unreadable(task, error)
    send({
      type: 'failure',
      code,
      said: said ?? { name: 'brokeOff', values: { name: task.name, reason: message } }
    })
  })
})

function unreadable(task: Task, error: unknown): HostFailure {
  const reason = sentenceOf(error)
  return error instanceof NestedTooDeeply || /call stack/.test(reason)
    ? nestedTooDeeply(task.name)
    : failureSaying('unreadable-file', 'brokeOff', { name: task.name, reason: reason.slice(0, 200) })
}
