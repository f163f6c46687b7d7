/**
 * The utility process of Electron in which files become text, one at a time. The file is read in a thread of it, since
 * flags of V8 do not limit the memory of such a process reliably and a thread's own limit does.
 */
import type { ParentPort } from 'electron'
import { HostFailure } from '../contract/failure'
import { crashed } from './disk/extract/ask-worker'
import { extractInWorker, prepareWorker } from './disk/extract/in-worker'
import type { FromWorker, ToWorker } from './disk/extract/task'

const port: ParentPort = process.parentPort
const send = (message: FromWorker): void => port.postMessage(message)

port.on('message', ({ data: message }: { data: ToWorker }) => {
  if (message.type === 'prepare') return prepareWorker()
  const { task } = message
  extractInWorker(task, (done, total) => send({ type: 'progress', done, total }), undefined).then(
    document => send({ type: 'document', document }),
    (error: unknown) => {
      const broken = crashed(task, error)
      const { code, said = broken.said! } = error instanceof HostFailure ? error : broken
      send({ type: 'failure', code, said })
    }
  )
})
