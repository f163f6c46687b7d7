/** Products with static ranges from their bytes in a file to results, against whole numbers and doubles. */
import { expect, it } from 'vitest'
import { mobileMatrix, type StaticallyCoded } from '../testing/codes'
import {
  bufferOf,
  describeGpu,
  deviceWith,
  expectRows,
  padded,
  poisoned,
  run,
  tensorOf,
  valuesOf,
  productShapes
} from '../testing/gpu-testing'
import { byteSource } from '../testing/memory-files'
import { Random } from '../testing/random'
import { writeSafetensors } from '../testing/safetensors-writer'
import { readSafetensorsHeader } from '../text/safetensors'
import { codeTensor } from '../weights/code-tensor'
import { uploadStatic } from '../weights/static-matrix'
import type { CodeTensor } from '../weights/tensor-location'
import { roundEven } from '../weights/tensor-values'
import { tileRows } from './linear'
import { rmsNorm } from './rms-norm'
import { floatRows } from './row-output'
import { codeRows, inputOf, product, type StaticMatrix, staticLinear } from './static-linear'

interface Piece extends StaticallyCoded {
  readonly inputs: number
  readonly values: Int8Array
}

type Shape = Parameters<typeof deviceWith>[0]

/** `apply_srq`, in doubles. */
const srq = (v: number, step = 0): number =>
  step === 0 ? v : Math.min(127, Math.max(-128, roundEven(v / step))) * step

function expectedOf(pieces: readonly Piece[], x: ArrayLike<number>): Float64Array {
  const inputs = pieces[0]!.inputs
  const outputs = pieces.reduce((sum, { scales }) => sum + scales.length, 0)
  const y = new Float64Array((x.length / inputs) * outputs)
  for (let r = 0; r < x.length / inputs; r++) {
    let n = r * outputs
    for (const { values, scales, inputStep, outputStep } of pieces) {
      const row = Array.from({ length: inputs }, (_, k) => srq(x[r * inputs + k]!, inputStep))
      for (let out = 0; out < scales.length; out++) {
        let sum = 0
        for (let k = 0; k < inputs; k++) sum += row[k]! * values[out * inputs + k]!
        y[n++] = srq(sum * scales[out]!, outputStep)
      }
    }
  }
  return y
}

async function load(pieces: readonly Piece[], shape: Shape, largest?: number): Promise<StaticMatrix> {
  // Three bytes before all others: nothing in the file is aligned.
  const odd = { name: 'odd', type: 'U8', shape: [3], bytes: new Uint8Array(3) } as const
  const stored = pieces.flatMap((piece, i) => mobileMatrix(`m${i}.weight`, piece.values, piece.inputs, piece))
  const file = await readSafetensorsHeader(byteSource(writeSafetensors([odd, ...stored])), 'a.safetensors')
  const found = (name: string) => {
    const entry = file.tensors.get(name)
    return entry && { file, name, entry }
  }
  const located = pieces.map(({ bits, scales, inputs }, i): CodeTensor => {
    const name = `m${i}.weight`
    const type = bits === 8 ? 'I8' : 'U8'
    return codeTensor(found(name)!, type, [scales.length, inputs], name, found, { steps: true })
  })
  const whole = located.map(tensor => ({ tensor, group: tensor.shape[0]!, padded: tensor.shape[0]! }))
  return uploadStatic(deviceWith(shape, largest), 'm', whole, false)
}

/** Both kernels, all rows of a tile that is not full; the last row once more alone. */
async function products(pieces: readonly Piece[], x: Float32Array, shape: Shape, largest?: number) {
  const matrix = await load(pieces, shape, largest)
  const device = deviceWith(shape, largest)
  const { inputs } = pieces[0]!
  const rows = x.length / inputs
  const room = Math.ceil(rows / tileRows) * tileRows
  // Codes that others left behind.
  const codes = codeRows(device, room, inputs)
  device.raw.queue.writeBuffer(codes.buffer, 0, new Uint32Array(codes.bytes / 4).fill(0x7f7f7f7f))
  const product = await staticLinear(device, matrix, codes)
  const [many, one] = [poisoned(rows + 2, matrix.outputs), poisoned(2, matrix.outputs)]
  const source = tensorOf(x, inputs, room)
  await run(batch => {
    product.rows(batch, source, many, rows)
    product.row(batch, source, rows - 1, one)
  }, device)
  return { matrix, many, one, rows }
}

