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
  const options = dawnFeatures.length > 0 ? [`enable-dawn-features=${dawnFeatures.join(',')}`] : []
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
