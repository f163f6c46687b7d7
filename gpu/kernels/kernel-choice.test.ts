/** Which product kernels an adapter gets, and that those which compute wrongly are found out. */
import { expect, it } from 'vitest'
import type { AdapterDescription, ProductKernels } from '../device/adapter'
import { Device } from '../device/device'
import type { CompiledKernel, Constants, KernelSource } from '../device/kernel'
import { describeGpu, device } from '../testing/gpu-testing'
import { kernelChoice } from './kernel-choice'

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
