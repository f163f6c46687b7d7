/** Panels of floats, in the narrowest precision that holds every value of the stacked tensors exactly. */
import { panelRows, weightFormats, type WeightKind } from '../kernels/weight-format'
import type { PanelFiller, Stack } from './panel-filler'
import { RowBytes, valueRows } from './row-reader'
import { type FloatTensor, floatBytes, type TensorLocation } from './tensor-location'
import { exactHalf } from './tensor-values'

const blockBytes = 4 << 20

export async function floatFiller({ tensors, inputs, column }: Stack): Promise<PanelFiller> {
  const kind = await commonKind(tensors)
  const values = kind === 'f32' ? new Float32Array(inputs * panelRows) : new Uint16Array(inputs * panelRows)
  const rows = tensors.map(tensor => rowsOf(tensor, kind))
  return {
    format: weightFormats[kind],
    panel: values,
    clear: () => void values.fill(0),
    async put(output, piece, row) {
      const bits = await rows[piece](row)
      for (let k = 0; k < column.length; k++) values[column[k] * panelRows + output] = bits[k]
    }
  }
}

/** The narrowest kind that holds every value of every tensor exactly. */
async function commonKind(tensors: readonly TensorLocation[]): Promise<WeightKind> {
  const kinds = new Set<WeightKind>()
  for (const tensor of tensors) {
    if (tensor.dtype === 'F16') kinds.add('f16')
    else if (tensor.dtype === 'BF16') kinds.add('bf16')
    else kinds.add(tensor.dtype === 'F32' ? await narrowestKind(tensor) : 'f32')
    if (kinds.has('f32') || kinds.size > 1) return 'f32'
  }
  return [...kinds][0]
}

/** F32 files often hold values that were f16 or bf16 once; those are kept at half the size. */
async function narrowestKind(tensor: FloatTensor): Promise<WeightKind> {
  let [half, brain] = [true, true]
  const buffer = new ArrayBuffer(blockBytes)
  for (let at = tensor.start; at < tensor.end && (half || brain); at += blockBytes) {
    const bytes = new Uint8Array(buffer, 0, Math.min(blockBytes, tensor.end - at))
    await tensor.source.read(at, bytes)
    for (const bits of new Uint32Array(buffer, 0, bytes.length / 4)) {
      if (brain && (bits & 0xffff) !== 0) brain = false
      if (half && exactHalf(bits) < 0) half = false
      if (!half && !brain) break
    }
  }
  return half ? 'f16' : brain ? 'bf16' : 'f32'
}

/** Rows in the bits of `kind`; f32 as numbers. */
function rowsOf(tensor: TensorLocation, kind: WeightKind): (row: number) => Promise<ArrayLike<number>> {
  const [rows, width] = tensor.shape
  if (tensor.codes || kind === 'f32') return valueRows(tensor)
  const bytes = new RowBytes(tensor, rows, width * floatBytes(tensor.dtype))
  return async row => {
    const { buffer, byteOffset } = await bytes.borrow(row)
    if (tensor.dtype !== 'F32') return new Uint16Array(buffer, byteOffset, width)
    const bits = new Uint32Array(buffer, byteOffset, width)
    return kind === 'f16' ? Uint16Array.from(bits, exactHalf) : Uint16Array.from(bits, b => b >>> 16)
  }
}
