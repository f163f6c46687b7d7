/** How many bits a model's weights have, in one word. */
import type { TensorLocation } from './tensor-location'

export type Precision = 'f32' | 'f16' | 'bf16' | 'int8' | 'int4' | 'int2'

const precisionOfOne = ({ dtype, codes }: TensorLocation): Precision => {
  if (codes) return `int${codes.bits}`
  return dtype === 'F32' ? 'f32' : dtype === 'F16' ? 'f16' : 'bf16'
}

/** That of the most values between embeddings and output projection, which may have other bits than the layers. */
export function precisionOf(tensors: ReadonlyMap<string, TensorLocation>): Precision {
  const values = new Map<Precision, number>()
  for (const [role, tensor] of tensors) {
    if (role.startsWith('embed') || role === 'head') continue
    const precision = precisionOfOne(tensor)
    const count = tensor.shape.reduce((a, b) => a * b, 1)
    values.set(precision, (values.get(precision) ?? 0) + count)
  }
  const [most = ['f32' as const, 0]] = [...values].sort(([, a], [, b]) => b - a)
  return most[0]
}
