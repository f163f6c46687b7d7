/** The engine's worker: the real engine behind messages, on this worker's `navigator.gpu`. */
import type { ToWorker } from './protocol'
import { serveEngine } from './serve-engine'

const scope = self as unknown as DedicatedWorkerGlobalScope
const receive = serveEngine({
  tell: message => scope.postMessage(message),
  gpu: () => (navigator as Navigator & { gpu?: GPU }).gpu
})
scope.onmessage = ({ data }: MessageEvent<ToWorker>) => receive(data)
