/**
 * Which model reads and answers for a document: the one that a person chose for it, or for all; else, of those that came
 * with the program, the best one that has read it, or that is quick enough here.
 */
import { chosenBySetting, settingOf } from '../../contract/embedded-models'
import type { DocumentInfo, Reading } from '../../contract/document'
import type { ModelInfo } from '../../contract/host'
import { runName } from '../../contract/model-key'
import type { Offer } from '../store/documents'
import { useEngine } from '../store/engine'
import { useSettings } from '../store/settings'

/** Seconds: longer readings begin only when a person says so. */
export const longestUnasked = 120

type Wanted = Pick<DocumentInfo, 'modelId' | 'readings'>

/** The better answers first. */
export const embeddedModels = (): readonly ModelInfo[] =>
  useEngine.getState().models.filter(({ embedded }) => embedded)

/** A GPU does in seconds what the processor takes minutes for. */
const onGpu = (): boolean => useEngine.getState().adapter?.software === false

/** Read with this model, whatever precision it was run in. */
export const readWith = ({ readings }: Pick<DocumentInfo, 'readings'>, { name }: Pick<ModelInfo, 'name'>) =>
  readings.find(({ modelName }) => modelName === name || modelName.startsWith(`${name} (`))

/** Read with this model as it is run now. */
export function readAsRun(
  { readings }: Pick<DocumentInfo, 'readings'>,
  { id, name }: Pick<ModelInfo, 'id' | 'name'>
): Reading | undefined {
  const now = runName(name, useSettings.getState().precisions[id])
  return readings.find(({ modelName }) => modelName === now)
}

export const modelOf = (info: Wanted | undefined): string => chosenFor(info) ?? ownModel(info) ?? 'embedded'

/** By a person, for it or for all. What is not installed does not count. */
function chosenFor(info: Wanted | undefined): string | undefined {
  const { models } = useEngine.getState()
  const chosen = [info?.modelId, chosenBySetting(useSettings.getState().defaultModel)]
  return chosen.find(id => models.some(model => model.id === id))
}

/** The one that a person set for all documents, or the only one; undefined: the program chooses. */
export function usualModel(): ModelInfo | undefined {
  const { models } = useEngine.getState()
  const chosen = chosenBySetting(useSettings.getState().defaultModel)
  const [only, ...others] = embeddedModels()
  return models.find(({ id }) => id === chosen) ?? (others.length === 0 ? only : undefined)
}

/** What the setting for all documents says of a model; with one that came with the program it is what nobody has to choose. */
export const settingFor = (modelId: string): string =>
  embeddedModels().length > 1 ? settingOf(modelId) : modelId

/** Nobody chose one: before the adapter is known, and without a GPU, the quickest. */
function ownModel(info: Wanted | undefined): string | undefined {
  const embedded = embeddedModels()
  const read = info && embedded.find(model => readWith(info, model))
  return (read ?? (onGpu() ? embedded[0] : embedded.at(-1)))?.id
}

/** Nobody chose one and none of them has read it: the program may choose among those that came with it. */
export function isOpenChoice(info: Wanted): boolean {
  const embedded = embeddedModels()
  return (
    embedded.length > 1 && chosenFor(info) === undefined && !embedded.some(model => readWith(info, model))
  )
}

/** Of what was offered, the better answers first: the best that reads without being told to, else the quickest. */
export const chosenAmong = (offers: readonly Offer[]): Offer | undefined =>
  offers.find(({ most }) => onGpu() || most < longestUnasked) ?? offers.at(-1)

/** The models that answer better than the one that does. Of those that came with the program alone it is known. */
export function betterThan(modelId: string): readonly ModelInfo[] {
  const embedded = embeddedModels()
  return embedded.slice(
    0,
    Math.max(
      0,
      embedded.findIndex(({ id }) => id === modelId)
    )
  )
}
