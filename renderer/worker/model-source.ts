/** A model's files by range requests to the host: gpu's ModelFiles where there is no file system. */
import { modelBytes, modelDigest, type ModelFile, modelFiles } from '../../contract/bytes'
import { HostFailure } from '../../contract/failure'
import type { ByteSource, ModelFiles } from '../../gpu/index'
import { fill, type Routes } from './routes'

export function modelSource(routes: Routes, model: { id: string; name: string }): ModelFiles {
  const json = async <T>(route: string): Promise<T> => (await (await routes(route)).json()) as T
  let files: Promise<ModelFile[]> | undefined
  const listed = (): Promise<ModelFile[]> => (files ??= json<ModelFile[]>(modelFiles(model.id)))

  return {
    name: model.name,
    list: async () => (await listed()).map(({ name }) => name),
    async open(name): Promise<ByteSource> {
      const file = (await listed()).find(each => each.name === name)
      if (!file) throw new HostFailure('broken-model', `The model ${model.name} has no file ${name}.`)
      return {
        size: file.size,
        async read(offset, into) {
          if (into.length === 0) return
          const end = offset + into.length
          const range = `bytes=${offset}-${end - 1}`
          const response = await routes(modelBytes(model.id, name), { headers: { range } })
          const told = response.headers.get('content-range')
          const wrong = (got: string): Error =>
            new HostFailure('broken-model', `${name}: asked for ${range} of ${file.size} bytes, got ${got}.`)
          if (response.status !== 206 || told !== `bytes ${offset}-${end - 1}/${file.size}`) {
            await response.body?.cancel().catch(() => undefined)
            throw wrong(told ?? `status ${response.status}`)
          }
          await fill(into, response.body, wrong)
        }
      }
    },
    digest: async name => (await json<{ digest: string }>(modelDigest(model.id, name))).digest
  }
}
