/** What concerns the program as a whole and the desktop around it. */
import { release } from 'node:os'
import type { About, HostCalls } from '../../contract/host'
import { failureSaying } from '../../contract/failure'
import { formatBytes, freeBytes } from '../disk/disk-space'
import { readSettings } from '../disk/settings-file'
import type { OpenedFiles } from './opened-files'
import type { HostParts } from './parts'

export function desktopCalls(
  parts: HostParts,
  opened: OpenedFiles
): Pick<HostCalls, 'about' | 'diagnostics' | 'takeOpened' | 'showReading' | 'notify' | 'restartProgram'> {
  const { library, options, log, models } = parts
  const { desktop } = options
  const settings = () => readSettings(library().folder, library().report)
  return {
    about: async () => aboutOf(parts),
    async diagnostics() {
      const documents = await library().all()
      const { rss, heapUsed } = process.memoryUsage()
      const requestsCancelled = desktop?.requestsCancelled?.() ?? 0
      return {
        lines: [
          ['Readonce', options.version],
          ['Program', options.software],
          ['System', `${process.platform} ${release()} ${process.arch}`],
          ['Node', process.versions.node],
          ['Memory of this process', `${formatBytes(rss)}, ${formatBytes(heapUsed)} of it JavaScript`],
          ...(desktop?.lines?.() ?? []),
          ['Library', formatBytes(await library().bytes())],
          ['Free on its disk', formatBytes(await freeBytes(library().folder))],
          ['Documents', String(documents.filter(({ replacedBy }) => replacedBy === undefined).length)],
          [
            'Readings',
            String(documents.reduce((sum, { readings }) => sum + Object.keys(readings).length, 0))
          ],
          ['Models', String((await models.list()).length)],
          ['Requests cancelled', String(requestsCancelled)]
        ],
        requestsCancelled,
        log: await log.tail(100)
      }
    },
    takeOpened: async () => opened.take(),
    async showReading(progress) {
      desktop?.showReading?.(progress, (await settings()).keepAwake)
    },
    async notify(title, body) {
      if ((await settings()).notify) desktop?.notify?.(title, body)
    },
    async restartProgram(graphics) {
      if (!desktop?.graphics?.others.includes(graphics))
        throw failureSaying('bad-request', 'graphicsUnknown', { graphics })
      desktop.graphics.startWith(graphics)
    }
  }
}

export function aboutOf({ library, options }: Pick<HostParts, 'library' | 'options'>): About {
  const { version, software, desktop } = options
  return {
    version,
    platform: process.platform,
    software,
    dataFolder: library().folder,
    can: { chooseFolder: !!desktop?.chooseFolder, desktop: !!(desktop?.showReading || desktop?.notify) },
    ...(desktop?.graphics && {
      graphics: { now: desktop.graphics.now, others: desktop.graphics.others }
    })
  }
}
