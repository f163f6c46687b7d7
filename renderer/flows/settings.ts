/** Settings go to the host first and are shown as the host keeps them. */
import { sentenceOf } from '../../contract/failure'
import type { Host } from '../../contract/host'
import type { Settings } from '../../contract/settings'
import { addNotice } from '../store/documents'
import { useSettings } from '../store/settings'
import { isHostGone } from './running-engine'

export class KeptSettings {
  constructor(private readonly host: () => Host) {}

  async change(change: Partial<Settings>): Promise<void> {
    const before = useSettings.getState()
    // Shown at once: a slider must not wait for the disk.
    useSettings.setState(change)
    try {
      useSettings.setState(await this.host().setSettings(change), true)
    } catch (error) {
      useSettings.setState(before, true)
      if (!isHostGone(error)) addNotice('refused', sentenceOf(error))
    }
  }

  /** Returns what they were before, for `change` to bring back. */
  async reset(): Promise<Settings> {
    const before = useSettings.getState()
    useSettings.setState(await this.host().resetSettings(), true)
    return before
  }
}
