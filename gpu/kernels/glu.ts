/** Gated linear units: SwiGLU and GeGLU, the activations of feed-forward networks, and the gate of what a layer gets of a token. */
import type { Batch } from '../device/batch'
import type { Device } from '../device/device'
import { expectShape, type Tensor } from '../device/tensor'
import wgsl from './glu.wgsl?raw'
import { expectOutput, rowForms, type RowOutput } from './row-output'

/**
 * silu(z) = z / (1 + e^-z). gelu(z) = z / 2 (1 + tanh(u)), u = sqrt(2 / pi) (z + 0.044715 z^3), written as z / (1 + e^(-2u)),
 * which is the same: WGSL's own tanh may err by 1e-5, and 1 + tanh(u) loses what is small below zero. Beyond 80 the power
 * would leave f32, and the result is 0 long before.
 */
const activations = {
  silu: 'return z / (1f + exp(-z));',
  gelu: 'let u = 0.7978845608f * (z + 0.044715f * z * z * z); return z / (1f + exp(min(-2f * u, vec4f(80f))));'
} as const

/** What passes the activation lies at the beginning of rows of `gate`, what it is multiplied by in rows of `up`. */
export interface Gated {
  readonly gate: Tensor
  readonly up: Tensor
  /** f32 values before it in a row of `up`. */
  readonly upFirst: number
}

/** activation(gate) * up to the first rows of the output. */
type Glu = (batch: Batch, gated: Gated, rows: number) => void

export async function glu(device: Device, activation: keyof typeof activations, y: RowOutput): Promise<Glu> {
  const { width } = y
  const kernel = await device.compile(
    { name: 'glu', wgsl },
    {
      ROW: rowForms[y.form],
      ACTIVATION: `fn activation(z: vec4f) -> vec4f { ${activations[activation]} }`,
      WIDTH4: width / 4,
      OUT4: y.stride
    }
  )
  return (batch, { gate, up, upFirst }, rows) => {
    expectOutput('glu', y, rows, width)
    expectShape('glu', 'gate', gate, rows, gate.shape[1])
    expectShape('glu', 'up', up, rows, up.shape[1])
    if (gate.shape[1] < width || up.shape[1] < upFirst + width)
      throw new Error(
        `glu: rows of ${gate.shape[1]} and ${up.shape[1]} values, expected ${width} and ${upFirst + width} at least`
      )
    const params = {
      gate_stride: gate.shape[1] / 4,
      up_first: upFirst / 4,
      up_stride: up.shape[1] / 4,
      inverse: y.inverse
    }
    batch.run(kernel, [gate.buffer, up.buffer, y.buffer], params, [Math.ceil(width / 4 / 64), rows])
  }
}
