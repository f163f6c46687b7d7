/** From options to a library and a loaded engine. */
import { join } from 'node:path'
import { runName } from '../../contract/model-key'
import type { ModelPrecision } from '../../contract/settings'
import {
  type DerivedPrecision,
  type Engine,
  filesWithWeights,
  type ModelFiles,
  openEngine,
  type PageKind,
  precisionChoices,
  productKernels
} from '../../gpu/index'
import { openDawn } from '../../gpu/node/dawn'
import { findLibrary, type Library } from '../disk/library'
import { type ModelFolder, openModelFolder } from '../disk/model-files'
import { weightsBeside } from '../disk/weights-beside'
import { type ChosenModel, chosenModel, root } from './chosen-model'
import { type Call, engineOptions, size, text } from './options'
import type { Output } from './output'
import { withQuietStderr } from './quiet-stderr'

export const samples = join(root, 'assets', 'samples')

export function libraryOf(call: Call): Promise<Library> {
  return findLibrary(text(call, 'library'))
}

export interface OpenedEngine {
  readonly engine: Engine
  /** What people call the model, run as it is. */
  readonly name: string
  readonly which: ChosenModel
  close(): Promise<void>
}

/** Undefined: as the model has them. */
export interface PrecisionAsked {
  readonly weights: DerivedPrecision | undefined
  readonly kv: PageKind | undefined
}

/** `--weights` and `--kv`. */
export function precisionAsked(call: Call): PrecisionAsked {
  return {
    weights: engineOptions.weights.among.find(each => each === text(call, 'weights')),
    kv: engineOptions.kv.among.find(each => each === text(call, 'kv'))
  }
}

export interface OpenedModel {
  readonly files: ModelFiles
  /** What of its precision is not its own. */
  readonly chosen: ModelPrecision
  readonly which: ChosenModel
  close(): Promise<void>
}

/** The model that was asked for, with weights of the precision that was asked for. */
export async function modelOf(
  call: Call,
  output: Output,
  library: Library | undefined,
  { weights, kv }: PrecisionAsked
): Promise<OpenedModel> {
  const which = await chosenModel(call)
  // To know weights that were made again, their model's digest must be known, and that be remembered.
  const remembering = library ?? (weights === undefined ? undefined : await libraryOf(call))
  const digests = remembering ? { digestCache: remembering.digestCache } : {}
  const folder = await openModelFolder(which.folder, digests)
  const files: ModelFolder = { ...folder, name: which.name ?? folder.name }
  const store = weightsBeside(files, sentence => output.note(sentence))
  const close = async (): Promise<void> => {
    await store.close()
    await folder.close()
  }
  try {
    const made = weights && (await filesWithWeights(files, weights, store))
    const own = kv && (await precisionChoices(files)).own.pages
    const chosen = {
      weights: made === files ? undefined : weights,
      pages: kv === own ? undefined : kv
    }
    return { files: made ?? files, chosen, which, close }
  } catch (error) {
    await close()
    throw error
  }
}

export async function engineOf(
  call: Call,
  output: Output,
  library: Library | undefined,
  { profile }: { readonly profile?: boolean } = {}
): Promise<OpenedEngine> {
  const asked = precisionAsked(call)
  const memoryLimit = size(call, 'gpu-memory')
  const model = await modelOf(call, output, library, asked)
  try {
    const gpu = openDawn(text(call, 'adapter'))
    // Looks for the adapters; what openEngine asks for is then known.
    await withQuietStderr(() => gpu.requestAdapter().catch(() => null))
    const engine = await openEngine({
      gpu,
      model: model.files,
      pages: asked.kv,
      system: text(call, 'system'),
      profile,
      memoryLimit,
      kernels: productKernels.find(each => each === text(call, 'kernels'))
    })
    if (engine.adapter.software)
      output.note(`No GPU in use: computing on ${engine.adapter.name}. Small models only, and slow.`)
    return {
      engine,
      name: runName(engine.model.name, model.chosen),
      which: model.which,
      async close() {
        engine.close()
        await model.close()
      }
    }
  } catch (error) {
    await model.close()
    throw error
  }
}
