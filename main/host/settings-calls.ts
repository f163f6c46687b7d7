/** What a person set, and where the library lies. */
import type { HostCalls } from '../../contract/host'
import { failureSaying } from '../../contract/failure'
import { SerialQueue } from '../../contract/serial-queue'
import { holdsModel } from '../disk/models'
import { changeSettings, readSettings, resetSettings } from '../disk/settings-file'
import type { HostParts } from './parts'

export function settingsCalls(
  parts: HostParts
): Pick<HostCalls, 'getSettings' | 'setSettings' | 'resetSettings' | 'chooseFolder'> {
  const { library, send, grants, options, tellProblems } = parts
  // A slider sends changes faster than the disk keeps them: each begins where the one before it ended.
  const queue = new SerialQueue()
  return {
    async getSettings() {
      const settings = await readSettings(library().folder, library().report)
      tellProblems()
      return settings
    },
    async setSettings(change) {
      const settings = await queue.run(() => changeSettings(library().folder, change, library().report))
      send('settingsChanged', settings)
      return settings
    },
    async resetSettings() {
      const settings = await queue.run(() => resetSettings(library().folder))
      send('settingsChanged', settings)
      return settings
    },
    async chooseFolder() {
      const { desktop } = options
      if (!desktop?.chooseFolder) throw failureSaying('bad-request', 'noFolderDialog', {})
      const path = await desktop.chooseFolder()
      return path === null ? null : { grant: grants.give(path), path, holdsModel: await holdsModel(path) }
    }
  }
}
