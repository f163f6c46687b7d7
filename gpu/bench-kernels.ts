/** Single kernels against the adapter's best: products, one query over pages, a plain copy. For `readonce bench`. */
import { Batch } from './device/batch'
import { type Device, openDevice } from './device/device'
import type { Tensor } from './device/tensor'
import { productKernels, type ProductKernels } from './device/adapter'
import { codeFormat } from './kernels/code-format'
import { kernelChoice, lacking } from './kernels/kernel-choice'
import { linear, type Linear, tileRows } from './kernels/linear'
import tileWgsl from './kernels/linear-tile.wgsl?raw'
import { pageAttention } from './kernels/page-attention'
import { type PageKind, pageFormats, pageKinds } from './kernels/page-format'
import { pageLayout } from './kernels/page-layout'
import { panelRows, type WeightFormat, weightFormats } from './kernels/weight-format'
import type { Matrix } from './kernels/weights'

export interface KernelCase {
  readonly kernel: string
  readonly shape: string
  /** Another choice of workgroup or other product kernels, tried to find the adapter's best; the product does not use it. */
  readonly variant?: string
  /** Floating-point operations and bytes that the operation needs at least. */
  readonly operations: number
  readonly bytes: number
  /** Seconds of one go, averaged over one submit of several. */
  run(): Promise<number>
}

interface KernelBench {
  readonly adapter: Device['adapter']
  readonly cases: readonly KernelCase[]
  close(): void
}

const int8 = codeFormat({ bits: 8, block: 32, minimum: false, scale: 'f16' })
const int4 = codeFormat({ bits: 4, block: 32, minimum: true, scale: 'f16' })
const formats = [weightFormats.f32, weightFormats.f16, weightFormats.bf16, int8, int4]

const bytesOfWeights = (format: WeightFormat, inputs: number, outputs: number): number =>
  (outputs / panelRows) * format.panelBytes(inputs)

/** The product by all kernels that the adapter can run but its own, for one format of weights. */
async function variants(device: Device, matrix: Matrix): Promise<[ProductKernels, Linear][]> {
  if (matrix.format !== weightFormats.f16) return []
  const { kernels: own } = await kernelChoice(device)
  const able = productKernels.filter(each => each !== own && !lacking(device, each))
  return Promise.all(
    able.map(async (kernels): Promise<[ProductKernels, Linear]> => [
      kernels,
      await linear(device, matrix, undefined, kernels)
    ])
  )
}

/** Long enough that a submit (0.06 to 0.15 ms) does not count. */
const leastMilliseconds = 30

export async function openKernelBench(gpu: GPU): Promise<KernelBench> {
  const device = await openDevice(gpu)
  const bench = new CaseList(device)
  await copies(bench)
  // A chunk of 64 rows, whose matrix stays in a processor's cache; then what peers measured.
  await tiles(bench, 64, 512, 1376)
  await tiles(bench, 512, 768, 768)
  await tiles(bench, 1024, 1024, 1024)
  for (const format of formats) await rowOf(bench, format, 1024, 2816)
  for (const kind of pageKinds) {
    await attention(bench, kind, 16, 4, 64)
    await attention(bench, kind, 6, 2, 32)
  }
  return { adapter: device.adapter, cases: bench.cases, close: () => device.close() }
}

/** Cases on one device, with the memory that they work on. */
class CaseList {
  readonly cases: KernelCase[] = []

  constructor(readonly device: Device) {}

  add(
    kernel: string,
    shape: string,
    work: { operations: number; bytes: number; variant?: string },
    encode: (batch: Batch) => void
  ): void {
    let times = 1
    const once = async (): Promise<number> => {
      const batch = new Batch(this.device)
      for (let i = 0; i < times; i++) encode(batch)
      const begun = performance.now()
      batch.submit()
      await this.device.idle()
      return performance.now() - begun
    }
    const run = async (): Promise<number> => {
      for (;;) {
        const ms = await once()
        if (ms >= leastMilliseconds || times >= 256) return ms / times / 1000
        times = Math.min(256, Math.ceil((times * leastMilliseconds * 1.2) / Math.max(ms, 0.1)))
      }
    }
    this.cases.push({ kernel, shape, ...work, run })
  }

  tensor(name: string, rows: number, width: number): Tensor {
    return {
      name,
      buffer: this.device.buffer('scratch', name, rows * width * 4),
      shape: [rows, width]
    }
  }

  matrix(format: WeightFormat, inputs: number, outputs: number): Matrix {
    const buffer = this.device.buffer('weights', 'w', bytesOfWeights(format, inputs, outputs))
    const parts = [{ buffer, first: 0, rows: outputs }]
    return { name: 'w', format, inputs, outputs, parts }
  }
}

