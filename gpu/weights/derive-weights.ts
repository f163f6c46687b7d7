/**
 * Weights of a model written anew in another precision, as one safetensors file: matrices coded (docs/weights.md) or as
 * halves, vectors as they are. Nothing of a matrix but a few rows and its scales is in memory at a time.
 */
import { broken, shown } from '../text/json'
import { blocksIn, type Coding, rowCoder } from './encode-row'
import { valueRows } from './row-reader'
import type { FloatTensor, FloatType, TensorLocation } from './tensor-location'
import { halfBits, readTensor } from './tensor-values'

export const derivedPrecisions = ['f16', 'int8', 'int4'] as const
export type DerivedPrecision = (typeof derivedPrecisions)[number]

/** The file of a model's folder that holds its weights in this precision. */
export const derivedName = (precision: DerivedPrecision): string => `model.${precision}.safetensors`

/** Each changes whenever the same weights would be written otherwise in that precision, and what was read with them counts no more. */
export const derivations: Readonly<Record<DerivedPrecision, number>> = { f16: 2, int8: 3, int4: 3 }

const int8: Coding = { bits: 8, block: 32, minimum: false }
const int4: Coding = { bits: 4, block: 32, minimum: true }
/** 4.5 bits a weight. */
const longInt4: Coding = { bits: 4, block: 64, minimum: true }

/**
 * The codes of a matrix; undefined for halves. Embedding and output projection keep 8 bits: with 4 the embedded model's
 * logits part 2.8 times as far from its own (mean divergence over 100 positions 0.051 instead of 0.018, the same first
 * token at 81 instead of 93).
 */
function codingOf(role: string, precision: DerivedPrecision, isCompact: boolean): Coding | undefined {
  if (precision === 'f16') return undefined
  if (isCompact) return compactCoding(role)
  return precision === 'int8' || role === 'embed' || role === 'head' ? int8 : int4
}

/**
 * For a model that has to be small: a converted model of 8 + 12 layers of 576 takes 44.5 MB. The shared keys and values are
 * a three hundredth of the weights, and with 4 bits in them alone its logits parted by 0.05 (mean divergence over 256
 * positions); the embedding, an eighth, parts them by 0.07 in blocks of 32 and by 0.13 in blocks of 64.
 */
function compactCoding(role: string): Coding {
  if (role.startsWith('kv.')) return int8
  return role === 'embed' || role === 'head' ? int4 : longInt4
}

export interface DerivedWeights {
  /** Bytes of the whole file. */
  readonly bytes: number
  /** The file, in order. */
  pieces(): AsyncGenerator<Uint8Array<ArrayBuffer>>
}

interface Written {
  readonly name: string
  readonly dtype: FloatType | 'U8'
  readonly shape: readonly number[]
  readonly bytes: number
}

export function deriveWeights(
  tensors: ReadonlyMap<string, TensorLocation>,
  precision: DerivedPrecision,
  metadata: Readonly<Record<string, string>>,
  /** With `int4` only. */
  isCompact = false
): DerivedWeights {
  const all = Array.from(tensors, ([role, tensor]) => {
    const coding = codingOf(role, precision, isCompact)
    return { tensor, coding, written: writtenOf(tensor, coding) }
  })
  const header = headerOf(
    all.flatMap(({ written }) => written),
    metadata
  )
  const data = all.flatMap(({ written }) => written).reduce((sum, { bytes }) => sum + bytes, 0)
  return {
    bytes: header.length + data,
    async *pieces() {
      yield header
      for (const { tensor, coding } of all) {
        if (isVector(tensor)) yield await readTensor(tensor)
        else if (coding) yield* codesOf(tensor, coding)
        else yield* halvesOf(tensor)
      }
    }
  }
}

/** Codes are those of matrices. */
const isVector = (tensor: TensorLocation): tensor is FloatTensor =>
  tensor.shape.length !== 2 && tensor.codes === undefined

/** In the order of `codesOf`. */
function writtenOf(tensor: TensorLocation, coding: Coding | undefined): readonly Written[] {
  const { name, shape } = tensor
  if (isVector(tensor)) return [{ name, dtype: tensor.dtype, shape, bytes: tensor.end - tensor.start }]
  const [rows, inputs] = shape
  if (!coding) return [{ name, dtype: 'F16', shape, bytes: rows * inputs * 2 }]
  const width = Math.ceil((inputs * coding.bits) / 8)
  const blocks = blocksIn(inputs, coding)
  const beside = { dtype: 'F16' as const, shape: [rows, blocks], bytes: rows * blocks * 2 }
  return [
    { name, dtype: 'U8', shape: [rows, width], bytes: rows * width },
    { name: `${name}_scale`, ...beside },
    ...(coding.minimum ? [{ name: `${name}_minimum`, ...beside }] : [])
  ]
}

