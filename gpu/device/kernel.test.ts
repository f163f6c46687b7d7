import { describe, expect, it } from 'vitest'
import { describeGpu, device } from '../testing/gpu-testing'
import { type CompiledKernel, compileKernel, packParams, readInterface } from './kernel'

const wgsl = `// two: a test
struct Params { rows: u32, shift: i32, eps: f32 }
var<immediate> params: Params;
@group(0) @binding(0) var<storage, read> x: array<f32>;
@group(0) @binding(1)
var<storage, read_write> y: array<f32>;
@compute @workgroup_size(LANES)
fn main(@builtin(global_invocation_id) id: vec3u) {
  if (id.x < params.rows) { y[id.x] = x[id.x] + f32(params.shift) + params.eps; }
}`

describe('reading a kernel’s interface', () => {
  it('finds bindings, access and parameters in order', () => {
    expect(readInterface({ name: 'two', wgsl })).toEqual({
      bindings: [
        { name: 'x', writable: false },
        { name: 'y', writable: true }
      ],
      params: [
        { name: 'rows', type: 'u32' },
        { name: 'shift', type: 'i32' },
        { name: 'eps', type: 'f32' }
      ]
    })
    expect(readInterface({ name: 'bare', wgsl: 'fn main() {}' })).toEqual({ bindings: [], params: [] })
  })

  it('names what it cannot take', () => {
    const swapped = wgsl.replace('@binding(0)', '@binding(1)')
    expect(() => readInterface({ name: 'two', wgsl: swapped })).toThrow(
      'two.wgsl: binding 1 stands at place 0'
    )
    const wide = wgsl.replace('eps: f32', 'eps: vec2f')
    expect(() => readInterface({ name: 'two', wgsl: wide })).toThrow(
      'two.wgsl: Params.eps is vec2f; only 4-byte scalars'
    )
    const many = wgsl.replace('rows: u32', Array.from({ length: 15 }, (_, i) => `p${i}: u32`).join(', '))
    expect(() => readInterface({ name: 'two', wgsl: many })).toThrow(
      'two.wgsl: Params has 17 fields, at most 16'
    )
  })
})

describe('packing parameters', () => {
  const kernel = {
    name: 'two',
    params: readInterface({ name: 'two', wgsl }).params
  } as unknown as CompiledKernel

  it('puts each value in its place and type', () => {
    const words = packParams(kernel, { eps: 1.5, rows: 4e9, shift: -2 })
    expect([...words]).toEqual([4e9, 0xfffffffe, 0x3fc00000])
  })

  it('names the valid parameters when one is missing, misspelt or no number', () => {
    const valid = 'it takes rows, shift, eps'
    expect(() => packParams(kernel, { rows: 1, shift: 0 })).toThrow(
      `two: parameter eps is undefined; ${valid}`
    )
    expect(() => packParams(kernel, { rows: NaN, shift: 0, eps: 0 })).toThrow(
      `two: parameter rows is NaN; ${valid}`
    )
    expect(() => packParams(kernel, { rows: 1, shift: 0, eps: 0, esp: 1 })).toThrow(
      `two: unknown parameter esp; ${valid}`
    )
  })
})

describeGpu('compiling', () => {
  it('names file and line of an error, whatever the prelude', async () => {
    const broken = wgsl.replace('+ params.eps', '+ params.esp')
    const prelude = { LANES: 64, ELEMENTS: 'alias a = f32;\nalias b = f32;' }
    await expect(compileKernel(device.raw, { name: 'two', wgsl: broken }, prelude)).rejects.toThrow(
      /^gpu\/kernels\/two\.wgsl:9: .*esp/
    )
  })

  it('asks the compiler once for the same source and constants', async () => {
    const source = { name: 'two', wgsl }
    const first = device.compile(source, { LANES: 64 })
    expect(device.compile(source, { LANES: 64 })).toBe(first)
    expect(device.compile(source, { LANES: 32 })).not.toBe(first)
    expect((await first).bindings).toEqual(['x', 'y'])
  })
})
