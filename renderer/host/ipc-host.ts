/** The host behind Electron's bridge. */
import type { Bridge, Host } from '../../contract/host'
import { remoteCalls } from './remote-calls'

export const ipcHost = (bridge: Bridge): Host => ({
  ...remoteCalls((name, args) => bridge.call(name, ...args)),
  on: (event, listener) => bridge.on(event, news => listener(news as Parameters<typeof listener>[0])),
  grant: files => bridge.grant(files),
  bytes: { at: `${location.origin}/bytes`, headers: {} }
})
