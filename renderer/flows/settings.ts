/** Settings go to the host first and are shown as the host keeps them. */
import i18next from 'i18next'
import { sentenceOf } from '../../contract/failure'
import type { Host } from '../../contract/host'
import type { Settings } from '../../contract/settings'
import { addNotice } from '../store/documents'
import { useEngine } from '../store/engine'
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

  /** Weights that were chosen for a model are not there any more: it runs with its own from now on. */
  async weightsGone(modelId: string): Promise<void> {
    const { precisions } = useSettings.getState()
    const { [modelId]: before, ...others } = precisions
    const name = useEngine.getState().models.find(({ id }) => id === modelId)?.name ?? ''
    addNotice('refused', i18next.t('settings:precision.gone', { name }))
    const pages = before?.pages
    await this.change({ precisions: pages ? { ...others, [modelId]: { pages } } : others })
  }

  /** Returns what they were before, for `change` to bring back. */
  async reset(): Promise<Settings> {
    const before = useSettings.getState()
    useSettings.setState(await this.host().resetSettings(), true)
    return before
  }
}
