/**
 * Weights that were made of a model's own, sent by a page: a file in the model's folder, so that it goes where the model goes
 * and leaves with it. Of a model that came with the program it lies in the library.
 */
import { rename, rm } from 'node:fs/promises'
import { basename, join } from 'node:path'
import { failureInEnglish } from '../../contract/failure'
import { makeFolder, syncFolder } from './atomic-write'
import { writeFailure } from './io-failure'
import { type ModelFolder, openModelFolder } from './model-files'
import type { InstalledModel } from './models'
import { embeddedWeightsFolder } from './paths'

const madeName = /^model\.(f16|int8|int4)\.safetensors$/

const folderOf = (library: string, { id, embedded, folder }: InstalledModel): string =>
  embedded ? embeddedWeightsFolder(library, id) : folder

/** Takes over the one file that was sent. Nobody may have the model's files open. */
export async function keepWeights(
  library: string,
  model: InstalledModel,
  sent: readonly string[]
): Promise<void> {
  const [file] = sent
  const name = file === undefined ? '' : basename(file)
  if (file === undefined || sent.length !== 1 || !madeName.test(name))
    throw failureInEnglish(
      'bad-request',
      `Weights of ${model.name} are one file called model.f16, model.int8 or model.int4.safetensors; ${sent.length} files arrived${name ? `, ${JSON.stringify(name.slice(0, 80))} among them` : ''}.`
    )
  const folder = folderOf(library, model)
  await makeFolder(folder)
  await rename(file, join(folder, name)).catch(async error => {
    throw await writeFailure(error, folder, 0)
  })
  await syncFolder(folder)
}

export async function removeWeights(
  library: string,
  model: InstalledModel,
  precision: 'f16' | 'int8' | 'int4'
): Promise<void> {
  await rm(join(folderOf(library, model), `model.${precision}.safetensors`), { force: true })
}

/** The files of a model, those in the library besides where it came with the program. */
export async function openWithWeights(
  library: string,
  model: InstalledModel,
  options: Parameters<typeof openModelFolder>[1]
): Promise<ModelFolder> {
  const own = await openModelFolder(model.folder, options)
  if (!model.embedded) return own
  // Nothing was made as long as the folder is not there.
  const made = await openModelFolder(folderOf(library, model), options).catch(() => undefined)
  if (!made) return own
  const madeNames = async () => (await made.list()).filter(name => madeName.test(name))
  const holding = async (name: string) => ((await madeNames()).includes(name) ? made : own)
  return {
    ...own,
    list: async () => [...new Set([...(await own.list()), ...(await madeNames())])].sort(),
    open: async name => (await holding(name)).open(name),
    digest: async name => (await holding(name)).digest(name),
    async close() {
      await Promise.all([own.close(), made.close()])
    }
  }
}
