/** A matrix of codes and the tensors with its scales, found and checked by name (docs/weights.md). */
import { broken, shown, unsupported } from '../text/json'
import type { SafetensorsFile, TensorEntry } from '../text/safetensors'
import {
  type CodeTensor,
  type CodeType,
  type FloatTensor,
  isFloatType,
  type StoredCodes
} from './tensor-location'

export interface FoundTensor {
  readonly file: SafetensorsFile
  readonly name: string
  readonly entry: TensorEntry
}

/** Inputs that may share a scale. */
export const blockSizes: readonly number[] = [16, 32, 64, 128]

/**
 * What stands beside a matrix `….weight`, under either of two names: ours, as compressed-tensors', and MLX's; and beside an
 * embedding `….embedding_quantized` of Google's mobile files.
 */
const beside = {
  scale: (name: string) =>
    embedding.test(name)
      ? [name.replace(embedding, 'embedding_scale')]
      : [`${name}_scale`, name.replace(/weight$/, 'scales')],
  minimum: (name: string) => [`${name}_minimum`, name.replace(/weight$/, 'biases')],
  inputStep: (name: string) => name.replace(/weight$/, 'input_activation_scale'),
  outputStep: (name: string) => name.replace(/weight$/, 'output_activation_scale')
}
const embedding = /embedding_quantized$/

export interface CodeOptions {
  /** Inputs that may share a scale, in place of `blockSizes`. */
  readonly blocks?: readonly number[]
  /** Takes the steps of activations that are kept beside the matrix; otherwise they count as unknown tensors. */
  readonly steps?: boolean
}

/** A matrix's own name and those that its scales, minima and steps may have. */
export const withScales = (name: string): readonly string[] => [
  name,
  ...beside.scale(name),
  ...beside.minimum(name),
  beside.inputStep(name),
  beside.outputStep(name)
]

/**
 * `plain`: the matrix's name in the file without wrappers; `take` gives a tensor by its name and counts it as used.
 * Throws broken-model or unsupported-model.
 */
export function codeTensor(
  { file, name, entry }: FoundTensor,
  dtype: CodeType,
  shape: readonly [number, number],
  plain: string,
  take: (name: string) => FoundTensor | undefined,
  options: CodeOptions = {}
): CodeTensor {
  const where = `${file.fileName}: the tensor ${shown(name)}`
  const first = (names: readonly string[]): FoundTensor | undefined => {
    for (const each of names) {
      const found = each === plain ? undefined : take(each)
      if (found) return found
    }
    return undefined
  }
  const { bits, rowBytes } = packing(where, dtype, entry.shape, shape)
  const scale = first(beside.scale(plain))
  if (!scale) {
    throw broken(
      `${where} holds codes (${dtype}), but there is no tensor ${shown(beside.scale(plain)[0])} with their scales. ` +
        'The weights are incomplete; download the model again.'
    )
  }
  const minimum = first(beside.minimum(plain))
  if (minimum && dtype === 'I8') {
    throw unsupported(
      `${where} holds signed codes (I8) and a minimum, ${shown(minimum.name)}; expected codes in U8 where there is one.`
    )
  }
  const { block, blocks } = blocksOf(scale, shape, options.blocks ?? blockSizes)
  const step = (name: string): FloatTensor | undefined => {
    const found = options.steps && name !== plain ? take(name) : undefined
    return found && oneFloat(found)
  }
  const codes: StoredCodes = {
    bits,
    rowBytes,
    block,
    scale: floats(scale, shape[0], blocks),
    minimum: minimum && floats(minimum, shape[0], blocks),
    inputStep: step(beside.inputStep(plain)),
    outputStep: step(beside.outputStep(plain))
  }
  return {
    source: file.source,
    file: file.fileName,
    name,
    dtype,
    shape,
    start: entry.start,
    end: entry.end,
    codes
  }
}

/** Bits of a code, from the width of a row: it must fit one number of bits and no other. */
function packing(
  where: string,
  dtype: CodeType,
  found: readonly number[],
  [rows, inputs]: readonly [number, number]
): { readonly bits: 2 | 4 | 8; readonly rowBytes: number } {
  const unit = dtype === 'U32' ? 32 : 8
  const widths = (dtype === 'I8' ? ([8] as const) : ([8, 4, 2] as const)).map(bits => ({
    bits,
    width: Math.ceil((inputs * bits) / unit)
  }))
  const fitting = widths.filter(({ width }) => found.length === 2 && found[0] === rows && found[1] === width)
  const [only, ...others] = fitting
  if (only && others.length === 0) return { bits: only.bits, rowBytes: (only.width * unit) / 8 }
  if (only) {
    throw unsupported(
      `${where} (${dtype} ${shown(found)}) may hold codes of any of ${fitting.map(each => each.bits).join(', ')} bits, ` +
        `since its rows are only ${inputs} values long. Expected longer rows, or F16.`
    )
  }
  const expected = widths.map(({ bits, width }) => `${shown([rows, width])} (${bits} bits)`)
  throw broken(
    `${where} has shape ${shown(found)}, expected ${expected.join(' or ')} for codes of ${shown([rows, inputs])} ` +
      'values. Weights and configuration do not belong together.'
  )
}

function blocksOf(
  { file, name, entry }: FoundTensor,
  [rows, inputs]: readonly [number, number],
  sizes: readonly number[]
): { readonly block: number | undefined; readonly blocks: number } {
  const [found, blocks] = [entry.shape[0], entry.shape.length === 1 ? 1 : entry.shape[1]]
  const block = sizes.find(size => Math.ceil(inputs / size) === blocks)
  if (found === rows && entry.shape.length <= 2 && blocks === 1) return { block: undefined, blocks: 1 }
  if (found === rows && entry.shape.length === 2 && block !== undefined && blocks !== undefined)
    return { block, blocks }
  const counts = [1, ...sizes.map(size => Math.ceil(inputs / size))]
  throw broken(
    `${file.fileName}: the tensor ${shown(name)} has shape ${shown(entry.shape)}, expected ` +
      `${[...new Set(counts)].map(count => shown([rows, count])).join(', ')}: a scale for every row, or for every ` +
      `${sizes.join(', ')} of its ${inputs} inputs.`
  )
}

function floats({ file, name, entry }: FoundTensor, rows: number, blocks: number): FloatTensor {
  const { dtype, shape, start, end, elements } = entry
  if (!isFloatType(dtype)) {
    throw unsupported(
      `${file.fileName}: the tensor ${shown(name)} has dtype ${shown(dtype)}, expected F32, F16 or BF16 for the scales of codes.`
    )
  }
  if (elements !== rows * blocks || shape[0] !== rows) {
    throw broken(
      `${file.fileName}: the tensor ${shown(name)} has shape ${shown(shape)}, expected ${shown([rows, blocks])} as the scales beside it.`
    )
  }
  return { source: file.source, file: file.fileName, name, dtype, shape: [rows, blocks], start, end }
}

/** A tensor of one value and no dimension, or one. */
function oneFloat({ file, name, entry }: FoundTensor): FloatTensor {
  const { dtype, shape, start, end, elements } = entry
  if (dtype !== 'F32' || elements !== 1 || shape.length > 1) {
    throw broken(
      `${file.fileName}: the tensor ${shown(name)} is ${dtype} ${shown(shape)}, expected one F32 number, the step of ` +
        'activations. Weights and configuration do not belong together.'
    )
  }
  return { source: file.source, file: file.fileName, name, dtype, shape: [1], start, end }
}
