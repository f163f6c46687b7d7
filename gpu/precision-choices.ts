/** In which precisions a model can be run, and what each of them takes. Headers alone are read. */
import { type PageKind, pageKinds } from './kernels/page-format'
import { layoutOf, type ReadingPlan, type Tensors } from './model/family'
import { type CheckedModel, openModelFolder } from './model-folder'
import type { ModelFiles } from './text/byte-source'
import {
  derivedName,
  type DerivedPrecision,
  derivedPrecisions,
  deriveWeights
} from './weights/derive-weights'
import { type Precision, precisionOf } from './weights/precision'
import { hasSteps, storedBytes } from './weights/tensor-location'

export interface PrecisionChoices {
  /** As the model has them, without a choice. */
  readonly own: {
    readonly weights: Precision
    readonly weightBytes: number
    readonly pages: string
    /** The weights come with the grids of their activations: others cannot be made of them. */
    readonly onGrids: boolean
  }
  /** Weights of fewer bits than its own; `made`: a file of them lies beside the model. */
  readonly weights: readonly {
    readonly precision: DerivedPrecision
    /** Of the file. */
    readonly bytes: number
    readonly made: boolean
  }[]
  /** Weights that each token goes through while it is read: so many multiplications, attention apart. */
  readonly readingWork: number
  /** Keys and values, the own precision among them; `onGrid`: rounded to steps that the model was trained with. */
  readonly pages: readonly {
    readonly kind: PageKind
    readonly bytesPerToken: number
    readonly onGrid: boolean
  }[]
}

const bits: Readonly<Record<Precision, number>> = { f32: 32, f16: 16, bf16: 16, int8: 8, int4: 4, int2: 2 }

/** Throws EngineFailure as `inspectModel` does. */
export async function precisionChoices(files: ModelFiles): Promise<PrecisionChoices> {
  return choicesIn(await openModelFolder(files), await files.list())
}

/** `names`: of the files in its folder. */
export function choicesIn(
  { family, config, tensors }: CheckedModel,
  names: readonly string[]
): PrecisionChoices {
  const plan = family.plan(config)
  const weights = precisionOf(tensors)
  const onGrids = [...tensors.values()].some(hasSteps)
  return {
    own: {
      weights,
      weightBytes: [...tensors.values()].reduce((sum, tensor) => sum + storedBytes(tensor), 0),
      pages: layoutOf(plan).format.name,
      onGrids
    },
    weights: derivedPrecisions
      .filter(precision => !onGrids && bits[precision] < bits[weights])
      .map(precision => ({
        precision,
        bytes: deriveWeights(tensors, precision, {}).bytes,
        made: names.includes(derivedName(precision))
      })),
    readingWork: readingWork(plan, tensors),
    pages: pageKinds.map(kind => {
      const { rowBytes, format } = layoutOf(plan, kind)
      return { kind, bytesPerToken: rowBytes, onGrid: format.name !== kind }
    })
  }
}

function readingWork({ reads }: ReadingPlan, tensors: Tensors): number {
  let weights = 0
  for (const [role, { shape }] of tensors)
    if (shape.length === 2 && reads(role)) weights += shape[0]! * shape[1]!
  return weights
}
