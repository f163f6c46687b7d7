/**
 * The one place that asks for an adapter and a device, with the one list of features and limits.
 * Owns all buffers: counts their bytes by purpose, routes every uncaptured error and the loss of the
 * device to whoever waits. Nothing global is read: the `GPU` object is handed in.
 */
import { EngineFailure } from '../failure'
import { SerialQueue } from '../serial-queue'
import { type AdapterDescription, describeAdapter, type ProductKernels, usefulFeatures } from './adapter'
import { type CompiledKernel, compileKernel, type Constants, type KernelSource } from './kernel'
import type { Profile } from './profile'

export type Purpose = 'weights' | 'pages' | 'carry' | 'scratch' | 'staging'

export interface DeviceOptions {
  /** Bytes of graphics memory that may be used at most; documents that need more are streamed from disk or refused. */
  readonly memoryLimit?: number
  /** Timestamps around every dispatch; costs a pass per dispatch. */
  readonly profile?: boolean
  /** The product kernels to use; otherwise those that the table of kernels/kernel-choice.ts gives this adapter. */
  readonly kernels?: ProductKernels
}

/** Storage and copies both ways: 4 | 8 | 128 = COPY_SRC | COPY_DST | STORAGE. */
const storageAndCopies = 0x8c

export class Device {
  /** Resolves with the reason once the device is gone; never rejects. */
  readonly lost: Promise<string>
  private readonly bytesBy = new Map<Purpose, number>()
  private readonly alive = new Map<GPUBuffer, [Purpose, number]>()
  private readonly compiled = new Map<string, Promise<CompiledKernel>>()
  private readonly ids = new WeakMap<GPUBuffer, number>()
  private nextId = 1
  private lostReason: string | undefined
  private firstError: string | undefined
  private closing = false
  private givingBack = false
  private readonly allocations = new SerialQueue()
  /** Buffers of the allocation at hand. */
  private made: GPUBuffer[] | undefined
  private readonly peaks = new Map<Purpose, number>()
  peakBytes = 0
  /** Bytes that buffers may take in all. Pages keep to it; what a model works with is checked when it is loaded. */
  memoryLimit = Infinity
  /** False on Dawn's null backend: what is checked there is not what comes out. */
  readonly computes: boolean = true
  /** Asked for by the host; undefined: the table says which. */
  kernels: ProductKernels | undefined
  /** Where every batch writes how long its kernels took; only on request. */
  profile: Profile | undefined

  constructor(
    readonly raw: GPUDevice,
    readonly adapter: AdapterDescription,
    readonly profiled: boolean
  ) {
    raw.addEventListener('uncapturederror', event => {
      this.firstError ??= (event as GPUUncapturedErrorEvent).error.message
    })
    this.lost = raw.lost.then(info => {
      this.lostReason = info.message || info.reason || 'no reason given'
      return this.lostReason
    })
  }

  get limits(): GPUSupportedLimits {
    return this.raw.limits
  }

  /** The largest buffer that one binding can reach. */
  get largestBinding(): number {
    return Math.min(this.limits.maxStorageBufferBindingSize, this.limits.maxBufferSize)
  }

  /** Throws when the device is gone or closed or when any earlier call was invalid; called at every wait. */
  check(): void {
    if (this.closing) throw new EngineFailure('closed', 'The engine was closed while it was at work.')
    if (this.lostReason !== undefined) {
      throw new EngineFailure(
        'gpu-lost',
        `The graphics device went away (${this.lostReason}). What was read is on disk; open the document again to go on.`
      )
    }
    if (this.firstError !== undefined) throw new Error(`WebGPU: ${this.firstError}`)
  }

  buffer(purpose: Purpose, name: string, bytes: number, usage?: GPUBufferUsageFlags): GPUBuffer {
    const size = Math.max(16, Math.ceil(bytes / 16) * 16)
    const buffer = this.raw.createBuffer({
      label: name,
      size,
      usage: usage ?? storageAndCopies
    })
    this.alive.set(buffer, [purpose, size])
    this.made?.push(buffer)
    this.bytesBy.set(purpose, (this.bytesBy.get(purpose) ?? 0) + size)
    this.peakBytes = Math.max(this.peakBytes, this.liveBytes)
    this.peaks.set(purpose, Math.max(this.peaks.get(purpose) ?? 0, this.bytesBy.get(purpose)!))
    return buffer
  }

  free(buffer: GPUBuffer): void {
    const entry = this.alive.get(buffer)
    if (!entry) return
    this.alive.delete(buffer)
    this.bytesBy.set(entry[0], this.bytesBy.get(entry[0])! - entry[1])
    buffer.destroy()
    if (this.closing || this.givingBack) return
    this.givingBack = true
    // Once for all that is freed in one go.
    void Promise.resolve().then(() => {
      this.givingBack = false
      if (!this.closing) this.giveBack()
    })
  }

  /**
   * Dawn frees what was destroyed behind the next thing that is submitted, however long that takes: of a trial of memory
   * 1.8 GB stayed resident for as long as nothing was read. So nothing is submitted, and waited for by nobody.
   */
  private giveBack(): void {
    this.raw.queue.submit([])
    void this.raw.queue.onSubmittedWorkDone().catch(() => undefined)
  }

  /** A number that names the buffer in cache keys. */
  idOf(buffer: GPUBuffer): number {
    let id = this.ids.get(buffer)
    if (id === undefined) this.ids.set(buffer, (id = this.nextId++))
    return id
  }

  get liveBytes(): number {
    let sum = 0
    for (const bytes of this.bytesBy.values()) sum += bytes
    return sum
  }

