/** Models installed on this computer: the one that comes with the program, and folders in the library's models/. */
import { readdir, stat } from 'node:fs/promises'
import { basename, join } from 'node:path'
import { modelsFolder } from './paths'

/** What people call the model in assets/model, which comes with the program. */
export const embeddedModelName = 'readonce-trial'

export interface InstalledModel {
  readonly name: string
  readonly folder: string
  /** Of all files in the folder. */
  readonly bytes: number
  readonly embedded: boolean
}

/** By name, the embedded one first. Whether the engine can run one shows when it is opened. */
export async function listModels(library: string, embedded?: string): Promise<InstalledModel[]> {
  const names = await readdir(modelsFolder(library)).catch((): string[] => [])
  const installed = await Promise.all(
    names.sort().map(name => modelIn(join(modelsFolder(library), name), false))
  )
  const own = embedded === undefined ? undefined : await modelIn(embedded, true)
  return [own, ...installed].filter(model => model !== undefined)
}

/** A folder with a configuration and weights; undefined for anything else. */
async function modelIn(folder: string, embedded: boolean): Promise<InstalledModel | undefined> {
  const names = await readdir(folder).catch((): string[] => [])
  const configured = names.includes('params.json') || names.includes('config.json')
  if (!configured || !names.some(name => name.endsWith('.safetensors'))) return undefined
  const sizes = await Promise.all(
    names.map(name =>
      stat(join(folder, name)).then(
        s => (s.isFile() ? s.size : 0),
        () => 0
      )
    )
  )
  return { name: basename(folder), folder, bytes: sizes.reduce((sum, size) => sum + size, 0), embedded }
}
