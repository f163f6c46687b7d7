/** Which product kernels an adapter gets: the one table that says so, with reasons. */
import { type ProductKernels } from '../device/adapter'
import type { Device } from '../device/device'
import { EngineFailure } from '../failure'
import { wrongProduct } from './known-products'
import { matrixShapes } from './matrix-shape'

interface Choice {
  readonly kernels: ProductKernels
  readonly because: string
}

/** The first line that is for the adapter, that it can do, and whose products come out right on it. */
const table: readonly (Choice & { readonly adapters: 'software' | 'hardware' | 'any' })[] = [
  {
    adapters: 'software',
    kernels: 'plain',
    because:
      'a processor has its caches for what lanes share: barriers and copies cost it more than they save'
  },
  {
    adapters: 'hardware',
    kernels: 'matrices',
    because: 'units for small matrices multiply several times as fast as lanes do'
  },
  {
    adapters: 'hardware',
    kernels: 'subgroups',
    because: 'lanes add up a row between registers, with two barriers fewer a product than through memory'
  },
  {
    adapters: 'hardware',
    kernels: 'tiles',
    because: 'workgroup memory and registers feed the lanes, where caches alone leave them waiting'
  },
  { adapters: 'any', kernels: 'plain', because: 'they ask nothing of an adapter' }
]

/** What the adapter lacks for a family, as the rest of a sentence; undefined: nothing. */
export function lacking({ adapter, raw }: Device, kernels: ProductKernels): string | undefined {
  if (kernels === 'plain') return undefined
  const { maxComputeWorkgroupStorageSize: storage, maxComputeInvocationsPerWorkgroup: lanes } = raw.limits
  if (storage < 16384 || lanes < 256)
    return `workgroups of 256 lanes with 16384 bytes of memory (it has ${lanes} and ${storage})`
  if (kernels === 'tiles') return undefined
  if (!adapter.subgroups || !raw.features.has('subgroups'))
    return 'operations between the lanes of a subgroup'
  if (kernels === 'matrices' && matrixShapes(adapter).length === 0)
    return "subgroup matrices of f16 or f32 with sums in f32, of a shape that divides 64 x 64 (Chromium's experimental feature)"
  return undefined
}

const choices = new WeakMap<Device, Promise<Choice>>()

/** Decided once for every device. Throws EngineFailure('gpu-lacking') where kernels were asked for that it cannot run. */
export function kernelChoice(device: Device): Promise<Choice> {
  const choice = choices.get(device) ?? (device.kernels ? asked(device, device.kernels) : byTable(device))
  choices.set(device, choice)
  return choice
}

async function byTable(device: Device): Promise<Choice> {
  for (const { adapters, ...choice } of table) {
    if (adapters !== 'any' && (adapters === 'software') !== device.adapter.software) continue
    if (!lacking(device, choice.kernels) && !(await wrongProduct(device, choice.kernels))) return choice
  }
  throw new Error('the last line of the table is for every adapter')
}

async function asked(device: Device, kernels: ProductKernels): Promise<Choice> {
  const lacks = lacking(device, kernels)
  if (lacks)
    throw new EngineFailure(
      'gpu-lacking',
      `The product kernels "${kernels}" were asked for, and the adapter ${device.adapter.name} lacks ${lacks}.`
    )
  const wrong = await wrongProduct(device, kernels)
  if (wrong)
    throw new EngineFailure(
      'gpu-lacking',
      `The product kernels "${kernels}" were asked for, and they compute wrongly on the adapter ${device.adapter.name}: ${wrong}.`
    )
  return { kernels, because: 'they were asked for' }
}
