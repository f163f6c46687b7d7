/** A model's files as a person picked them: looked at where they lie, before anything is copied. */
import { failureSaying, HostFailure } from '../../contract/failure'
import type { ModelFiles } from '../../gpu/index'

export interface PickedModelFile {
  readonly name: string
  readonly file: File
}

export function fileSource(name: string, files: readonly PickedModelFile[]): ModelFiles {
  return {
    name,
    list: async () => files.map(file => file.name),
    async open(wanted) {
      const file = files.find(each => each.name === wanted)?.file
      if (!file) throw new HostFailure('broken-model', `The folder ${name} has no file ${wanted}.`)
      return {
        size: file.size,
        async read(offset, into) {
          const bytes = await file
            .slice(offset, offset + into.length)
            .arrayBuffer()
            .catch(() => {
              throw failureSaying('unreadable-file', 'modelFileUnreadable', { name: wanted })
            })
          if (bytes.byteLength !== into.length)
            throw new HostFailure(
              'broken-model',
              `${wanted}: asked for ${into.length} bytes from ${offset} on, the file has ${file.size}.`
            )
          into.set(new Uint8Array(bytes))
        }
      }
    },
    // Web Crypto digests only what is whole in memory; the host computes digests once the model is installed.
    digest: wanted => Promise.reject(new Error(`${wanted} is only looked at: it has no digest here`))
  }
}
