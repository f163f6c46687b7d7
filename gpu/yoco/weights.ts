/**
 * Weights from their files onto the GPU: read in ranges, laid out in panels, uploaded; nothing is kept on the CPU.
 * Matrices that read the same input are stacked into one (q | k | v | g | gate logits, and the two halves of the
 * SwiGLU), so that one dispatch serves them. Head dimensions that are no multiple of 4 are padded with zeros here
 * and nowhere else: padded values stay exactly zero through every kernel.
 */
import type { Device } from '../device/device'
import { up4 } from '../device/tensor'
import type { Matrix } from '../kernels/weights'
import type { LoadOptions } from '../model/family'
import type { ModelConfig } from './config'
import type { TensorRole } from './tensor-table'
import { storedBytes, type TensorLocation } from '../weights/tensor-location'
import { floatsOf, readTensor } from '../weights/tensor-values'
import { type Piece, uploadMatrix } from '../weights/upload-matrix'

export interface FeedForwardWeights {
  readonly norm: GPUBuffer
  /** gate | up, 2 * ffn dim outputs. */
  readonly input: Matrix
  readonly down: Matrix
}

export interface SelfLayerWeights {
  readonly norm: GPUBuffer
  /** q | k | v, and for gated retention | g | gate logits. */
  readonly mix: Matrix
  readonly mixBias: GPUBuffer | undefined
  readonly out: Matrix
  readonly ffn: FeedForwardWeights
}

export interface CrossLayerWeights {
  readonly norm: GPUBuffer
  readonly q: Matrix
  readonly qBias: GPUBuffer | undefined
  readonly qNorm: GPUBuffer | undefined
  readonly out: Matrix
  readonly ffn: FeedForwardWeights
}

export interface Weights {
  readonly embed: Matrix
  readonly head: Matrix
  readonly norm: GPUBuffer
  readonly self: readonly SelfLayerWeights[]
  readonly kvNorm: GPUBuffer
  /** K | V. */
  readonly kv: Matrix
  readonly kvBias: GPUBuffer | undefined
  readonly cross: readonly CrossLayerWeights[]
}

export async function loadWeights(
  device: Device,
  config: ModelConfig,
  tensors: ReadonlyMap<TensorRole, TensorLocation>,
  options: Pick<LoadOptions, 'blank' | 'onProgress'> = {}
): Promise<Weights> {
  const total = [...tensors.values()].reduce((sum, tensor) => sum + storedBytes(tensor), 0)
  let loaded = 0
  const at = (role: TensorRole): TensorLocation => {
    const tensor = tensors.get(role)
    if (!tensor) throw new Error(`weights: no tensor for ${role}`)
    return tensor
  }
  const matrix = async (
    name: string,
    pieces: Piece[],
    inputs: Partial<Pick<Piece, 'group' | 'padded'>> = {}
  ): Promise<Matrix> => {
    const result = await uploadMatrix(device, name, pieces, inputs, options.blank === true)
    for (const { tensor } of pieces) loaded += storedBytes(tensor)
    options.onProgress?.(loaded, total)
    return result
  }
  const vector = async (
    name: string,
    parts: { role: TensorRole; group: number; padded: number }[]
  ): Promise<GPUBuffer> => {
    const values: number[] = []
    for (const { role, group, padded } of parts) {
      const tensor = at(role)
      if (tensor.codes) throw new Error(`weights: ${role} holds codes`)
      const source = floatsOf(tensor.dtype, await readTensor(tensor))
      for (let i = 0; i < source.length; i += group) {
        for (let j = 0; j < padded; j++) values.push(j < group && i + j < source.length ? source[i + j] : 0)
      }
      loaded += storedBytes(tensor)
    }
    while (values.length % 4 !== 0) values.push(0)
    const buffer = device.buffer('weights', name, values.length * 4)
    device.raw.queue.writeBuffer(buffer, 0, new Float32Array(values))
    return buffer
  }
  const whole = (role: TensorRole): Piece => {
    const tensor = at(role)
    return { tensor, group: tensor.shape[0], padded: tensor.shape[0] }
  }
  const byHead = (role: TensorRole, headDim: number): Piece => ({
    tensor: at(role),
    group: headDim,
    padded: up4(headDim)
  })
  const norm = (role: TensorRole, width: number): Promise<GPUBuffer> =>
    vector(role, [{ role, group: width, padded: up4(width) }])
  const ffnPadded = up4(config.ffnDim)
  const feedForward = async (layer: string): Promise<FeedForwardWeights> => ({
    norm: await norm(`${layer}.norm2`, config.dim),
    input: await matrix(
      `${layer}.ffn`,
      ['gate', 'up'].map(part => ({ ...whole(`${layer}.ffn.${part}`), padded: ffnPadded }))
    ),
    down: await matrix(`${layer}.ffn.down`, [whole(`${layer}.ffn.down`)])
  })

  const { self, cross } = config
  const selfHead = { group: self.headDim, padded: up4(self.headDim) }
  const crossHead = { group: cross.headDim, padded: up4(cross.headDim) }
  const biasOf = (roles: TensorRole[], head: { group: number; padded: number }): Promise<GPUBuffer> =>
    vector(
      roles[0],
      roles.map(role => ({ role, ...head }))
    )

  const embed = await matrix('embed', [whole('embed')])
  const selfLayers: SelfLayerWeights[] = []
  for (let i = 0; i < config.selfLayers; i++) {
    const parts = self.kind === 'gated-retention' ? ['q', 'k', 'v', 'g'] : ['q', 'k', 'v']
    const pieces = parts.map(part => byHead(`self.${i}.${part}`, self.headDim))
    if (self.kind === 'gated-retention') pieces.push(whole(`self.${i}.gateLogit`))
    selfLayers.push({
      norm: await norm(`self.${i}.norm1`, config.dim),
      mix: await matrix(`self.${i}.mix`, pieces),
      mixBias: self.bias
        ? await biasOf(
            ['q', 'k', 'v'].map(p => `self.${i}.${p}.bias`),
            selfHead
          )
        : undefined,
      out: await matrix(`self.${i}.out`, [whole(`self.${i}.out`)], selfHead),
      ffn: await feedForward(`self.${i}`)
    })
  }
  const crossLayers: CrossLayerWeights[] = []
  for (let j = 0; j < config.crossLayers; j++) {
    crossLayers.push({
      norm: await norm(`cross.${j}.norm1`, config.dim),
      q: await matrix(`cross.${j}.q`, [byHead(`cross.${j}.q`, cross.headDim)]),
      qBias: cross.bias ? await biasOf([`cross.${j}.q.bias`], crossHead) : undefined,
      qNorm: cross.queryNorm ? await norm(`cross.${j}.qNorm`, cross.headDim) : undefined,
      out: await matrix(`cross.${j}.out`, [whole(`cross.${j}.out`)], crossHead),
      ffn: await feedForward(`cross.${j}`)
    })
  }
  return {
    embed,
    head: tensors.has('head') ? await matrix('head', [whole('head')]) : embed,
    norm: await norm('norm', config.dim),
    self: selfLayers,
    kvNorm: await norm('kv.norm', config.dim),
    kv: await matrix('kv', [byHead('kv.k', cross.headDim), byHead('kv.v', cross.headDim)]),
    kvBias: cross.bias ? await biasOf(['kv.k.bias', 'kv.v.bias'], crossHead) : undefined,
    cross: crossLayers
  }
}
