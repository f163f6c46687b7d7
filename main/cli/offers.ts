/** What reading would take with the other models that came with the program, told beside what it takes with the one that reads. */
import { basename } from 'node:path'
import { likelyRatio, type ReadingTime, timeBefore } from '../../contract/reading-time'
import { precisionChoices } from '../../gpu/index'
import type { EmbeddedModel } from '../disk/embedded-models'
import type { Library } from '../disk/library'
import { openModelFolder } from '../disk/model-files'
import { readingSpeeds } from '../disk/reading-speeds'

export interface CliOffer {
  /** What `--model` takes. */
  readonly model: string
  readonly name: string
  readonly seconds: number
}

/** The model that reads, and what it takes for so many tokens. */
interface Known {
  /** Its folder. */
  readonly folder: string
  readonly adapter: string
  readonly tokens: number
  readonly time: ReadingTime
}

/**
 * The better answers first; undefined where there is nothing to choose. Nothing is loaded for it: earlier readings here
 * tell, or the work, counted from the headers of the files.
 */
export async function offersBeside(
  embedded: readonly EmbeddedModel[],
  library: Library,
  known: Known
): Promise<readonly CliOffer[] | undefined> {
  const own = embedded.find(({ folder }) => folder === known.folder)
  if (!own || embedded.length < 2) return undefined
  return Promise.all(
    embedded.map(async model => ({
      model: basename(model.folder),
      name: model.name,
      seconds: model === own ? known.time.seconds : await secondsOf(model, library, known)
    }))
  )
}

async function secondsOf(
  { name, folder }: EmbeddedModel,
  library: Library,
  { folder: own, adapter, tokens, time }: Known
): Promise<number> {
  const [key] = (await library.list()).flatMap(({ readings }) =>
    Object.entries(readings).flatMap(([key, { modelName }]) => (modelName === name ? [key] : []))
  )
  const speeds = key === undefined ? [] : await readingSpeeds(library.folder, key, adapter)
  const before = timeBefore(tokens, speeds)
  return before ?? time.seconds * likelyRatio(await workOf(own), await workOf(folder))
}

/** Multiplications for a token. */
async function workOf(folder: string): Promise<number> {
  const files = await openModelFolder(folder)
  return precisionChoices(files)
    .then(({ readingWork }) => readingWork)
    .finally(() => files.close())
}
