/** The host's side of the contract, in words of documents and models. Knows no transport. */
import type { HostCalls, HostEvents } from '../../contract/host'
import { HostFailure } from '../../contract/failure'
import type { Library } from '../disk/library'
import { type ModelFolder, openModelFolder } from '../disk/model-files'

export interface HostOptions {
  readonly library: Library
  /** The model that came with the program: its folder, and what people call it. */
  readonly embedded: { readonly name: string; readonly folder: string }
  readonly version: string
  readonly software: string
}

export type News = { [E in keyof HostEvents]: [event: E, news: HostEvents[E]] }[keyof HostEvents]

export interface MachineHost {
  readonly calls: HostCalls
  /** Returns what ends the listening. */
  listen(listener: (...news: News) => void): () => void
  /** Its files stay open until the host closes. Throws not-found for an id that `listModels` does not give. */
  model(id: string): Promise<ModelFolder>
  close(): Promise<void>
}

const embeddedId = 'embedded'
// A folder in the library may be called "embedded" too.
const installedId = (name: string) => `installed:${name}`

export function makeHost({ library, embedded, version, software }: HostOptions): MachineHost {
  const listeners = new Set<(...news: News) => void>()
  const opened = new Map<string, Promise<ModelFolder>>()
  let told = library.problems.length

  const installed = async () =>
    (await library.listModels(embedded.folder)).map(model => ({
      ...model,
      id: model.embedded ? embeddedId : installedId(model.name),
      name: model.embedded ? embedded.name : model.name
    }))

  return {
    calls: {
      about: async () => ({ version, platform: process.platform, software }),
      listModels: async () =>
        (await installed()).map(({ id, name, bytes, embedded }) => ({ id, name, bytes, embedded })),
      async listDocuments() {
        const documents = await library.list()
        for (; told < library.problems.length; told++)
          for (const listener of listeners) listener('problem', library.problems[told])
        return documents.map(({ id, name, size, readings }) => ({
          id,
          name,
          size,
          readings: Object.values(readings).map(({ modelName, tokens, read, pageFileBytes, state }) => ({
            modelName,
            tokens,
            read,
            pageFileBytes,
            state
          }))
        }))
      }
    },
    listen(listener) {
      listeners.add(listener)
      return () => void listeners.delete(listener)
    },
    async model(id) {
      const known = (await installed()).find(model => model.id === id)
      if (!known)
        throw new HostFailure('not-found', `There is no model ${JSON.stringify(id.slice(0, 80))} here.`)
      const folder = opened.get(id) ?? openModelFolder(known.folder, { digestCache: library.digestCache })
      opened.set(id, folder)
      folder.catch(() => opened.delete(id))
      return folder
    },
    async close() {
      const folders = await Promise.allSettled(opened.values())
      opened.clear()
      for (const folder of folders) if (folder.status === 'fulfilled') await folder.value.close()
    }
  }
}
