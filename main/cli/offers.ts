/** What reading would take with the other models that came with the program, told beside what it takes with the one that reads. */
import { likelyRatio, type ReadingTime, timeElsewhere } from '../../contract/reading-time'
import { precisionChoices } from '../../gpu/index'
import type { DocumentRecord } from '../disk/document-record'
import type { EmbeddedModel } from '../disk/embedded-models'
import type { Library } from '../disk/library'
import { openModelFolder } from '../disk/model-files'
import { readingSpeeds } from '../disk/reading-speeds'
import { shortName } from './chosen-model'

export interface CliOffer {
  /** What `--model` takes. */
  readonly model: string
  readonly name: string
  /** For what it has not read yet. */
  readonly seconds: number
}

/** The model that reads, and what it takes. */
interface Known {
  /** Its folder. */
  readonly folder: string
  readonly adapter: string
  readonly document: Pick<DocumentRecord, 'readings'>
  /** Of the whole document. */
  readonly tokens: number
  readonly toRead: number
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
      model: shortName(model),
      name: model.name,
      seconds: model === own ? known.time.seconds : await secondsOf(model, library, known)
    }))
  )
}

async function secondsOf(
  { name, folder }: EmbeddedModel,
  library: Library,
  { folder: own, adapter, document, tokens, toRead, time }: Known
): Promise<number> {
  const read = Object.values(document.readings).find(({ modelName }) => modelName === name)?.read ?? 0
  const left = Math.max(0, tokens - read)
  const [key] = (await library.list()).flatMap(({ readings }) =>
    Object.entries(readings).flatMap(([key, { modelName }]) => (modelName === name ? [key] : []))
  )
  const speeds = key === undefined ? [] : await readingSpeeds(library.folder, key, adapter)
  return timeElsewhere(left, speeds, { tokens: toRead, seconds: time.seconds }, async () =>
    likelyRatio(await workOf(own), await workOf(folder))
  )
}

/** Multiplications for a token. */
async function workOf(folder: string): Promise<number> {
  const files = await openModelFolder(folder)
  return precisionChoices(files)
    .then(({ readingWork }) => readingWork)
    .finally(() => files.close())
}