const copyWgsl = `@group(0) @binding(0) var<storage, read> x: array<vec4f>;
@group(0) @binding(1) var<storage, read_write> y: array<vec4f>;
@compute @workgroup_size(LANES)
fn main(@builtin(global_invocation_id) id: vec3u, @builtin(num_workgroups) groups: vec3u) {
  let i = id.y * groups.x * LANES + id.x;
  y[i] = x[i];
}`

async function copies(bench: CaseList): Promise<void> {
  const count = (32 << 20) / 16
  const [from, to] = [bench.tensor('from', count, 4), bench.tensor('to', count, 4)]
  for (const lanes of [16, 64, 256]) {
    const kernel = await bench.device.compile({ name: 'copy', wgsl: copyWgsl }, { LANES: lanes })
    const groups = count / lanes
    const work = { operations: 0, bytes: count * 32, variant: `${lanes} lanes` }
    bench.add('copy', '32 MiB, vec4', work, batch =>
      batch.run(kernel, [from.buffer, to.buffer], {}, [Math.min(groups, 32768), Math.ceil(groups / 32768)])
    )
  }
}

async function tiles(bench: CaseList, rows: number, inputs: number, outputs: number): Promise<void> {
  const [x, y] = [bench.tensor('x', rows, inputs), bench.tensor('y', rows, outputs)]
  const operations = 2 * rows * inputs * outputs
  const bytesOf = (format: WeightFormat): number =>
    (rows * inputs + rows * outputs) * 4 + bytesOfWeights(format, inputs, outputs)
  for (const format of formats) {
    const w = bench.matrix(format, inputs, outputs)
    const product = await linear(bench.device, w)
    const shape = `${rows} x ${inputs} x ${outputs}, ${format.name}`
    bench.add('linear-tile', shape, { operations, bytes: bytesOf(format) }, batch =>
      product.rows(batch, x, y, rows)
    )
    for (const [variant, other] of await variants(bench.device, w))
      bench.add('linear-tile', shape, { operations, bytes: bytesOf(format), variant }, batch =>
        other.rows(batch, x, y, rows)
      )
    if (format !== weightFormats.f32) continue
    for (const lanes of [8, 16, 32, 64]) {
      const constants = { WEIGHTS: w.format.wgsl, K4: inputs / 4, LANES: lanes }
      const kernel = await bench.device.compile({ name: 'linear-tile', wgsl: tileWgsl }, constants)
      const params = {
        rows,
        x_first: 0,
        x_stride: inputs / 4,
        y_stride: outputs / 4,
        y_first: 0,
        columns: outputs / 4
      }
      const groups = [Math.ceil(outputs / 4 / lanes), rows / tileRows]
      const work = { operations, bytes: bytesOf(format), variant: `${lanes} lanes` }
      bench.add('linear-tile', shape, work, batch =>
        batch.run(kernel, [x.buffer, w.parts[0].buffer, y.buffer], params, groups)
      )
    }
  }
}

async function rowOf(bench: CaseList, format: WeightFormat, inputs: number, outputs: number): Promise<void> {
  const [x, y] = [bench.tensor('x', 1, inputs), bench.tensor('y', 1, outputs)]
  const w = bench.matrix(format, inputs, outputs)
  const product = await linear(bench.device, w)
  const work = { operations: 2 * inputs * outputs, bytes: bytesOfWeights(format, inputs, outputs) }
  const shape = `${inputs} x ${outputs}, ${format.name}`
  bench.add('linear-row', shape, work, batch => product.row(batch, x, 0, y))
  for (const [variant, other] of await variants(bench.device, w))
    bench.add('linear-row', shape, { ...work, variant }, batch => other.row(batch, x, 0, y))
}

async function attention(
  bench: CaseList,
  kind: PageKind,
  heads: number,
  kvHeads: number,
  headDim: number
): Promise<void> {
  const keys = 8192
  const layout = pageLayout([{ kvHeads, headDim }], pageFormats[kind])
  const pages = await pageAttention(bench.device, heads, layout)
  const bank = bench.device.buffer('pages', 'bank', keys * layout.rowBytes)
  const scratch = pages.allocate(1, [keys])
  const mass = bench.device.buffer('scratch', 'mass', pages.spanCount([keys]) * 4)
  const [q, y] = [bench.tensor('q', 1, heads * headDim), bench.tensor('y', 1, heads * headDim)]
  const work = { operations: 4 * heads * headDim * keys, bytes: layout.rowBytes * keys }
  const banks = [{ buffer: bank, rows: keys, spanFrom: 0 }]
  bench.add('page-attention', `${heads}/${kvHeads} heads of ${headDim}, ${keys} keys, ${kind}`, work, batch =>
    pages.attend(batch, { q, y, rows: 1, banks, visible: keys, scratch, mass })
  )
}