function headerOf(
  written: readonly Written[],
  metadata: Readonly<Record<string, string>>
): Uint8Array<ArrayBuffer> {
  let at = 0
  const entries = written.map(({ name, dtype, shape, bytes }) => [
    name,
    { dtype, shape, data_offsets: [at, (at += bytes)] }
  ])
  const text = JSON.stringify({ __metadata__: metadata, ...Object.fromEntries(entries) })
  const json = new TextEncoder().encode(text)
  // Spaces behind the JSON, so that the data begins at a multiple of 8.
  const header = new Uint8Array(8 + Math.ceil(json.length / 8) * 8).fill(32)
  new DataView(header.buffer).setBigUint64(0, BigInt(header.length - 8), true)
  header.set(json, 8)
  return header
}

const isInfinite = (half: number): boolean => (half & 0x7c00) === 0x7c00

/** Rows gathered until there is something worth writing. */
const pieceBytes = 1 << 20

async function* codesOf(tensor: TensorLocation, coding: Coding): AsyncGenerator<Uint8Array<ArrayBuffer>> {
  const [rows, inputs] = tensor.shape
  const blocks = blocksIn(inputs, coding)
  const code = rowCoder(inputs, coding)
  const [scale, minimum] = [
    new Uint16Array(rows * blocks),
    new Uint16Array(coding.minimum ? rows * blocks : 0)
  ]
  const width = Math.ceil((inputs * coding.bits) / 8)
  yield* inPieces(tensor, width, (values, row, into) => {
    const coded = code(values)
    if (coded.scale.some(isInfinite) || coded.minimum.some(isInfinite))
      throw noHalf(
        tensor,
        row,
        values.reduce((a, b) => Math.max(a, Math.abs(b)), 0)
      )
    pack(coded.codes, coding.bits, into)
    scale.set(coded.scale, row * blocks)
    if (coding.minimum) minimum.set(coded.minimum, row * blocks)
  })
  yield new Uint8Array(scale.buffer)
  if (coding.minimum) yield new Uint8Array(minimum.buffer)
}

async function* halvesOf(tensor: TensorLocation): AsyncGenerator<Uint8Array<ArrayBuffer>> {
  const [, inputs] = tensor.shape
  yield* inPieces(tensor, inputs * 2, (values, row, into) => {
    const halves = new Uint16Array(into.buffer, into.byteOffset, inputs)
    for (let k = 0; k < inputs; k++) {
      halves[k] = halfBits(values[k])
      if (isInfinite(halves[k])) throw noHalf(tensor, row, values[k])
    }
  })
}

async function* inPieces(
  tensor: TensorLocation,
  width: number,
  write: (values: Float32Array, row: number, into: Uint8Array<ArrayBuffer>) => void
): AsyncGenerator<Uint8Array<ArrayBuffer>> {
  const [rows, inputs] = tensor.shape
  const values = valueRows(tensor)
  const atOnce = Math.max(1, Math.floor(pieceBytes / width))
  for (let first = 0; first < rows; first += atOnce) {
    const count = Math.min(atOnce, rows - first)
    const piece = new Uint8Array(count * width)
    for (let row = first; row < first + count; row++) {
      const found = await values(row)
      const wrong = found.find(value => !Number.isFinite(value))
      if (wrong !== undefined || found.length !== inputs) throw noHalf(tensor, row, wrong ?? NaN)
      write(found, row, piece.subarray((row - first) * width, (row - first + 1) * width))
    }
    yield piece
  }
}

/** The first value in the lowest bits of a byte. */
function pack(codes: Uint8Array, bits: 4 | 8, into: Uint8Array): void {
  if (bits === 8) into.set(codes)
  else for (let k = 0; k < codes.length; k++) into[k >> 1] |= codes[k] << ((k & 1) * 4)
}

const noHalf = ({ file, name }: TensorLocation, row: number, value: number) =>
  broken(
    `${file}: the tensor ${shown(name)} holds ${value} in row ${row}, which no half precision number can be. ` +
      'Use the weights as they are in the file.'
  )
