/** Keeps the computer awake while something is read: the host does it on a desktop, the browser where there is none. */
import { useEngine } from '../store/engine'
import { useSettings } from '../store/settings'

export function stayAwake(): { end(): void } {
  const { about } = useEngine.getState()
  if (!useSettings.getState().keepAwake || about?.can.desktop !== false) return { end: () => undefined }
  // Refused while the page is hidden or the battery low: then it may sleep, nothing is lost.
  const lock = navigator.wakeLock?.request('screen').catch(() => undefined)
  return { end: () => void lock?.then(held => held?.release()) }
}
