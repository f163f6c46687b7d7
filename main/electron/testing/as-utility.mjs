/** Makes a process of Node what a utility process of Electron is to its program: `process.parentPort`, and then the program. */
import { EventEmitter } from 'node:events'
import { pathToFileURL } from 'node:url'

const port = new EventEmitter()
port.postMessage = message => process.send(message)
// As in Electron, messages wait until somebody listens.
port.on('newListener', name => {
  if (name === 'message' && port.listenerCount('message') === 0)
    process.on('message', data => port.emit('message', { data, ports: [] }))
})
process.parentPort = port
await import(pathToFileURL(process.argv[2]).href)
