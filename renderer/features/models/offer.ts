/** A folder that looks like a model is looked at first, then offered; nothing is copied before a person says so. */
import { create } from 'zustand'
import { HostFailure, sentenceOf } from '../../../contract/failure'
import type { ModelInfo } from '../../../contract/host'
import type { ModelSummary } from '../../../gpu/index'
import { flows } from '../../flows/flows'
import { inspectModel } from '../../engine/model-worker'
import { type ModelImport } from '../../flows/models'
import { type Picked } from '../../flows/send-files'
import { inEnglish } from '../../../contract/failure-words'
import { foreignIn, mayBeWeights, weightHead } from '../../../contract/weight-files'
import { failureSentence } from '../../words/failure-sentence'
import { useView } from '../../store/view'
import { type ChoosingState, isCancelled, type Weights } from './choosing'

interface OfferedFiles {
  readonly name: string
  readonly files: readonly { readonly name: string; readonly file: File }[]
  readonly bytes: number
}

export type Offer =
  | { readonly state: 'none' }
  | { readonly state: 'looking'; readonly name: string }
  | {
      readonly state: 'offered'
      readonly offered: OfferedFiles
      readonly summary: ModelSummary
      /** Those that are made once it is copied; undefined: its own. */
      readonly weights?: Weights
    }
  | {
      readonly state: 'importing'
      readonly offered: OfferedFiles
      readonly summary: ModelSummary
      /** Bytes copied. */
      readonly done: number
      readonly paused: boolean
      /** Bytes of the weights that are made after copying. */
      readonly making?: ChoosingState['making']
    }
  | { readonly state: 'refused'; readonly name: string; readonly reason: string }
  /** `problem`: why it is used with its own weights. */
  | { readonly state: 'imported'; readonly name: string; readonly problem?: string }

export const useOffer = create<{ readonly offer: Offer }>(() => ({ offer: { state: 'none' } }))

const show = (offer: Offer): void => useOffer.setState({ offer })
/** What is being copied goes on. */
export const withdraw = (): void => {
  if (useOffer.getState().offer.state !== 'importing') show({ state: 'none' })
}

let running: ModelImport | undefined

/** What stands beside weights in a folder that is a model and no collection of texts. */
const companion =
  /(^|\/)(\.gitattributes|LICENSE[^/]*|README[^/]*|USE_POLICY[^/]*|[^/]*\.(json|jinja|model)|merges\.txt|vocab\.txt|[^/]*\.(png|jpe?g))$/i

/** A configuration and weights side by side, or weights of any kind and nothing that one would read. */
export function looksLikeModel(picked: readonly Pick<Picked, 'path'>[]): boolean {
  const weights = picked.filter(({ path }) => mayBeWeights(path))
  const others = picked.filter(({ path }) => !mayBeWeights(path) && !companion.test(path))
  if (weights.some(({ path }) => path.includes('/')) && others.length === 0) return true
  const names = new Set(picked.map(({ path }) => path))
  return picked.some(({ path }) => {
    const folder = path.slice(0, path.lastIndexOf('/') + 1)
    return (
      path.endsWith('.safetensors') &&
      (names.has(`${folder}params.json`) || names.has(`${folder}config.json`))
    )
  })
}

/** Opens the Models dialog with what was found in the folder. */
export async function offerModel(picked: readonly Picked[]): Promise<void> {
  const configuration = picked.find(({ path }) => /(^|\/)(params|config)\.json$/.test(path))
  const [first] = configuration ? [configuration] : picked
  const folder = first ? first.path.slice(0, first.path.lastIndexOf('/') + 1) : ''
  const name = folder.split('/').filter(Boolean).at(-1) ?? 'model'
  useView.setState({ dialog: 'models' })
  show({ state: 'looking', name })
  // Only what lies in that folder itself: a model has no folders inside.
  const files = picked
    .filter(({ path }) => path.startsWith(folder) && !path.slice(folder.length).includes('/'))
    .map(({ path, file }) => ({ name: path.slice(folder.length), file }))
  const bytes = files.reduce((sum, { file }) => sum + file.size, 0)
  try {
    const foreign = await foreignIn(
      files.map(({ name }) => name),
      async wanted => {
        const file = files.find(each => each.name === wanted)!.file
        return new Uint8Array(await file.slice(0, weightHead).arrayBuffer())
      }
    )
    if (foreign) {
      const reason = failureSentence(inEnglish(foreign.name, foreign.values), foreign)
      return show({ state: 'refused', name, reason })
    }
    const summary = await inspectModel(name, files)
    show({ state: 'offered', offered: { name, files, bytes }, summary })
  } catch (error) {
    show({ state: 'refused', name, reason: sentenceOf(error) })
  }
}

export async function acceptOffer(): Promise<void> {
  const { offer } = useOffer.getState()
  if (offer.state !== 'offered') return
  const { offered, summary, weights } = offer
  show({ state: 'importing', offered, summary, done: 0, paused: false })
  try {
    running = flows.models.import(offered.name, offered.files, done => change({ done }))
    const model = await running.done
    const problem = weights && (await makeAfter(model, weights))
    show({ state: 'imported', name: offered.name, ...(problem !== undefined && { problem }) })
  } catch (error) {
    if (error instanceof HostFailure && error.code === 'cancelled')
      return show({ state: 'offered', offered, summary })
    show({
      state: 'refused',
      name: offered.name,
      reason: sentenceOf(error)
    })
  }
}

/** What the model was imported for; returns why that could not be. */
async function makeAfter(model: ModelInfo, weights: Weights): Promise<string | undefined> {
  const making = (done: number, total: number): void =>
    change({ making: { precision: weights, done, total } })
  making(0, 0)
  try {
    const choosing = flows.models.choose(model, { weights }, making)
    running = { done: choosing.done.then(() => model), cancel: choosing.cancel, pause() {}, resume() {} }
    await choosing.done
    return undefined
  } catch (error) {
    return isCancelled(error) ? '' : sentenceOf(error)
  }
}

export function chooseOffered(weights: Weights | undefined): void {
  const { offer } = useOffer.getState()
  if (offer.state === 'offered') show({ ...offer, weights })
}

export function pauseImport(paused: boolean): void {
  change({ paused })
  if (paused) running?.pause()
  else running?.resume()
}

/** What was copied is removed, and the folder is offered as before. */
export const cancelImport = (): void => running?.cancel()

function change(how: Partial<Extract<Offer, { state: 'importing' }>>): void {
  const { offer } = useOffer.getState()
  if (offer.state === 'importing') show({ ...offer, ...how })
}
