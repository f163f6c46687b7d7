/** Picks the host, once at start. */
import type { Bridge, Host } from '../../contract/host'
import { httpHost } from './http-host'
import { ipcHost } from './ipc-host'

declare global {
  interface Window {
    readonly readonce?: Bridge
  }
}

/** Throws HostFailure when the page was opened without what a host wants. */
export const pickHost = (): Host => (window.readonce ? ipcHost(window.readonce) : httpHost())
