/** Which browser is taken and how it is started, on every platform. The whole program is run by tools/start/start.test.ts. */
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { hasDisplay, type Machine, windowFlags } from './app-window'
import { findBrowser } from './find-browser'

describe('a browser is found', () => {
  const only = (path: string) => (asked: string) => asked === path
  test.each([
    ['linux', { PATH: '/usr/local/bin:/usr/bin' }, '/usr/bin/google-chrome-stable', 'Google Chrome'],
    ['linux', { PATH: '/usr/bin' }, '/snap/bin/chromium', 'Chromium'],
    ['linux', {}, '/usr/bin/chromium', undefined],
    [
      'darwin',
      { HOME: '/Users/a' },
      '/Applications/Google Chrome.app/Contents/MacOS/Google Chrome',
      'Google Chrome'
    ],
    [
      'darwin',
      { HOME: '/Users/a' },
      '/Users/a/Applications/Microsoft Edge.app/Contents/MacOS/Microsoft Edge',
      'Microsoft Edge'
    ],
    [
      'win32',
      { 'ProgramFiles(x86)': '/pf86' },
      join('/pf86', 'Microsoft', 'Edge', 'Application', 'msedge.exe'),
      'Microsoft Edge'
    ],
    [
      'win32',
      { LocalAppData: '/local' },
      join('/local', 'Google', 'Chrome', 'Application', 'chrome.exe'),
      'Google Chrome'
    ]
  ] as const)('on %s with %j at %s', (platform, env, path, name) => {
    expect(findBrowser(env, platform, only(path))).toEqual(name === undefined ? undefined : { name, path })
  })

  test('Chromium first on Linux', () => {
    expect(findBrowser({ PATH: '/usr/bin' }, 'linux', () => true)?.path).toBe('/usr/bin/chromium')
  })

  test('READONCE_CHROMIUM is the only one where it is set', () => {
    expect(findBrowser({ READONCE_CHROMIUM: '/my/own', PATH: '/usr/bin' }, 'linux', () => true)?.path).toBe(
      '/my/own'
    )
    expect(
      findBrowser({ READONCE_CHROMIUM: '/my/own', PATH: '/usr/bin' }, 'linux', path => path !== '/my/own')
    ).toBeUndefined()
  })
})

describe('the window', () => {
  const machine: Machine = { platform: 'linux', root: false, gpu: true, wayland: false, x11: true }
  const flags = (change: Partial<Machine> = {}) => windowFlags('http://a/', '/p', { ...machine, ...change })

  test('has WebGPU by hardware where a GPU is, by SwiftShader where none is', () => {
    expect(flags()).toContain('--enable-features=Vulkan,VulkanFromANGLE')
    expect(flags()).not.toContain('--use-webgpu-adapter=swiftshader')
    const without = flags({ gpu: false })
    expect(without).toContain('--use-webgpu-adapter=swiftshader')
    expect(without.join()).not.toMatch(/vulkan/i)
    expect(flags({ platform: 'darwin' }).join()).not.toMatch(/vulkan/i)
  })

  test('asks for Vulkan and for Wayland never at once: together there is no picture', () => {
    const onX11 = flags({ wayland: true })
    expect(onX11).toContain('--ozone-platform=x11')
    expect(onX11).toContain('--enable-features=Vulkan,VulkanFromANGLE')
    const without = flags({ wayland: true, x11: false })
    expect(without.join()).not.toMatch(/vulkan|ozone/i)
    expect(without).toContain('--enable-unsafe-webgpu')
    expect(flags().join()).not.toContain('ozone')
    expect(flags({ wayland: true, gpu: false }).join()).not.toMatch(/vulkan|ozone/i)
  })

  test('gives up the sandbox for root on Linux only', () => {
    const unsandboxed = (platform: NodeJS.Platform, root: boolean) =>
      flags({ platform, root }).includes('--no-sandbox')
    expect([
      unsandboxed('linux', true),
      unsandboxed('linux', false),
      unsandboxed('darwin', true),
      unsandboxed('win32', false)
    ]).toEqual([true, false, false, false])
  })

  test('wants a display on Linux', () => {
    expect(hasDisplay({}, 'linux')).toBe(false)
    expect(hasDisplay({ WAYLAND_DISPLAY: 'wayland-0' }, 'linux')).toBe(true)
    expect(hasDisplay({}, 'darwin')).toBe(true)
  })
})
