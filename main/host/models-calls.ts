/** Models: what is there, what comes in from a page, what goes. */
import type { FileSource } from '../../contract/document'
import type { HostCalls } from '../../contract/host'
import { failureSaying } from '../../contract/failure'
import { copyModel } from '../disk/copy-model'
import { keepWeights, removeWeights } from '../disk/made-weights'
import { importModel } from '../disk/models'
import { ImportJob, progressTo } from './import-job'
import type { HostParts } from './parts'

type Jobs = Map<string, ImportJob>

export function modelsCalls(
  parts: HostParts
): Pick<
  HostCalls,
  'listModels' | 'importModel' | 'steerImport' | 'removeModel' | 'keepWeights' | 'removeWeights'
> {
  const { library, models, drops, send, busy, trash } = parts
  const jobs: Jobs = new Map()

  return {
    listModels: () => models.list(),
    importModel: (source, name, job) =>
      busy(async () => {
        try {
          const kept = await keep(parts, jobs, { source, name, job })
          const model = (await models.list()).find(each => !each.embedded && each.name === kept)
          if (!model) throw failureSaying('broken-model', 'modelLost', { name, kept })
          send('modelsChanged', null)
          return model
        } finally {
          if (source.drop !== undefined) await drops.remove(source.drop)
        }
      }),
    async steerImport(job, how) {
      jobs.get(job)?.steer(how)
    },
    async removeModel(id) {
      const { embedded, name, bytes } = await models.find(id)
      if (embedded) throw failureSaying('bad-request', 'modelEmbedded', { name })
      await models.close(id)
      const entry = await library().trashModel({ name, bytes })
      send('modelsChanged', null)
      return trash.added(entry)
    },
    keepWeights: (id, drop) =>
      busy(async () => {
        try {
          const model = await models.find(id)
          // A file that is open cannot be replaced on every system; whoever needs it opens it again.
          await models.close(id)
          await keepWeights(library().folder, model, await drops.files(drop))
        } finally {
          await drops.remove(drop)
        }
        send('modelsChanged', null)
      }),
    removeWeights: (id, precision) =>
      busy(async () => {
        const model = await models.find(id)
        await models.close(id)
        await removeWeights(library().folder, model, precision)
        send('modelsChanged', null)
      })
  }
}

interface Import {
  readonly source: FileSource
  readonly name: string
  /** Under which it is paused and ended. */
  readonly job: string
}

/** What was sent lies in the library already; what was granted is copied. */
async function keep(parts: HostParts, jobs: Jobs, { source, name, job }: Import): Promise<string> {
  const { library, drops, grants, closing, send } = parts
  const { grants: given = [], drop } = source
  const { folder } = library()
  if (given.length === 0 && drop !== undefined) return importModel(folder, await drops.folder(drop), name)
  const steered = new ImportJob()
  const end = (): void => steered.steer('cancel')
  jobs.set(job, steered)
  closing.addEventListener('abort', end)
  try {
    const sent = drop === undefined ? [] : await drops.files(drop)
    const paths = [...given.map(grant => grants.path(grant)), ...sent]
    return await copyModel(folder, paths, name, {
      signal: steered.signal,
      whenGoingOn: () => steered.whenGoingOn(),
      onProgress: progressTo(send, job)
    })
  } finally {
    closing.removeEventListener('abort', end)
    jobs.delete(job)
  }
}
