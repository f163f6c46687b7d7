/**
 * What a chunk brings from the CPU: ids, rotations of both kinds, and the tokens' rows of the per-layer table. Chunks of one
 * submit must not overwrite one another's, so they go to rows that follow, round about.
 */
import type { Device } from '../device/device'
import type { Tensor } from '../device/tensor'
import { inverseFrequencies, rotationTable } from '../kernels/rope'
import type { Chunk } from '../model/model'
import { type Activations, layersOf, type Pass } from './activations'
import type { GemmaConfig, LayerKind } from './config'

export interface Uploads {
  readonly tokens: GPUBuffer
  readonly tables: Readonly<Record<LayerKind, GPUBuffer>>
  /** Sends what reading a chunk takes; returns the row of tokens, tables and `tokenRows` where it begins. */
  chunk(chunk: Chunk): number
  /** Sends what answering rows row ... row + count of a chunk takes besides; returns the row of `tokenRows` where it begins. */
  answered(chunk: Chunk, row: number, count: number): number
}

export function uploads(
  device: Device,
  config: GemmaConfig,
  memory: Readonly<Record<Pass, Activations>>
): Uploads {
  const { queue } = device.raw
  const { rows: room } = memory.reading
  const tokens = device.buffer('scratch', 'tokens', room * 4)
  const table = (kind: LayerKind) => {
    const frequencies = inverseFrequencies(config[kind].rope, config[kind].headDim)
    return {
      frequencies,
      buffer: device.buffer('scratch', `${kind} rotation`, room * frequencies.length * 8)
    }
  }
  const rotations = { sliding: table('sliding'), full: table('full') }
  const places = { reading: placesIn(room), answering: placesIn(memory.answering.rows) }
  const sendRows = (pass: Pass, chunk: Chunk, row: number, count: number): number => {
    const at = places[pass](count)
    send(device, memory[pass].tokenRows, at, partOf(config, pass, chunk, row, count))
    return at
  }
  return {
    tokens,
    tables: { sliding: rotations.sliding.buffer, full: rotations.full.buffer },
    chunk(chunk) {
      const { start, rows } = chunk
      const at = sendRows('reading', chunk, 0, rows)
      queue.writeBuffer(tokens, at * 4, idsOf(chunk).slice())
      for (const { buffer, frequencies } of Object.values(rotations))
        queue.writeBuffer(buffer, at * frequencies.length * 8, rotationTable(frequencies, start, rows))
      return at
    },
    answered: (chunk, row, count) => sendRows('answering', chunk, row, count)
  }
}

/** Rows that follow one another, from the beginning again where they would not fit. */
function placesIn(room: number): (rows: number) => number {
  let next = 0
  return rows => {
    const at = next + rows > room ? 0 : next
    next = at + rows
    return at
  }
}

function idsOf({ tokens }: Chunk): Uint32Array {
  if (tokens instanceof Uint32Array) return tokens
  throw new Error(
    'gemma: the ids of a chunk must be known on the CPU, where their rows of the table come from'
  )
}

/** The columns of a chunk's rows that belong to the layers of a pass. */
function partOf(
  config: GemmaConfig,
  pass: Pass,
  { tokenRows }: Chunk,
  row: number,
  count: number
): Float32Array<ArrayBuffer> {
  if (!tokenRows) throw new Error('gemma: a chunk comes with its rows of the per-layer table')
  const [from, to] = layersOf(config, pass).map(layer => layer * config.perLayerDim)
  const width = config.layers.length * config.perLayerDim
  const part = new Float32Array(count * (to - from))
  for (let i = 0; i < count; i++)
    part.set(tokenRows.subarray((row + i) * width + from, (row + i) * width + to), i * (to - from))
  return part
}

function send(device: Device, into: Tensor, row: number, values: Float32Array<ArrayBuffer>): void {
  device.raw.queue.writeBuffer(into.buffer, row * into.shape[1] * 4, values)
}
