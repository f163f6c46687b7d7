/** Settings go to the host first and are shown as the host keeps them. */
import { sentenceOf } from '../../contract/failure'
import type { Settings } from '../../contract/settings'
import { addNotice } from '../store/documents'
import { useEngine } from '../store/engine'
import { useSettings } from '../store/settings'
import { currentHost, dropEngine, isHostGone } from './running-engine'
import { startAgain } from './start'
import { pauseReading } from './read-queue'

export async function changeSettings(change: Partial<Settings>): Promise<void> {
  const before = useSettings.getState()
  // Shown at once: a slider must not wait for the disk.
  useSettings.setState(change)
  try {
    useSettings.setState(await currentHost().setSettings(change), true)
  } catch (error) {
    useSettings.setState(before, true)
    if (!isHostGone(error)) addNotice('refused', sentenceOf(error))
  }
}

/** Returns what they were before, for `changeSettings` to bring back. */
export async function resetSettings(): Promise<Settings> {
  const before = useSettings.getState()
  useSettings.setState(await currentHost().resetSettings(), true)
  return before
}

/** To a folder that the system's dialog asks for, or to `path` where there is no such dialog. Rejects with HostFailure. */
export async function moveLibrary(path?: string): Promise<void> {
  const host = currentHost()
  const chosen = path === undefined ? await host.chooseFolder() : { path }
  if (chosen === null) return
  // Nothing may hold a page file while the files move; what was being read goes on afterwards.
  await pauseReading()
  dropEngine()
  try {
    const about = await host.moveLibrary('grant' in chosen ? { grant: chosen.grant } : { path: chosen.path })
    useEngine.setState({ about })
  } finally {
    await startAgain()
  }
}
