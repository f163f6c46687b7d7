/** What the page sees of Electron: the listed calls and events. Built as CommonJS, because the window is sandboxed. */
import { contextBridge, ipcRenderer, webUtils } from 'electron'
import { type Bridge, callNames, eventNames, type Reply } from '../contract/host'

const bridge: Bridge = {
  async call(name, ...args) {
    if (!Object.hasOwn(callNames, name))
      return { ok: false, code: 'bad-request', message: `There is no call ${name}.` }
    return (await ipcRenderer.invoke('call', name, args)) as Reply
  },
  on(event, listener) {
    if (!Object.hasOwn(eventNames, event)) return () => {}
    // The event object holds the sender and stays on this side.
    const pass = (_event: unknown, news: unknown): void => listener(news)
    ipcRenderer.on(`event:${event}`, pass)
    return () => void ipcRenderer.off(`event:${event}`, pass)
  },
  // The paths go to the main process and never to the page. What is no file of the computer has the path ''.
  grant: async files =>
    (await ipcRenderer.invoke(
      'grant',
      files.map(file => webUtils.getPathForFile(file))
    )) as Reply
}

contextBridge.exposeInMainWorld('readonce', bridge)
