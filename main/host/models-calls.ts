/** Models: what is there, what comes in from a page, what goes. */
import type { HostCalls } from '../../contract/host'
import { HostFailure } from '../../contract/failure'
import { importModel } from '../disk/models'
import type { HostParts } from './parts'

export function modelsCalls({
  library,
  models,
  drops,
  send,
  busy,
  trash
}: HostParts): Pick<HostCalls, 'listModels' | 'importModel' | 'removeModel'> {
  return {
    listModels: () => models.list(),
    importModel: (drop, name) =>
      busy(async () => {
        try {
          const kept = await importModel(library().folder, await drops.folder(drop), name)
          const model = (await models.list()).find(each => !each.embedded && each.name === kept)
          if (!model)
            throw new HostFailure(
              'broken-model',
              `${name} was kept as ${kept} and is not found there. Import it again.`
            )
          send('modelsChanged', null)
          return model
        } finally {
          await drops.remove(drop)
        }
      }),
    async removeModel(id) {
      const { embedded, name, bytes } = await models.find(id)
      if (embedded)
        throw new HostFailure('bad-request', `${name} came with the program and cannot be removed.`)
      await models.close(id)
      const entry = await library().trashModel({ name, bytes })
      send('modelsChanged', null)
      return trash.added(entry)
    }
  }
}
