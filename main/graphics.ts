/**
 * How Chromium is to reach the GPU, told on its command line before it starts: the same for Electron and for the browser
 * that shows the window in its place.
 */
import { existsSync, readdirSync } from 'node:fs'
import type { Graphics } from '../contract/host'

export interface Screen {
  readonly platform: NodeJS.Platform
  /** Whether this computer seems to have a GPU. */
  readonly gpu: boolean
  /** Chromium draws on Wayland, which is what it does by itself in a Wayland session. */
  readonly wayland: boolean
}

type Switch = readonly [name: string, value?: string]

/** Only Linux shows it in its file system; elsewhere Chromium finds out by itself. */
export const gpuPresent = (platform: NodeJS.Platform = process.platform): boolean =>
  platform !== 'linux' || existsSync('/dev/nvidia0') || existsSync('/dev/dxg') || hasRenderNode()

const hasRenderNode = (): boolean =>
  existsSync('/dev/dri') && readdirSync('/dev/dri').some(name => name.startsWith('renderD'))

/** `platformSwitch`: what stands behind `--ozone-platform=` on Chromium's command line. */
export const onWayland = (
  platformSwitch: string,
  env: NodeJS.ProcessEnv = process.env,
  platform: NodeJS.Platform = process.platform
): boolean =>
  platform === 'linux' &&
  platformSwitch !== 'x11' &&
  (platformSwitch === 'wayland' || !!env['WAYLAND_DISPLAY'] || env['XDG_SESSION_TYPE'] === 'wayland')

/** All but the platform's switch: Electron reads `ozone-platform` before any script runs, so it has to come from outside. */
export function graphicsSwitches({ platform, gpu, wayland }: Screen, graphics: Graphics): Switch[] {
  // Chromium keeps WebGPU from software adapters and from Windows on ARM, and on Linux from most GPUs, without it.
  const webgpu: Switch = ['enable-unsafe-webgpu']
  // Without disable-gpu the GPU process tries the driver first, ends, and takes the adapter of the page's first seconds with it.
  // With it Chromium 156 starts a GPU process for SwiftShader only where enable-unsafe-swiftshader asks for one too: measured in
  // a real window, where the adapter is null without.
  if (graphics === 'software' || !gpu)
    return [webgpu, ['use-webgpu-adapter', 'swiftshader'], ['disable-gpu'], ['enable-unsafe-swiftshader']]
  // Vulkan and Wayland exclude each other in Chromium (wayland_surface_factory.cc): no window, or the GPU process ends. WebGPU
  // finds its Vulkan beside a compositor on OpenGL since Chromium 144; on X11 it wants the compositor there, too.
  if (platform !== 'linux' || wayland || graphics === 'plain') return [webgpu]
  return [webgpu, ['use-angle', 'vulkan'], ['enable-features', 'Vulkan,VulkanFromANGLE']]
}