async function check(pieces: readonly Piece[], x: Float32Array, shape: Shape, tolerance = 1e-30) {
  const { matrix, many, one, rows } = await products(pieces, x, shape)
  const expected = expectedOf(pieces, x).map(Math.fround)
  await expectRows(many, expected, tolerance, 'many rows')
  await expectRows(one, expected.subarray((rows - 1) * matrix.outputs), tolerance, 'one row')
  return expected
}

/** Steps and scales that are powers of two: every product and quotient is exact, and ties are frequent. */
function exact(bits: 2 | 4 | 8, inputs: number, outputs: number, outputStep: number, seed = 1): Piece {
  const random = new Random(bits * 10_000 + inputs + outputs + seed)
  return {
    bits,
    inputs,
    values: Int8Array.from({ length: outputs * inputs }, () => random.integer(2 ** bits) - 2 ** (bits - 1)),
    scales: Float32Array.from({ length: outputs }, () => 2 ** -(3 + random.integer(3))),
    inputStep: 0.25,
    outputStep
  }
}
/** On a grid of half an input step, so that every other value is a tie, and beyond the clip at both ends. */
const halves = (count: number, seed = 1): Float32Array => {
  const random = new Random(seed)
  return Float32Array.from({ length: count }, () => (random.integer(700) - 350) * 0.125)
}

