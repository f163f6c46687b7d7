/**
 * Random models as files. What a test compares with is decoded from the very bytes that the engine reads, so the
 * rounding to the file's type is never part of an error.
 */
import type { ModelConfig } from '../yoco/config'
import type { ModelFiles } from '../text/byte-source'
import { codeMatrix, type CodedAs } from './codes'
import { memoryFiles, writeFolder } from './memory-files'
import { Random } from './random'
import { decode, encode, f16Bits, type FloatType } from './rounding'
import { writeWeights, type StoredTensor } from './safetensors-writer'
import { tensorSpecs, type TensorSpec } from './tensor-names'
import {
  describeOfficial,
  describeTiny,
  type Described,
  type OfficialSizes,
  type TinyKind
} from './tiny-configs'
import { tinyTokenizerFiles } from './tiny-tokenizer'

export { tinyKinds, type TinyKind } from './tiny-configs'

export interface TinyOptions {
  seed: number
  /** `mixed` gives neighbouring tensors different types. */
  dtype?: FloatType | 'mixed'
  /** Each kind has its own default. */
  tied?: boolean
  /** Written before every tensor's name, as a training framework's wrapper does. */
  prefix?: string
  shards?: number
  /** Matrices as codes, each as this says; undefined leaves one as `dtype`. */
  coded?: (role: string) => CodedAs | undefined
}

export interface RandomModel {
  readonly config: ModelConfig
  /** Values of a role, exactly as the files hold them; throws for a role that the model lacks. */
  readonly tensor: (role: string) => Float64Array
  readonly files: ModelFiles
  /** The files by name, for a test that spoils one. */
  readonly bytes: ReadonlyMap<string, Uint8Array>
}

export function tinyModel(kind: TinyKind, options: TinyOptions): RandomModel {
  const { seed, dtype = 'F32', tied, prefix, shards, coded } = options
  const random = new Random(seed)
  const described = describeTiny(kind, tied)
  const types = ['F32', 'F16', 'BF16'] as const
  const stored = tensorSpecs(described.config, prefix).map((spec, i): RoleTensor => {
    const type = dtype === 'mixed' ? types[i % 3]! : dtype
    const values = tinyValues(spec, described.config, random)
    const as = spec.shape.length === 2 ? coded?.(spec.role) : undefined
    if (as) return { role: spec.role, ...codeMatrix(spec.name, values, spec.shape[1]!, as) }
    const bytes = encode(values, type)
    return { role: spec.role, stored: [{ ...spec, type, bytes }], values: decode(bytes, type) }
  })
  return randomFiles(`tiny ${kind}`, described, stored, shards)
}

export async function writeTinyModel(
  folder: string,
  kind: TinyKind,
  options: TinyOptions
): Promise<RandomModel> {
  const model = tinyModel(kind, options)
  await writeFolder(folder, model.bytes)
  return model
}

export type BenchSizes = Omit<OfficialSizes, 'selfHeads'>

/**
 * A model of the official layout in F16, as large as wanted: weights are drawn from a table of 4096 normals, which
 * is noise enough to time kernels and fills tens of millions of values a second. Retention where `window` is absent.
 */
export function randomModel({ seed = 1, ...sizes }: BenchSizes & { seed?: number }): RandomModel {
  const random = new Random(seed)
  const normals = random.normals(4096)
  const described = describeOfficial({ ...sizes, selfHeads: sizes.heads })
  const stored = tensorSpecs(described.config).map(spec => {
    const { mean, deviation } = spread(spec, described.config)
    const halves = Uint16Array.from(normals, x => f16Bits(mean + deviation * x))
    const values = new Uint16Array(spec.shape.reduce((a, b) => a * b, 1))
    let state = random.bits() | 1
    for (let i = 0; i < values.length; i++) {
      state ^= state << 13
      state ^= state >>> 17
      state ^= state << 5
      values[i] = halves[state >>> 20]!
    }
    const bytes = new Uint8Array(values.buffer)
    return { role: spec.role, stored: [{ ...spec, type: 'F16' as const, bytes }] }
  })
  return randomFiles(`random ${sizes.dim}x${sizes.layers}`, described, stored)
}

export async function writeRandomModel(
  folder: string,
  sizes: BenchSizes & { seed?: number }
): Promise<RandomModel> {
  const model = randomModel(sizes)
  await writeFolder(folder, model.bytes)
  return model
}

/** Scales at which every part of the model matters to the logits and no gate or softmax is saturated. */
function spread({ role, shape }: TensorSpec, { cross }: ModelConfig): { mean: number; deviation: number } {
  const fanIn = shape[shape.length - 1]!
  if (/norm\d?$/i.test(role)) return { mean: 1, deviation: 0.2 }
  // Queries so small that the epsilon of their norm shows: 1e-5 there, and not the model's norm_eps.
  if (cross.queryNorm && /^cross\.\d+\.q\b/.test(role))
    return { mean: 0, deviation: 0.007 / Math.sqrt(fanIn) }
  if (role.endsWith('.bias')) return { mean: 0, deviation: 0.3 }
  // Gate logits of deviation 4.5: decays sigmoid(r)^(1/16) from about 0.5 to 0.9999.
  if (role.endsWith('.gateLogit')) return { mean: 0, deviation: 4.5 / Math.sqrt(fanIn) }
  return { mean: 0, deviation: 1 / Math.sqrt(fanIn) }
}

function tinyValues(spec: TensorSpec, config: ModelConfig, random: Random): Float64Array {
  const { mean, deviation } = spread(spec, config)
  return random.normals(
    spec.shape.reduce((a, b) => a * b, 1),
    deviation,
    mean
  )
}

interface RoleTensor {
  readonly role: string
  /** One tensor, or codes with what belongs to them. */
  readonly stored: readonly StoredTensor[]
  /** What they stand for; F16 where it is left out. */
  readonly values?: Float64Array
}

function randomFiles(
  name: string,
  { config, file, fileName }: Described,
  tensors: readonly RoleTensor[],
  shards?: number
): RandomModel {
  const byRole = new Map(tensors.map(tensor => [tensor.role, tensor]))
  const bytes = new Map([
    [fileName, new TextEncoder().encode(JSON.stringify(file, null, 1))],
    ...tinyTokenizerFiles(),
    ...writeWeights(
      tensors.flatMap(({ stored }) => stored),
      shards
    )
  ])
  const tensor = (role: string) => {
    const found = byRole.get(role)
    if (!found) throw new Error(`${name} has no tensor ${role}`)
    return found.values ?? decode(found.stored[0]!.bytes, 'F16')
  }
  return { config, tensor, bytes, files: memoryFiles(name, bytes) }
}
