/**
 * A `GPU` object in Node, over Dawn (npm `webgpu`). For the command line, tests and benchmarks; the
 * application uses its own navigator.gpu.
 */
import { existsSync } from 'node:fs'
import { create, globals } from 'webgpu'
import { EngineFailure } from '../failure'

// Dawn's instance must outlive everything made from it: when it was collected, 2 of 4 runs ended in a segmentation fault.
const alive: GPU[] = []

const swiftshader = [
  '/usr/lib/chromium/vk_swiftshader_icd.json',
  '/usr/lib/chromium-browser/vk_swiftshader_icd.json',
  '/opt/google/chrome/vk_swiftshader_icd.json'
]
const lavapipe = [
  '/usr/share/vulkan/icd.d/lvp_icd.json',
  '/usr/share/vulkan/icd.d/lvp_icd.x86_64.json',
  '/usr/share/vulkan/icd.d/lvp_icd.aarch64.json'
]

/**
 * `name`: nothing for the best adapter there is; `lavapipe`, `swiftshader`, `null` (validates, computes
 * nothing) or a part of a hardware adapter's name. Throws EngineFailure('gpu-lacking') when it is not there.
 */
export function openDawn(name?: string, dawnFeatures: readonly string[] = []): GPU {
  Object.assign(globalThis, globals)
  calmPolling()
  // Subgroup matrices are an experiment of Dawn's; the application's Chromium is told the same by enable-unsafe-webgpu.
  const options = [`enable-dawn-features=${['allow_unsafe_apis', ...dawnFeatures].join(',')}`]
  if (name === 'null') options.push('backend=null')
  else if (name === 'lavapipe') useDriver(name, lavapipe)
  else if (name === 'swiftshader') useDriver(name, swiftshader)
  else if (name) options.push(`adapter=${name}`)
  else {
    const software = lavapipe.some(existsSync) ? undefined : swiftshader.find(existsSync)
    // The loader finds installed drivers by itself; SwiftShader inside Chromium is not among them, so it is offered as an addition.
    if (software && !process.env['VK_DRIVER_FILES']) process.env['VK_ADD_DRIVER_FILES'] ??= software
  }
  const gpu = create(options)
  alive.push(gpu)
  return gpu
}

function useDriver(name: string, places: readonly string[]): void {
  const found = places.find(existsSync)
  if (!found) {
    throw new EngineFailure(
      'gpu-lacking',
      `The software adapter ${name} is not installed (looked at ${places.join(', ')}). Run tools/setup.sh.`
    )
  }
  process.env['VK_DRIVER_FILES'] = found
}

/** How long a wait stays eager: the read-back of a token takes 0.1 ms, a chunk 50 to 100. */
const eagerMilliseconds = 0.3
let calm = false

/**
 * While one of its promises is open, dawn.node asks for events by `setImmediate` over and over: one core does nothing
 * but wait. On a computer without a GPU that core is missing where the work is done: on two cores of lavapipe the
 * same products took 115 ms of processor time so and 70 ms with a millisecond's rest between two looks. dawn.node
 * looks `setImmediate` up each time and hands it a nameless native function, which nothing else does.
 */
function calmPolling(): void {
  if (calm) return
  calm = true
  const immediate = globalThis.setImmediate
  let [begun, last] = [0, 0]
  const patient = (callback: (...args: unknown[]) => void, ...args: unknown[]): unknown => {
    if (callback.name !== '' || !/\[native code\]/.test(Function.prototype.toString.call(callback)))
      return immediate(callback, ...args)
    const now = performance.now()
    if (now - last > 5) begun = now
    last = now
    return now - begun < eagerMilliseconds ? immediate(callback) : setTimeout(callback, 1)
  }
  globalThis.setImmediate = Object.defineProperties(
    patient,
    Object.getOwnPropertyDescriptors(immediate)
  ) as typeof setImmediate
}
