/** The host behind Electron's bridge. */
import type { Bridge, Host } from '../../contract/host'
import { remoteCalls } from './remote-calls'
import { toldFailure } from './told-failure'

export const ipcHost = (bridge: Bridge): Host => ({
  ...remoteCalls((name, args) => bridge.call(name, ...args)),
  on: (event, listener) => bridge.on(event, news => listener(news as Parameters<typeof listener>[0])),
  grant: async files => {
    const reply = await bridge.grant(files)
    if (!reply.ok) throw toldFailure(reply)
    return reply.value as (string | null)[]
  },
  bytes: { at: `${location.origin}/bytes`, headers: {} }
})
