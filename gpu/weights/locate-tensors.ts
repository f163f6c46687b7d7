/**
 * Finding the tensors of a model in its files by a family's table: each once, of the shape that the configuration gives
 * and of a type that can be computed with. A wrong checkpoint fails here, before any weight is read.
 */
import { broken, shown, unsupported } from '../text/json'
import type { SafetensorsFile } from '../text/safetensors'
import { type CodeOptions, codeTensor, type FoundTensor } from './code-tensor'
import { isCodeType, isFloatType, type TensorLocation } from './tensor-location'

export interface TensorSpec {
  readonly role: string
  /** The name in the file, without a prefix. */
  readonly name: string
  /** Row-major; matrices are [out, in]. */
  readonly shape: readonly number[]
  /** May be missing: the output projection, whose place the embedding table then takes. */
  readonly optional?: boolean
  /** Where it holds codes: what may stand beside them. */
  readonly codes?: CodeOptions
}

/** Tensors of a folder by name; those that were located are taken out. */
type PresentTensors = Map<string, FoundTensor>

/** Wrappers that torch puts into parameter names for activation checkpointing, sharding and compilation. */
const wrappers = /(_checkpoint_wrapped_module|_fsdp_wrapped_module|_orig_mod)\./g

/** Throws broken-model where two files hold the same tensor. */
export function collectTensors(files: readonly SafetensorsFile[]): PresentTensors {
  const present: PresentTensors = new Map()
  for (const file of files) {
    for (const [name, entry] of file.tensors) {
      const plain = name.replace(wrappers, '')
      const other = present.get(plain)
      if (other !== undefined) {
        throw broken(
          `The tensor ${shown(plain)} is in ${other.file.fileName} and in ${file.fileName}, expected it once.`
        )
      }
      present.set(plain, { file, name, entry })
    }
  }
  return present
}

/** What stands before every name, e.g. `decoder.model.`: training frameworks save the model inside their own. */
export function prefixBefore(present: ReadonlyMap<string, FoundTensor>, anchor: string): string {
  if (present.has(anchor)) return ''
  const prefixes = [...present.keys()]
    .filter(name => name.endsWith(`.${anchor}`))
    .map(name => name.slice(0, -anchor.length))
  return prefixes.length === 1 ? prefixes[0]! : ''
}

/** Takes every tensor of the table out of `present`. Throws broken-model or unsupported-model for the first mismatch. */
export function locateTable(
  present: PresentTensors,
  prefix: string,
  specs: readonly TensorSpec[]
): Map<string, TensorLocation> {
  const tensors = new Map<string, TensorLocation>()
  for (const spec of specs) {
    const name = prefix + spec.name
    const found = present.get(name)
    if (found === undefined) {
      if (!spec.optional) throw missing(name, spec.shape)
      continue
    }
    present.delete(name)
    tensors.set(spec.role, checked(found, spec, name, present))
  }
  return tensors
}

/** Throws broken-model for a tensor that nobody has taken. */
export function refuseLeftovers(present: PresentTensors): void {
  for (const [name, { file }] of present) {
    // Rotary tables are buffers that some exporters save; they follow from the configuration.
    if (/(^|\.)(inv_freq|_?(cos|sin)_cached)$/.test(name)) continue
    throw broken(
      `${file.fileName} holds the tensor ${shown(name)}, which this configuration has no place for. ` +
        'Weights and configuration do not belong together, or it is a variant that this program does not run.'
    )
  }
}

function missing(name: string, shape: readonly number[]) {
  return broken(
    `The weights have no tensor ${shown(name)}, expected one of shape ${shown(shape)}. ` +
      'Weights and configuration do not belong together; download the model again.'
  )
}

/** `present`: tensors not yet used; those with a matrix's scales are taken out. */
function checked(
  found: FoundTensor,
  spec: TensorSpec,
  plain: string,
  present: PresentTensors
): TensorLocation {
  const { file, name, entry } = found
  const { dtype, shape, start, end } = entry
  const [rows, inputs] = spec.shape
  if (isCodeType(dtype) && inputs !== undefined) {
    const take = (beside: string): FoundTensor | undefined => {
      const taken = present.get(beside)
      present.delete(beside)
      return taken
    }
    return codeTensor(found, dtype, [rows, inputs], plain, take, spec.codes)
  }
  if (shape.length !== spec.shape.length || shape.some((size, axis) => size !== spec.shape[axis])) {
    throw broken(
      `${file.fileName}: the tensor ${shown(name)} has shape ${shown(shape)}, expected ${shown(spec.shape)}. ` +
        'Weights and configuration do not belong together.'
    )
  }
  if (!isFloatType(dtype)) {
    const codes = inputs === undefined ? '' : ', or codes in U8, I8 or U32 with their scales'
    throw unsupported(
      `${file.fileName}: the tensor ${shown(name)} has dtype ${shown(dtype)}, expected F32, F16 or BF16${codes}. ` +
        'Convert the weights to one of these.'
    )
  }
  return { source: file.source, file: file.fileName, name, dtype, shape, start, end }
}
