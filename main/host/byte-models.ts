/** Routes of models: what files there are, their bytes, their digests. */
import type { ModelFile } from '../../contract/bytes'
import { failureInEnglish } from '../../contract/failure'
import { serveFile } from './file-reply'
import { json, notAllowed, type ServeKind, unknownRoute } from './replies'

export const serveModel: ServeKind = async ({ models }, [id, part, file, ...rest], request) => {
  if (rest.length > 0) throw unknownRoute()
  if (!['GET', 'HEAD'].includes(request.method)) return notAllowed('GET, HEAD')
  const model = await models.folder(id)
  if (part === undefined) {
    const files: ModelFile[] = []
    for (const each of await model.list()) files.push({ name: each, size: (await model.open(each)).size })
    return json(200, files)
  }
  // Only what the folder lists: whatever else a name may mean to a file system, it is not asked.
  if (file === undefined || !(await model.list()).includes(file))
    throw failureInEnglish('not-found', `The model ${model.name} has no file ${JSON.stringify(file)}.`)
  if (part === 'digests') return json(200, { digest: await model.digest(file) })
  if (part === 'files') return serveFile(await model.open(file), request)
  throw unknownRoute()
}
