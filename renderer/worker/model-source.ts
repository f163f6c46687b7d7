/** A model's files by range requests to the host: gpu's ModelFiles where there is no file system. */
import { type ByteAddress, modelBytes, modelDigest, type ModelFile, modelFiles } from '../../contract/bytes'
import { HostFailure } from '../../contract/failure'
import { failureOf } from '../../contract/host'
import type { ByteSource, ModelFiles } from '../../gpu/index'

export function modelSource(bytes: ByteAddress, model: { id: string; name: string }): ModelFiles {
  const ask = async (route: string, headers: Record<string, string> = {}): Promise<Response> => {
    const response = await fetch(bytes.at + route, { headers: { ...bytes.headers, ...headers } })
    if (!response.ok) throw failureOf(await response.json().catch(() => ({ message: response.statusText })))
    return response
  }
  const json = async <T>(route: string): Promise<T> => (await (await ask(route)).json()) as T
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
          const response = await ask(modelBytes(model.id, name), { range })
          const told = response.headers.get('content-range')
          const wrong = `${name}: asked for ${range} of ${file.size} bytes, got`
          if (response.status !== 206 || told !== `bytes ${offset}-${end - 1}/${file.size}` || !response.body)
            throw new HostFailure('broken-model', `${wrong} ${told ?? `status ${response.status}`}.`)
          await fill(into, response.body, wrong)
        }
      }
    },
    digest: async name => (await json<{ digest: string }>(modelDigest(model.id, name))).digest
  }
}

// The caller's buffer stays the caller's: a BYOB reader would take it away, so each piece is copied once.
async function fill(into: Uint8Array, body: ReadableStream<Uint8Array>, wrong: string): Promise<void> {
  const reader = body.getReader()
  let done = 0
  for (;;) {
    const piece = await reader.read()
    if (piece.done) break
    if (done + piece.value.length > into.length) throw new HostFailure('broken-model', `${wrong} more.`)
    into.set(piece.value, done)
    done += piece.value.length
  }
  if (done !== into.length) throw new HostFailure('broken-model', `${wrong} ${done} bytes.`)
}
