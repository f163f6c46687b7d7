/** Which model a command takes: the one that `--model` names, else the best that came with the program. */
import { existsSync } from 'node:fs'
import { basename, join } from 'node:path'
import { HostFailure } from '../../contract/failure'
import { type EmbeddedModel, embeddedModels } from '../disk/embedded-models'
import { type Call, text, UsageError } from './options'

/** The repository's root, or the installed package's: the built program lies in out/main. */
export const root = join(import.meta.dirname, '..', '..')

export interface ChosenModel {
  readonly folder: string
  /** Of one that came with the program; any other is called as its folder. */
  readonly name?: string
  readonly embedded: readonly EmbeddedModel[]
}

export const ownModels = (): Promise<readonly EmbeddedModel[]> => embeddedModels(join(root, 'assets'))

/** What `--model` takes for a model that came with the program: `small`. */
export const shortName = ({ folder }: EmbeddedModel): string => basename(folder)

/** Throws UsageError for a word that is neither such a model nor a path. */
export async function chosenModel(call: Call): Promise<ChosenModel> {
  const embedded = await ownModels()
  const given = text(call, 'model')
  const [best] = embedded
  if (given === undefined && !best)
    throw new HostFailure(
      'not-found',
      'No model came with this program. Give the folder of one: --model DIR.'
    )
  const own =
    given === undefined ? best : embedded.find(model => [shortName(model), model.name].includes(given))
  if (own) return { folder: own.folder, name: own.name, embedded }
  const folder = given ?? ''
  if (!/[\\/.]/.test(folder) && !existsSync(folder)) throw new UsageError(unknown(folder, embedded))
  return { folder, embedded }
}

function unknown(given: string, embedded: readonly EmbeddedModel[]): string {
  const known = embedded.map(model => `${shortName(model)} (${model.name})`).join(', ')
  return `--model is "${given}", and there is neither such a model nor such a folder. With the program came: ${known || 'none'}. Any other is given by its folder.`
}