describeGpu('products with static ranges', () => {
  const cases = productShapes.flatMap(shape => ([2, 4, 8] as const).map(bits => [bits, shape] as const))

  it.each(cases)('%s bits, %s products: exact in either kernel', async (bits, shape) => {
    for (const [outputs, inputs] of [
      [4, 4],
      [36, 132],
      [132, 72],
      [260, 20]
    ] as const) {
      // Some seconds to compile, each.
      if ((shape === 'tiles' || shape === 'subgroups') && inputs < 72) continue
      const step = { 2: 0.25, 4: 1, 8: 16 }[bits]
      const piece = exact(bits, inputs, outputs, step)
      const rows = inputs === 72 ? 75 : tileRows + 3
      const expected = await check([piece], halves(rows * inputs), shape)
      if (inputs === 132) {
        // The sample has what it is for: results in between and at both ends.
        const codes = new Set(expected.map(value => value / step))
        expect(codes.has(127) && codes.has(-128) && codes.size > 100).toBe(true)
      }
    }
  })

  it('rounds halves to the even neighbour and clips at -128 and 127, inputs and outputs alike', async () => {
    const steps = [0.5, 1.5, 2.5, -0.5, -1.5, -2.5, 126.5, 127.5, 300, -127.5, -128.5, -300]
    const rounded = [0, 2, 2, 0, -2, -2, 126, 127, 127, -128, -128, -128]
    const identity = (inputStep: number, outputStep: number): Piece => ({
      bits: 4,
      inputs: 12,
      values: Int8Array.from({ length: 144 }, (_, i) => (i % 13 === 0 ? 1 : 0)),
      scales: new Float32Array(12).fill(1),
      inputStep,
      outputStep
    })
    for (const [of, by] of [
      [identity(1, 0), 1],
      [identity(0, 1), 1],
      [identity(0.25, 0), 0.25],
      [identity(0.25, 0.25), 0.25]
    ] as const) {
      const x = Float32Array.from(steps, step => step * by)
      const { many, one } = await products([of], x, 'software')
      for (const found of [many, one]) {
        const first = (await valuesOf(found)).subarray(0, 12)
        expect([...first].map(value => value / by + 0)).toEqual(rounded)
      }
    }
  })

  it.each(productShapes)(
    '%s products: sums of 8 bits beyond 24 bits are exact before they are rounded',
    async shape => {
      const inputs = 2560
      const ends: Piece = {
        bits: 8,
        inputs,
        values: Int8Array.from({ length: 4 * inputs }, (_, i) => {
          const [n, k] = [Math.floor(i / inputs), i % inputs]
          // The last input differs by one step between outputs, which a sum in f32 would swallow.
          return k === inputs - 1 ? [-128, -127, -126, 127][n]! : -128
        }),
        scales: new Float32Array(4).fill(1),
        inputStep: 1
      }
      const x = new Float32Array(inputs).fill(-128)
      x[inputs - 1] = 1
      const expected = await check([ends], x, shape)
      expect(Math.max(...expected)).toBeGreaterThan(2 ** 25)
      // Beyond 24 bits with an odd rest, and down again: what a sum in f32 loses on the way is missing in the end.
      const even = { ...ends, values: ends.values.map(() => -127) }
      const [left] = await check(
        [even],
        x.map((_, k) => (k === 0 ? 0 : k < inputs / 2 ? -127 : 127)),
        shape
      )
      expect(left).toBe(-127 * 127)
    }
  )

  it.each([
    ['alike', [0.25, 0.25, 0.25]],
    ['of others', [0.25, 0.25, 0.5]],
    ['none in between', [0.25, 0, 0.25]],
    ['none at all', [0, 0, 0]]
  ] as const)('stacked matrices, input steps %s, output steps of each its own', async (_name, inputSteps) => {
    const outputSteps = [4, 0, 8]
    const pieces = [28, 8, 40].map((outputs, i) => ({
      ...exact(4, 40, outputs, outputSteps[i]!, i),
      inputStep: inputSteps[i]!
    }))
    await check(pieces, halves((tileRows + 1) * 40), 'software')
    const { matrix } = await products(pieces, halves(40), 'software')
    expect(matrix.stacks.length).toBe(
      inputSteps[1] === inputSteps[0] ? (inputSteps[2] === inputSteps[1] ? 1 : 2) : 3
    )
  })

  it('outputs that are no multiple of four are filled up with zeros, behind the last one only', async () => {
    const [piece, x] = [exact(2, 64, 30, 0.25), halves(64 * 3)]
    for (const inputStep of [0.25, 0]) {
      const { matrix, many } = await products([{ ...piece, inputStep }], x, 'software')
      expect(matrix.outputs).toBe(32)
      await expectRows(many, padded(expectedOf([{ ...piece, inputStep }], x), 30), 1e-30)
    }
    const others = [piece, { ...piece, inputStep: 0.5 }]
    await expect(load(others, 'software')).rejects.toThrow(
      '30 outputs before others, expected a multiple of 4'
    )
  })

  it('steps that are missing round nothing', async () => {
    const plain = { ...exact(2, 64, 32, 1), inputStep: undefined, outputStep: undefined }
    await check([plain], halves(64 * 5), 'software')
  })

  it('steps and scales of any size: the nearest step of an exact sum', async () => {
    const random = new Random(9)
    const piece: Piece = {
      ...exact(4, 132, 68, 0),
      scales: Float32Array.from(random.normals(68), v => Math.abs(v) / 40 + 0.01),
      inputStep: Math.fround(0.0371),
      outputStep: Math.fround(0.0913)
    }
    const x = Float32Array.from(random.normals(132 * 19))
    const { many, rows } = await products([piece], x, 'hardware')
    const expected = expectedOf([piece], x)
    const found = (await valuesOf(many)).subarray(0, rows * 68)
    const other = [...found].filter((value, i) => Math.abs(value - expected[i]!) > 1e-5)
    // Only a sum beside a tie may fall to the other side.
    expect(other.length).toBeLessThanOrEqual(2)
  })

  it('cut into parts, the same bits; and those of a row however it stands', async () => {
    const piece = exact(4, 72, 172, 1)
    const x = halves(72 * 19)
    const uncut = await products([piece], x, 'software')
    const cut = await products([piece], x, 'software', 1500)
    expect(cut.matrix.stacks[0]!.matrix.parts.length).toBeGreaterThan(2)
    const [whole, parts] = [await valuesOf(uncut.many), await valuesOf(cut.many)]
    expect(parts).toEqual(whole)
    expect(await valuesOf(cut.one)).toEqual(await valuesOf(uncut.one))
    const outputs = uncut.matrix.outputs
    expect((await valuesOf(uncut.one)).subarray(0, outputs)).toEqual(
      whole.subarray(18 * outputs, 19 * outputs)
    )
    const alone = await products([piece], x.subarray(7 * 72, 8 * 72), 'hardware')
    expect((await valuesOf(alone.many)).subarray(0, outputs)).toEqual(
      whole.subarray(7 * outputs, 8 * outputs)
    )
  })

  it.each([
    ...productShapes.flatMap(shape => ([2, 4, 8] as const).map(bits => [shape, bits, [0.25, 0.25]] as const)),
    ['software', 4, [0.25, 0.5]],
    ['software', 4, [0.25, 0]],
    ['software', 4, [0, 0]]
  ] as const)(
    '%s products, %i bits, input steps %s: fed by whoever makes its input, the same bits',
    async (shape, bits, steps) => {
      const device = deviceWith(shape)
      // Codes of others lie behind the inputs where these are no multiple of an element's 16. Two widths are compiled already.
      for (const inputs of [72, 132, 144]) {
        const pieces = steps.map((inputStep, i) => ({ ...exact(bits, inputs, 36, 4, i), inputStep }))
        const matrix = await load(pieces, shape)
        const [codes, rows] = [codeRows(device, 16, inputs), 11]
        device.raw.queue.writeBuffer(codes.buffer, 0, new Uint32Array(codes.bytes / 4).fill(0x7f7f7f7f))
        const [stream, weight] = [
          tensorOf(halves(rows * inputs), inputs, 16),
          bufferOf(new Float32Array(inputs).fill(11))
        ]
        const [normed, left] = [poisoned(16, inputs), poisoned(16, inputs)]
        const input = inputOf(matrix, left, codes)
        expect(input.form).toBe(steps[0] === steps[1] && steps[0] !== 0 ? 'codes' : 'floats')
        const apart = await product(device, matrix, codeRows(device, 16, inputs))
        const fed = await product(device, matrix, codes, true)
        const [toFloats, toInput] = [
          await rmsNorm(device, { width: inputs, eps: 0 }, floatRows(normed)),
          await rmsNorm(device, { width: inputs, eps: 0 }, input)
        ]
        const results = ['many', 'many again', 'one', 'one again'].map(name =>
          poisoned(rows, matrix.outputs, name)
        )
        await run(batch => {
          toFloats(batch, stream, weight, rows)
          apart.rows(batch, normed, results[0]!, rows)
          apart.row(batch, normed, 0, results[2]!)
          toInput(batch, stream, weight, rows)
          fed.rows(batch, left, results[1]!, rows)
          fed.row(batch, left, 0, results[3]!)
        }, device)
        const [many, manyAgain, one, oneAgain] = await Promise.all(results.map(valuesOf))
        expect(many!.every(Number.isFinite)).toBe(true)
        expect(manyAgain).toEqual(many)
        expect(oneAgain).toEqual(one)
      }
    }
  )

  it.each([
    ['below zero', -0.5, /m0.input_activation_scale" is -0.5, expected a step/],
    ['no number', NaN, /is NaN, expected a step/],
    ['infinite', Infinity, /is Infinity, expected a step/],
    ['so small that nothing can be divided by it', 1e-40, /expected a step of activations: a number above 0/]
  ])('a step that is %s is refused by name', async (_name, inputStep, message) => {
    const piece = { ...exact(4, 32, 8, 1), inputStep }
    await expect(load([piece], 'software')).rejects.toThrow(message)
    const output = { ...exact(4, 32, 8, 1), outputStep: inputStep }
    await expect(load([output], 'software')).rejects.toThrow(/m0.output_activation_scale/)
  })

  it('refuses rows of another width and codes without room', async () => {
    const matrix = await load([exact(4, 32, 8, 1)], 'software')
    const device = deviceWith('software')
    const product = await staticLinear(device, matrix, codeRows(device, 8, 32))
    await run(batch => {
      expect(() => product.rows(batch, poisoned(8, 36), poisoned(8, 8), 8)).toThrow(
        'expected [at least 8, 32]'
      )
      expect(() => product.rows(batch, poisoned(16, 32), poisoned(16, 8), 9)).toThrow(
        'codes of m take 512 bytes, there is room for 256'
      )
    })
  })
})