  /** Bytes that the limit leaves. */
  get memoryLeft(): number {
    return this.memoryLimit - this.liveBytes
  }

  get liveBuffers(): number {
    return this.alive.size
  }

  /** Bytes held now, or the most ever held, by purpose. */
  memory(when: 'now' | 'peak' = 'now'): Record<Purpose, number> {
    const bytes = when === 'now' ? this.bytesBy : this.peaks
    const of = (purpose: Purpose): number => bytes.get(purpose) ?? 0
    return {
      weights: of('weights'),
      pages: of('pages'),
      carry: of('carry'),
      scratch: of('scratch'),
      staging: of('staging')
    }
  }

  /** Compiles once per source and constants; the same request later returns the same pipeline. */
  compile(source: KernelSource, constants: Constants): Promise<CompiledKernel> {
    const key = `${source.name} ${JSON.stringify(constants)}`
    let kernel = this.compiled.get(key)
    if (!kernel) this.compiled.set(key, (kernel = compileKernel(this.raw, source, constants)))
    return kernel
  }

  /**
   * Buffers that may not fit: runs `allocate` and turns the adapter's refusal into words. What was made until then is
   * freed. One at a time: error scopes are a stack of the device, and two that overlap would take each other's errors.
   */
  allocating<T>(
    what: string,
    allocate: () => T | Promise<T>,
    code: 'too-long' | 'gpu-lacking' = 'too-long'
  ): Promise<T> {
    return this.allocations.run(async () => {
      const made: GPUBuffer[] = (this.made = [])
      this.raw.pushErrorScope('out-of-memory')
      this.raw.pushErrorScope('validation')
      let failure: unknown
      let result: T | undefined
      try {
        const pending = allocate()
        // Buffers of others that are made while we wait are not ours to free.
        if (!(pending instanceof Promise)) this.made = undefined
        result = await pending
      } catch (thrown) {
        failure = thrown
      }
      this.made = undefined
      const invalid = await this.raw.popErrorScope()
      const outOfMemory = await this.raw.popErrorScope()
      const error = outOfMemory ?? invalid
      if (error) {
        failure = new EngineFailure(code, `${what} does not fit this adapter's memory: ${error.message}`)
      }
      if (failure === undefined) return result as T
      for (const buffer of made) this.free(buffer)
      throw failure
    })
  }

  /**
   * How many bytes of buffers of these sizes the adapter grants, one after another; all are given back and count nowhere.
   * What was not tried after `patience` milliseconds counts as granted.
   */
  grants(sizes: readonly number[], patience = 1000): Promise<number> {
    return this.allocations.run(async () => {
      const made: GPUBuffer[] = []
      const begun = performance.now()
      let granted = 0
      for (const size of sizes) {
        if (performance.now() - begun > patience) {
          granted = sizes.reduce((sum, each) => sum + each, 0)
          break
        }
        this.raw.pushErrorScope('out-of-memory')
        this.raw.pushErrorScope('validation')
        made.push(this.raw.createBuffer({ label: 'trial', size, usage: storageAndCopies }))
        const invalid = await this.raw.popErrorScope()
        if ((await this.raw.popErrorScope()) ?? invalid) break
        granted += size
      }
      for (const buffer of made) buffer.destroy()
      this.giveBack()
      return granted
    })
  }

  async idle(): Promise<void> {
    await this.raw.queue.onSubmittedWorkDone()
    this.check()
  }

  close(): void {
    this.closing = true
    for (const buffer of [...this.alive.keys()]) this.free(buffer)
    this.raw.destroy()
  }
}

/**
 * Opens the best adapter of `gpu`. Asks for the adapter's own limits, because the defaults of the
 * specification (128 MiB a binding) would cut a large model into needless pieces.
 * Throws EngineFailure('gpu-lacking') when there is none or it lacks what the kernels use.
 */
export async function openDevice(gpu: GPU, options: DeviceOptions = {}): Promise<Device> {
  const adapter = await gpu.requestAdapter({ powerPreference: 'high-performance' }).catch(cause => {
    // Dawn in Node throws for an unknown name and lists what there is, over several lines.
    const reason = String((cause as Error).message ?? cause).replace(/\s+/g, ' ')
    throw new EngineFailure('gpu-lacking', `No WebGPU adapter could be opened: ${reason}`, { cause })
  })
  if (!adapter) {
    throw new EngineFailure(
      'gpu-lacking',
      'No WebGPU adapter was found. Install a graphics driver with Vulkan, Metal or Direct3D 12, or a software adapter (tools/setup.sh does).'
    )
  }
  const immediates = adapter.limits.maxImmediateSize ?? 0
  if (immediates < 64) {
    throw new EngineFailure(
      'gpu-lacking',
      `The adapter ${adapter.info.description} offers ${immediates} bytes of immediates; the kernels need 64 (Chromium 150 or newer has them).`
    )
  }
  const wanted = ['maxStorageBufferBindingSize', 'maxBufferSize', 'maxImmediateSize'] as const
  const requiredLimits: Record<string, number> = {}
  for (const limit of wanted) requiredLimits[limit] = adapter.limits[limit]
  const profiled = options.profile === true && adapter.features.has('timestamp-query')
  const requiredFeatures = usefulFeatures(adapter)
  if (profiled) requiredFeatures.push('timestamp-query')
  const raw = await adapter.requestDevice({ requiredFeatures, requiredLimits })
  const device = new Device(raw, describeAdapter(adapter), profiled)
  device.memoryLimit = options.memoryLimit ?? Infinity
  device.kernels = options.kernels
  return device
}
