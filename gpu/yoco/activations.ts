/**
 * The working memory of one forward pass, allocated once: a buffer per step of the formulas, with room for the
 * longest chunk. Nothing here outlives its chunk; what must live on is in a carry or in pages.
 */
import type { Device } from '../device/device'
import { type Tensor, up4 } from '../device/tensor'
import { tileRows } from '../kernels/linear'
import type { LoadOptions } from '../model/family'
import type { ModelConfig } from './config'
import { type WindowScratch, windowScratch, windowScratchBytes } from '../kernels/window-attention'
import { mixWidth } from './mix-width'

export interface Activations {
  /** Rows that every buffer has room for; a multiple of 8. */
  readonly rows: number
  readonly x: Tensor
  readonly normed: Tensor
  readonly mix: Tensor
  readonly inner: Tensor
  readonly crossQ: Tensor
  readonly crossOut: Tensor
  readonly delta: Tensor
  readonly ffnInput: Tensor
  readonly ffn: Tensor
  readonly kv: Tensor
  readonly tokens: GPUBuffer
  readonly selfTable: GPUBuffer
  readonly crossTable: GPUBuffer
  /** Of queries; the keys' own, unless queries have a temperature. */
  readonly crossQueryTable: GPUBuffer
  /** Only for a lower half with a sliding window. */
  readonly window: WindowScratch | undefined
}

function widths(
  config: ModelConfig
): Record<
  'x' | 'normed' | 'mix' | 'inner' | 'crossQ' | 'crossOut' | 'delta' | 'ffnInput' | 'ffn' | 'kv',
  number
> {
  const dim = up4(config.dim)
  const ffn = up4(config.ffnDim)
  const cross = config.cross.heads * up4(config.cross.headDim)
  return {
    x: dim,
    normed: dim,
    mix: mixWidth(config),
    inner: config.self.heads * up4(config.self.headDim),
    crossQ: cross,
    crossOut: cross,
    delta: dim,
    ffnInput: 2 * ffn,
    ffn,
    kv: 2 * config.cross.kvHeads * up4(config.cross.headDim)
  }
}

/**
 * The longest chunk whose working memory stays within 24 MiB, at most 1024 rows. With attention scratch, staging and tables
 * that keeps the whole below 64 MiB.
 */
export function longestChunk(config: ModelConfig): number {
  const values = Object.values(widths(config)).reduce((a, b) => a + b, 0) * 4
  const window = config.self.kind === 'window' ? windowScratchBytes(config.self) : { fixed: 0, perRow: 0 }
  const rows = Math.floor(((24 << 20) - window.fixed) / (values + window.perRow) / 8) * 8
  return Math.max(8, Math.min(1024, rows))
}

export function allocateActivations(
  device: Device,
  config: ModelConfig,
  longest: number,
  { attentionTemperature }: Pick<LoadOptions, 'attentionTemperature'> = {}
): Activations {
  const rows = Math.ceil(longest / tileRows) * tileRows
  const tensor = (name: string, width: number): Tensor => ({
    name,
    buffer: device.buffer('scratch', name, rows * width * 4),
    shape: [rows, width]
  })
  const tensors = Object.fromEntries(
    Object.entries(widths(config)).map(([name, width]) => [name, tensor(name, width)])
  )
  const crossTable = (name: string) => device.buffer('scratch', name, rows * config.cross.headDim * 4)
  const keyTable = crossTable('cross rotation')
  return {
    ...(tensors as Record<keyof ReturnType<typeof widths>, Tensor>),
    rows,
    tokens: device.buffer('scratch', 'tokens', rows * 4),
    selfTable: device.buffer('scratch', 'self rotation', rows * config.self.headDim * 4),
    crossTable: keyTable,
    crossQueryTable: attentionTemperature ? crossTable('cross query rotation') : keyTable,
    window: config.self.kind === 'window' ? windowScratch(device, config.self, rows) : undefined
  }
}
