/** GPU to CPU. Staging buffers are pooled by size: creating one per copy costs more than the copy. */
import type { Batch } from './batch'
import type { Device } from './device'

/** Copies a range at once, in a submit of its own. For rare reads; loops use a `Staging`. */
export async function copyFromBuffer(
  device: Device,
  from: GPUBuffer,
  offset: number,
  bytes: number
): Promise<Uint8Array<ArrayBuffer>> {
  const staging = device.buffer('staging', 'readback', bytes, 0x09)
  const encoder = device.raw.createCommandEncoder()
  encoder.copyBufferToBuffer(from, offset, staging, 0, bytes)
  device.raw.queue.submit([encoder.finish()])
  try {
    await mapped(device, staging)
    return new Uint8Array(staging.getMappedRange(0, Math.ceil(bytes / 4) * 4).slice(0, bytes))
  } finally {
    device.free(staging)
  }
}

async function mapped(device: Device, buffer: GPUBuffer): Promise<void> {
  try {
    await buffer.mapAsync(1) // READ
  } catch (cause) {
    await Promise.race([device.lost, Promise.resolve()])
    device.check()
    throw new Error(`cannot read back ${buffer.label}`, { cause })
  }
  device.check()
}

/** One landing place for ranges copied out in a batch: `copy` while encoding, then `read` once, then `free`. */
export class Staging {
  private readonly buffer: GPUBuffer
  private used = 0

  constructor(
    private readonly device: Device,
    private readonly capacity: number
  ) {
    // 9 = MAP_READ | COPY_DST.
    this.buffer = device.buffer('staging', 'staging', capacity, 0x09)
  }

  copy(batch: Batch, from: GPUBuffer, offset: number, bytes: number): void {
    if (this.used + bytes > this.capacity)
      throw new Error(`staging: ${this.used} + ${bytes} bytes exceed ${this.capacity}`)
    batch.copy(from, offset, this.buffer, this.used, bytes)
    this.used += bytes
  }

  /** Waits for the submit and lends the bytes to `use`; they are gone when it returns. */
  async read<T>(use: (borrowed: Uint8Array<ArrayBuffer>) => Promise<T> | T): Promise<T> {
    await mapped(this.device, this.buffer)
    try {
      return await use(new Uint8Array(this.buffer.getMappedRange(), 0, this.used))
    } finally {
      this.buffer.unmap()
      this.used = 0
    }
  }

  free(): void {
    this.device.free(this.buffer)
  }
}
