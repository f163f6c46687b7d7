/** Which product kernels an adapter gets, and that those which compute wrongly are found out. */
import { expect, it } from 'vitest'
import type { AdapterDescription, ProductKernels } from '../device/adapter'
import { Device } from '../device/device'
import type { CompiledKernel, Constants, KernelSource } from '../device/kernel'
import { describeGpu, device } from '../testing/gpu-testing'
import { kernelChoice } from './kernel-choice'
import { wrongProduct } from './known-products'

const deviceLike = (adapter: Partial<AdapterDescription>): Device =>
  new Device(device.raw, { ...device.adapter, software: false, ...adapter }, false)

/** Sums between lanes are left out, as by a driver that miscompiles them. */
class Miscompiling extends Device {
  override compile(source: KernelSource, constants: Constants): Promise<CompiledKernel> {
    const across = 'fn across(own: Sum) -> Sum { return own; }'
    return super.compile(source, 'ACROSS' in constants ? { ...constants, ACROSS: across } : constants)
  }
}

/** Every product is zero, in the kernels for hardware. */
class Silent extends Device {
  override compile(source: KernelSource, constants: Constants): Promise<CompiledKernel> {
    return super.compile(
      { ...source, wgsl: source.wgsl.replace('return sum + dots', 'return dots') },
      constants
    )
  }
}

const like = <T extends Device>(
  make: new (...of: ConstructorParameters<typeof Device>) => T,
  kernels?: ProductKernels
): T => {
  const made = new make(device.raw, { ...device.adapter, software: false }, false)
  made.kernels = kernels
  return made
}

describeGpu('the choice of product kernels', () => {
  it.each([
    ['software', deviceLike({ software: true }), 'plain'],
    ['hardware', deviceLike({}), 'subgroups'],
    ['hardware without subgroups', deviceLike({ subgroups: undefined }), 'tiles']
  ] as const)('%s', async (_name, on, kernels) => {
    const choice = await kernelChoice(on)
    expect(choice.kernels).toBe(kernels)
    expect(choice.because).toMatch(/\w+ \w+/)
    expect(await kernelChoice(on)).toBe(choice)
  })

  it('kernels that compute wrongly are left to the next line of the table', async () => {
    expect((await kernelChoice(like(Miscompiling))).kernels).toBe('tiles')
    const silent = like(Silent)
    const buffers = silent.liveBuffers
    expect((await kernelChoice(silent)).kernels).toBe('plain')
    expect(silent.liveBuffers).toBe(buffers)
  })

  it.each([
    ['rows of another tile', 'min(first + row, params.rows - 1u)', 'min(row, params.rows - 1u)'],
    ['rows read where they were not put', '(quad ^ (row % 8u))', 'quad'],
    ['the same weights in every block', 'weightsOf(read, start + line)', 'weightsOf(read, line)'],
    ['one sum in the place of another', 'row + 48u, column, s6', 'row + 48u, column, s5'],
    ['outputs of another workgroup', 'group.x * 16u + own', 'own'],
    ['the same inputs for all lanes of a column', 'start + lane / COLUMNS', 'start'],
    ['a sum that was not added', 'half >= COLUMNS', 'half > COLUMNS'],
    ['what lies behind a row of codes', ', i < GROUPS)', ', true)'],
    [
      'what lies behind a row of floats',
      ', quad < QUADS);\n}\n\nfn weightsOf(column: u32, quad: u32) -> Block { return',
      ', true);\n}\n\nfn weightsOf(column: u32, quad: u32) -> Block { return'
    ]
  ])('a mistake in the kernels is found out: %s', async (_name, right, wrong) => {
    let changed = 0
    class Mistaken extends Device {
      override compile(source: KernelSource, constants: Constants): Promise<CompiledKernel> {
        const wgsl = source.wgsl.replace(right, wrong)
        if (wgsl !== source.wgsl) changed++
        return super.compile({ ...source, wgsl }, constants)
      }
    }
    expect(await wrongProduct(like(Mistaken), 'tiles')).toMatch(
      /^(workgroup-tile|split-row), (floats|codes) of/
    )
    expect(changed).toBeGreaterThan(0)
  })

  it('what was asked for is taken, on software too', async () => {
    for (const kernels of ['plain', 'tiles', 'subgroups'] as const) {
      const on = deviceLike({ software: kernels !== 'plain' })
      on.kernels = kernels
      expect(await kernelChoice(on)).toEqual({ kernels, because: 'they were asked for' })
    }
  })

  it('what was asked for and cannot be had is refused, with what is missing', async () => {
    const without = deviceLike({ subgroups: undefined, name: 'Some GPU' })
    without.kernels = 'subgroups'
    await expect(kernelChoice(without)).rejects.toThrow(
      'The product kernels "subgroups" were asked for, and the adapter Some GPU lacks operations between the lanes of a subgroup.'
    )
    await expect(kernelChoice(like(Miscompiling, 'subgroups'))).rejects.toThrow(
      /"subgroups" were asked for, and they compute wrongly on the adapter .*: split-row, floats of one row\./
    )
    await expect(kernelChoice(like(Silent, 'tiles'))).rejects.toThrow(/: workgroup-tile, codes of 70 rows\./)
  })
})
