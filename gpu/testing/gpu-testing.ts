/**
 * What tests on a device share: the device, opened once per test file, tensors up and down, poison. Where there is no
 * adapter, `describeGpu` skips its tests and says why: they are not run, never green.
 */
import { afterAll, describe, expect } from 'vitest'
import { type ProductKernels, productKernels } from '../device/adapter'
import { Batch } from '../device/batch'
import { Device, openDevice } from '../device/device'
import { copyFromBuffer } from '../device/readback'
import { type Tensor, up4 } from '../device/tensor'
import { panelRows, weightFormats, type WeightKind } from '../kernels/weight-format'
import type { Matrix, MatrixPart } from '../kernels/weights'
import { openDawn } from '../node/dawn'
import { relativeError } from './relative-error'
import { decode, encode, type FloatType } from './rounding'

/** READONCE_KERNELS: product kernels for the shared device, to run whole sets of tests by others than the table's. */
const kernels = productKernels.find(each => each === process.env['READONCE_KERNELS'])
const opened = await (async () => openDevice(openDawn(), { kernels }))().catch((reason: Error) => reason)
const missing = opened instanceof Device ? undefined : opened.message
if (missing !== undefined) console.warn(`not run, these tests need a GPU: ${missing}`)
afterAll(() => {
  if (opened instanceof Device) opened.close()
})

/** Absent (and not to be touched outside of tests and hooks) where there is no adapter. */
export const device = opened as Device

/** A CPU that pretends to be a GPU: some kernels take it a minute to compile. */
export const onSoftware = opened instanceof Device && opened.adapter.software

/** Like `describe`; not run, in words, where there is no adapter. */
export const describeGpu = (name: string, tests: () => void) =>
  missing === undefined ? describe(name, tests) : describe.skip(`${name} (not run: ${missing})`, tests)

/** The shapes of workgroups differ between software and hardware adapters; both compute the same on either. */
export const workgroups = ['software', 'hardware'] as const
export type Workgroups = (typeof workgroups)[number]

const devices = new Map<string, Device>()

/** Beside software's plain product kernels those for hardware, asked for by name; for `matrices` no adapter is at hand. */
export const productShapes = ['software', 'plain', 'tiles', 'subgroups'] as const

/** The same adapter under another description, as hardware with product kernels that are asked for, with a smaller largest binding. */
export function deviceWith(shape: Workgroups | ProductKernels, largestBinding?: number): Device {
  const key = `${shape} ${largestBinding}`
  const made =
    devices.get(key) ?? new Device(device.raw, { ...device.adapter, software: shape === 'software' }, false)
  if (shape !== 'software' && shape !== 'hardware') made.kernels = shape
  if (largestBinding !== undefined) Object.defineProperty(made, 'largestBinding', { value: largestBinding })
  devices.set(key, made)
  return made
}

/** Encodes, submits and waits; throws what the device complained about. */
export async function run(encode: (batch: Batch) => void, on = device): Promise<void> {
  const batch = new Batch(on)
  encode(batch)
  batch.submit()
  await on.idle()
}

export function bufferOf(
  values: Uint32Array<ArrayBuffer> | Float32Array<ArrayBuffer>,
  name = 'test'
): GPUBuffer {
  const buffer = device.buffer('scratch', name, values.byteLength)
  device.raw.queue.writeBuffer(buffer, 0, values)
  return buffer
}

/**
 * Rows of `width` values, followed by rows of `rest` up to `room`: NaN, so that one that is let in shows; or a number,
 * so that one that is let out shows among the NaN of a poisoned output.
 */
export function tensorOf(
  values: ArrayLike<number>,
  width: number,
  room?: number,
  name = 'input',
  rest = NaN
): Tensor {
  const rows = room ?? values.length / width
  const filled = new Float32Array(rows * width).fill(rest)
  filled.set(values)
  return { name, buffer: bufferOf(filled, name), shape: [rows, width] }
}

/** An output nobody wrote yet: NaN everywhere. */
export const poisoned = (rows: number, width: number, name = 'output'): Tensor =>
  tensorOf([], width, rows, name)

export async function valuesOf(tensor: Tensor): Promise<Float32Array> {
  const [rows, width] = tensor.shape
  return new Float32Array((await copyFromBuffer(device, tensor.buffer, 0, rows * width * 4)).buffer)
}

export async function wordsOf(buffer: GPUBuffer, count = buffer.size / 4): Promise<Uint32Array> {
  return new Uint32Array((await copyFromBuffer(device, buffer, 0, count * 4)).buffer)
}

/** Groups (heads, rows) of `width` values, each followed by zeros up to a multiple of 4. */
export function padded(values: ArrayLike<number>, width: number): Float64Array {
  const out = new Float64Array((values.length / width) * up4(width))
  for (let i = 0; i < values.length; i++) out[Math.floor(i / width) * up4(width) + (i % width)] = values[i]!
  return out
}

/**
 * The tensor's first rows are the expected values within `tolerance` (relative to the largest), exact zeros where
 * exact zeros are expected, as in padding; everything behind them is `rest`, as it was.
 */
export async function expectRows(
  tensor: Tensor,
  expected: ArrayLike<number>,
  tolerance: number,
  label = '',
  rest = NaN
) {
  const actual = await valuesOf(tensor)
  const [head, behind] = [actual.subarray(0, expected.length), actual.subarray(expected.length)]
  expect(relativeError(head, expected), `relative error ${label}`).toBeLessThan(tolerance)
  const filled = head.findIndex((value, i) => expected[i] === 0 && value !== 0)
  expect(filled, `first padded value that is not zero ${label}`).toBe(-1)
  const written = behind.findIndex(value => !Object.is(value, rest))
  expect(written, `first value behind the rows that was written ${label}`).toBe(-1)
}

export const weightTypes = { f16: 'F16', bf16: 'BF16', f32: 'F32' } as const satisfies Record<
  WeightKind,
  FloatType
>

/** Values as a weight kind holds them. */
export const asStored = (values: ArrayLike<number>, kind: WeightKind): Float64Array =>
  decode(encode(values, weightTypes[kind]), weightTypes[kind])

/**
 * w [outputs, inputs] in panels, laid out by hand. Inputs are padded with zeros; the outputs that fill up the last
 * panel are poison here, so that a kernel which lets them out is caught. `panelsPerPart` cuts the matrix.
 */
export function matrixOf(
  w: ArrayLike<number>,
  inputs: number,
  kind: WeightKind,
  panelsPerPart = Infinity
): Matrix {
  const outputs = w.length / inputs
  const width = up4(inputs)
  const panels = Math.ceil(outputs / panelRows)
  const parts: MatrixPart[] = []
  for (let first = 0; first < panels; first += panelsPerPart) {
    const count = Math.min(panelsPerPart, panels - first)
    const values = new Float64Array(count * width * panelRows)
    for (let at = 0; at < values.length; at++) {
      const output = (first + Math.floor(at / (width * panelRows))) * panelRows + (at % panelRows)
      const input = Math.floor(at / panelRows) % width
      const row = output < outputs ? w[output * inputs + input]! : output < up4(outputs) ? 0 : NaN
      values[at] = input < inputs || output >= up4(outputs) ? row : 0
    }
    const bytes = encode(values, weightTypes[kind])
    const words = new Uint32Array(Math.ceil(bytes.length / 4))
    new Uint8Array(words.buffer).set(bytes)
    parts.push({ buffer: bufferOf(words, 'matrix'), first: first * panelRows, rows: count * panelRows })
  }
  return { name: 'matrix', format: weightFormats[kind], inputs: width, outputs: up4(outputs), parts }
}
