/** Models installed on this computer: those that come with the program, and folders in the library's models/. */
import { existsSync } from 'node:fs'
import { readdir, rename, rm, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { failureSaying } from '../../contract/failure'
import type { ModelCard } from '../../contract/model-card'
import { makeFolder } from './atomic-write'
import { writeFailure } from './io-failure'
import { readModelCard } from './model-card'
import type { EmbeddedModel } from './embedded-models'
import { modelsFolder } from './paths'

export interface InstalledModel {
  readonly id: string
  readonly name: string
  readonly folder: string
  /** Of all files in the folder. */
  readonly bytes: number
  readonly embedded: boolean
  /** Of its readonce.json, where that is there and whole. */
  readonly card?: ModelCard
  readonly cardProblem?: string
}

// A folder in the library may be called "embedded" too.
const installedId = (name: string) => `installed:${name}`

/** The embedded ones in their order, then by name. Whether the engine can run one shows when it is opened. */
export async function listModels(
  library: string,
  embedded: readonly EmbeddedModel[] = []
): Promise<InstalledModel[]> {
  const names = await namesIn(modelsFolder(library))
  const installed = names
    .filter(name => !name.startsWith('.'))
    .sort()
    .map(name => ({ id: installedId(name), name, folder: join(modelsFolder(library), name) }))
  const models = await Promise.all([
    ...embedded.map(model => modelIn(model, true)),
    ...installed.map(model => modelIn(model, false))
  ])
  return models.filter(model => model !== undefined)
}

/** A configuration and weights side by side. */
export async function holdsModel(folder: string): Promise<boolean> {
  return areModel(await namesIn(folder))
}

const namesIn = (folder: string): Promise<string[]> => readdir(folder).catch((): string[] => [])

const areModel = (names: readonly string[]): boolean => names.some(isConfig) && names.some(isWeights)

const isConfig = (name: string): boolean => name === 'params.json' || name === 'config.json'
const isWeights = (name: string): boolean => name.endsWith('.safetensors')

/** A folder with a configuration and weights; undefined for anything else. */
async function modelIn(
  { id, name, folder }: EmbeddedModel,
  embedded: boolean
): Promise<InstalledModel | undefined> {
  const names = await namesIn(folder)
  if (!areModel(names)) return undefined
  const sizes = await Promise.all(
    names.map(name =>
      stat(join(folder, name)).then(
        s => (s.isFile() ? s.size : 0),
        () => 0
      )
    )
  )
  const bytes = sizes.reduce((sum, size) => sum + size, 0)
  return { id, name, folder, bytes, embedded, ...(await readModelCard(folder)) }
}

/** Takes a folder of files over as a model, under a name that is free. Returns that name. */
export async function importModel(library: string, folder: string, name: string): Promise<string> {
  return keepAsModel(library, await flatFolder(folder, name), name)
}

/** A folder with all of a model's files gets a name that is free, in one instant. */
export async function keepAsModel(library: string, source: string, name: string): Promise<string> {
  await makeFolder(modelsFolder(library))
  const plain = folderName(name)
  for (let i = 1; ; i++) {
    const free = i === 1 ? plain : `${plain} ${i}`
    const target = join(modelsFolder(library), free)
    if (existsSync(target)) continue
    await rename(source, target).catch(async error => {
      throw await writeFailure(error, target, 0)
    })
    return free
  }
}

/** The folder that holds the files: the one that was dropped may lie around it. */
async function flatFolder(folder: string, name: string): Promise<string> {
  const entries = await readdir(folder, { withFileTypes: true })
  const [only] = entries
  if (entries.length === 1 && only?.isDirectory()) return flatFolder(join(folder, only.name), name)
  const names = entries.filter(entry => entry.isFile()).map(entry => entry.name)
  refuseNoModel(name, names, names.length < entries.length)
  return folder
}

/** Throws unsupported-model for files that are none. */
export function refuseNoModel(name: string, names: readonly string[], hasFolders: boolean): void {
  const hasConfig = names.some(isConfig)
  const hasWeights = names.some(isWeights)
  if (!hasConfig || !hasWeights)
    throw failureSaying('unsupported-model', 'modelLacks', {
      name,
      what: { name: hasWeights ? 'lacksConfig' : hasConfig ? 'lacksWeights' : 'lacksBoth', values: {} }
    })
  if (hasFolders) throw failureSaying('unsupported-model', 'modelHasFolders', { name })
}

/** A name that is one on every system and hides nothing. */
function folderName(name: string): string {
  const plain = name
    // eslint-disable-next-line no-control-regex
    .replace(/[/\\:<>"|?*\u0000-\u001f\u007f]/g, '-')
    .slice(0, 100)
    .replace(/^[. ]+|[. ]+$/g, '')
  return /^(con|prn|aux|nul|com\d|lpt\d)(\.|$)/i.test(plain) ? `model ${plain}` : plain || 'model'
}

/** What a crash of an earlier version left of a model that was being removed. */
export async function eraseRemoved(library: string): Promise<void> {
  for (const name of await namesIn(modelsFolder(library)))
    if (name.startsWith('.erasing-'))
      await rm(join(modelsFolder(library), name), { recursive: true, force: true }).catch(() => undefined)
}
