/** What is known of the adapter before anything runs on it: what kernels are chosen by (kernels/kernel-choice.ts). */

/** Families of product kernels, from the one that asks least of an adapter. */
export const productKernels = ['plain', 'tiles', 'subgroups', 'matrices'] as const
export type ProductKernels = (typeof productKernels)[number]

/** A shape of matrices that a subgroup multiplies in one step: [M, K] times [K, N]. */
export interface SubgroupMatrix {
  readonly component: string
  readonly result: string
  readonly M: number
  readonly N: number
  readonly K: number
}

export interface AdapterDescription {
  readonly name: string
  readonly vendor: string
  /** A CPU pretending to be a GPU: correct, but some hundred times slower. */
  readonly software: boolean
  /** Lanes of a subgroup; undefined where it has none. */
  readonly subgroups?: { readonly least: number; readonly most: number }
  /** Empty without the feature `chromium-experimental-subgroup-matrix`. */
  readonly matrices: readonly SubgroupMatrix[]
}

const matrixFeature = 'chromium-experimental-subgroup-matrix'
/** Not in WebGPU's specification, and so not in its types either. */
interface WithMatrices {
  readonly subgroupMatrixConfigs?: Iterable<{
    readonly componentType: string
    readonly resultComponentType: string
    readonly M: number
    readonly N: number
    readonly K: number
  }>
}

/** Of the features that kernels have a use for, those that the adapter has. */
export const usefulFeatures = ({ features }: GPUAdapter): GPUFeatureName[] =>
  ['subgroups', 'shader-f16', matrixFeature].filter(name => features.has(name)) as GPUFeatureName[]

export function describeAdapter({ info, features }: GPUAdapter): AdapterDescription {
  const { subgroupMinSize: least, subgroupMaxSize: most } = info
  const matrices = features.has(matrixFeature) ? ((info as WithMatrices).subgroupMatrixConfigs ?? []) : []
  return {
    name: info.description || info.device || [info.vendor, info.architecture].filter(Boolean).join(' '),
    vendor: info.vendor,
    software:
      info.isFallbackAdapter ||
      /llvmpipe|swiftshader|software|basic render/i.test(`${info.description} ${info.architecture}`),
    ...(features.has('subgroups') && least && most ? { subgroups: { least, most } } : {}),
    matrices: Array.from(matrices, ({ componentType, resultComponentType, M, N, K }) => ({
      component: componentType,
      result: resultComponentType,
      ...{ M, N, K }
    }))
  }
}
