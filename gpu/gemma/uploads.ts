/** What a chunk brings from the CPU: ids, rotations of both kinds, and the tokens' rows of the per-layer table. */
import type { Device } from '../device/device'
import { inverseFrequencies, rotationTable } from '../kernels/rope'
import type { Chunk } from '../model/model'
import { placesIn } from '../model/places'
import { type Activations, layersOf, type Pass } from './activations'
import type { GemmaConfig, LayerKind } from './config'

export interface Uploads {
  readonly tokens: GPUBuffer
  readonly tables: Readonly<Record<LayerKind, GPUBuffer>>
  /** Sends what reading a chunk takes; returns the row of tokens, tables and `tokenRows` where it begins. */
  chunk(chunk: Chunk): number
  /** Sends the tokens' rows of the table, whole ones, that answering takes besides; returns the row where they begin. */
  answered(tokenRows: Float32Array): number
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
  const sendRows = (pass: Pass, values: Float32Array<ArrayBuffer>): number => {
    const { buffer, shape } = memory[pass].tokenRows
    const at = places[pass](values.length / Math.max(1, shape[1]))
    queue.writeBuffer(buffer, at * shape[1] * 4, values)
    return at
  }
  return {
    tokens,
    tables: { sliding: rotations.sliding.buffer, full: rotations.full.buffer },
    chunk(chunk) {
      const { start, rows, tokenRows, answering } = chunk
      const own = tokenRows && answering ? partsOf(config, 'reading', tokenRows) : tokenRows
      if (own?.length !== rows * memory.reading.tokenRows.shape[1])
        throw new Error('gemma: a chunk comes with its rows of the per-layer table, whole ones of an answer')
      const at = sendRows('reading', own)
      queue.writeBuffer(tokens, at * 4, idsOf(chunk).slice())
      for (const { buffer, frequencies } of Object.values(rotations))
        queue.writeBuffer(buffer, at * frequencies.length * 8, rotationTable(frequencies, start, rows))
      return at
    },
    answered: tokenRows => sendRows('answering', partsOf(config, 'answering', tokenRows))
  }
}

/** Throws where they were chosen on the GPU: their rows of the table come from the CPU. */
export function idsOf({ tokens }: Chunk): Uint32Array {
  if (tokens instanceof Uint32Array) return tokens
  throw new Error('gemma: the ids of a chunk must be known on the CPU')
}

/** Of whole rows of the table what belongs to the layers that a pass runs. */
function partsOf(config: GemmaConfig, pass: Pass, tokenRows: Float32Array): Float32Array<ArrayBuffer> {
  const [from, to] = layersOf(config, pass).map(layer => layer * config.perLayerDim)
  const width = config.layers.length * config.perLayerDim
  const rows = tokenRows.length / width
  const parts = new Float32Array(rows * (to - from))
  for (let i = 0; i < rows; i++)
    parts.set(tokenRows.subarray(i * width + from, i * width + to), i * (to - from))
  return parts
}
