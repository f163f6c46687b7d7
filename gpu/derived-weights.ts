/**
 * A model in another precision than its files have: its weights are written anew once and kept beside the model, so that
 * the next start reads them as it would read weights that came so.
 */
import type { Tensors } from './model/family'
import { openModelFolder } from './model-folder'
import { sha256 } from './text/sha256'
import type { ByteSource, ModelFiles } from './text/byte-source'
import { shown, unsupported } from './text/json'
import { readSafetensorsHeader } from './text/safetensors'
import {
  derivations,
  derivedName,
  type DerivedPrecision,
  type DerivedWeights,
  deriveWeights
} from './weights/derive-weights'
import { precisionOf } from './weights/precision'
import { hasSteps } from './weights/tensor-location'

/** Where weights that were made are kept. */
export interface WeightsStore {
  /** Undefined where there are none of that name. */
  open(name: string): Promise<ByteSource | undefined>
  /** Keeps all of the pieces or nothing; what was there under that name is replaced. */
  keep(name: string, weights: DerivedWeights): Promise<ByteSource>
}

/**
 * The files with weights of this precision: as they are where they have it. Their digest is another than that of the
 * model's own, so that what was read with one is not taken for what was read with the other.
 */
export async function filesWithWeights(
  files: ModelFiles,
  precision: DerivedPrecision,
  store: WeightsStore
): Promise<ModelFiles> {
  const wanted = await wantedWeights(files, precision)
  if (!wanted) return files
  const { name, metadata, tensors } = wanted
  const source =
    (await kept(store, name, metadata)) ??
    (await store.keep(name, deriveWeights(tensors, precision, metadata)))
  return withWeights(files, precision, source, metadata)
}

/** The same where they are kept or need not be made; undefined where they would have to be made. */
export async function filesWithKeptWeights(
  files: ModelFiles,
  precision: DerivedPrecision,
  store: Pick<WeightsStore, 'open'>
): Promise<ModelFiles | undefined> {
  const wanted = await wantedWeights(files, precision)
  if (!wanted) return files
  const source = await kept(store, wanted.name, wanted.metadata)
  return source && withWeights(files, precision, source, wanted.metadata)
}

/**
 * Weights of this precision for a model of their own, not kept beside the one that they are made of. `isCompact`, for int4:
 * 4 bits in the embedding, too, and longer blocks elsewhere. Undefined where the files have this precision.
 */
export async function ownWeights(
  files: ModelFiles,
  precision: DerivedPrecision,
  isCompact: boolean
): Promise<DerivedWeights | undefined> {
  const wanted = await wantedWeights(files, precision)
  return wanted && deriveWeights(wanted.tensors, precision, wanted.metadata, isCompact)
}

/** Undefined where the files have this precision. */
async function wantedWeights(files: ModelFiles, precision: DerivedPrecision) {
  const { tensors, digests } = await openModelFolder(files)
  refuseGrids(tensors)
  const own = precisionOf(tensors)
  // bf16 has 16 bits too, and its values would become others as halves.
  if (own === precision || (own === 'bf16' && precision === 'f16')) return undefined
  const metadata = {
    format: 'readonce',
    from: (await digests()).weights,
    derivation: `${derivations[precision]}`
  }
  return { name: derivedName(precision), metadata, tensors }
}

const withWeights = (
  files: ModelFiles,
  precision: DerivedPrecision,
  source: ByteSource,
  { from }: { readonly from: string }
): ModelFiles => ({
  name: files.name,
  list: async () => [
    ...(await files.list()).filter(each => !/\.safetensors(\.index\.json)?$/.test(each)),
    weightsFile
  ],
  open: async each => (each === weightsFile ? source : files.open(each)),
  digest: async each =>
    each === weightsFile ? sha256(`${from} ${precision} ${derivations[precision]}`) : files.digest(each)
})

/** What was trained with activations on fixed grids is computed with as it is: other weights would leave no use for the grids. */
function refuseGrids(tensors: Tensors): void {
  const found = [...tensors.values()].find(hasSteps)
  if (found)
    throw unsupported(
      `${found.file} holds codes with the grids of their activations (${shown(found.name)}), which run as they are. ` +
        'Leave the precision of weights out.'
    )
}

const weightsFile = 'model.safetensors'

/** What is kept, where it was made of these very weights in this very way. */
async function kept(
  store: Pick<WeightsStore, 'open'>,
  name: string,
  metadata: Readonly<Record<string, string>>
): Promise<ByteSource | undefined> {
  const source = await store.open(name)
  if (!source) return undefined
  const header = await readSafetensorsHeader(source, name).catch(() => undefined)
  const same = Object.entries(metadata).every(([key, value]) => header?.metadata.get(key) === value)
  return same ? source : undefined
}
