/**
 * Dawn's null backend for models larger than this computer: it computes nothing, but checks every pipeline, binding, size and
 * limit. The backend is chosen once per process, so a test file that uses it uses no other.
 */
import type { TensorSpec } from '../weights/locate-tensors'
import type { TensorLocation } from '../weights/tensor-location'
import { type ProductKernels, usefulFeatures } from '../device/adapter'
import { Device, type Purpose } from '../device/device'
import { openDawn } from '../node/dawn'

export const mib = (bytes: number): string => `${(bytes / (1 << 20)).toFixed(1)} MiB`

/**
 * A device that gives one buffer out many times: the null backend has 512 MiB and no more. Bytes are counted as if
 * each were its own; sizes, bindings and limits stay those of a real one, since whatever is bound together differs.
 */
export class DryDevice extends Device {
  private readonly counted: Record<Purpose, number> = {
    weights: 0,
    pages: 0,
    carry: 0,
    scratch: 0,
    staging: 0
  }
  private readonly shared = new Map<string, GPUBuffer>()
  override readonly computes = false
  largest = 0

  override buffer(purpose: Purpose, name: string, bytes: number, usage?: GPUBufferUsageFlags): GPUBuffer {
    if (bytes > this.largestBinding) throw new Error(`${name}: ${bytes} bytes are more than a binding holds`)
    this.counted[purpose] += Math.ceil(bytes / 16) * 16
    this.largest = Math.max(this.largest, bytes)
    // A dispatch binds one matrix and one bank at most, but keys and values of a ring together, and small weights beside large.
    const least = purpose === 'weights' ? 1 << 20 : 4 << 20
    if (bytes < least || purpose === 'scratch') return super.buffer(purpose, name, bytes, usage)
    const key = purpose === 'carry' ? `${name.replace(/\d+/, '')} ${bytes}` : purpose
    const size = purpose === 'carry' ? bytes : this.largestBinding
    const buffer = this.shared.get(key) ?? super.buffer(purpose, key, size, usage)
    this.shared.set(key, buffer)
    return buffer
  }

  override memory(): Record<Purpose, number> {
    return this.counted
  }
}

/** As a GPU might have them; the null backend takes any. */
const matrices = [
  { component: 'f16', result: 'f32', M: 16, N: 16, K: 16 },
  { component: 'f32', result: 'f32', M: 8, N: 8, K: 8 }
]

/** The specification's default limits, 128 MiB a binding and 16 KiB a workgroup, and nothing more; the features that kernels use. */
export async function openDry(software: boolean, kernels?: ProductKernels): Promise<DryDevice> {
  const adapter = (await openDawn('null').requestAdapter())!
  const raw = await adapter.requestDevice({
    requiredLimits: { maxImmediateSize: 64 },
    requiredFeatures: usefulFeatures(adapter)
  })
  const description = { name: 'null', vendor: '', software, subgroups: { least: 32, most: 32 }, matrices }
  const device = new DryDevice(raw, description, false)
  device.kernels = kernels
  return device
}

/** Tensors of a model whose files are not at hand, by role: matrices of two bytes a value, all of it zero. */
export const dryTensors = (
  specs: readonly TensorSpec[],
  dtype: 'F16' | 'BF16'
): Map<string, TensorLocation> =>
  new Map(
    specs.map(({ role, name, shape }) => {
      const bytes = shape.reduce((a, b) => a * b, 2)
      const source = { size: bytes, read: async (_: number, into: Uint8Array) => void into.fill(0) }
      return [role, { source, file: 'dry', name, dtype, shape, start: 0, end: bytes }]
    })
  )
