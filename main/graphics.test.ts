/** What Chromium is told about graphics, for every kind of desktop. What it does with it only a real desktop can show. */
import { describe, expect, test } from 'vitest'
import { graphicsSwitches, onWayland, type Screen } from './graphics'

const x11: Screen = { platform: 'linux', gpu: true, wayland: false }
const given = (screen: Partial<Screen>, graphics: Parameters<typeof graphicsSwitches>[1] = 'automatic') =>
  graphicsSwitches({ ...x11, ...screen }, graphics).map(each => each.join('='))

describe('switches', () => {
  test('WebGPU is switched on everywhere: Windows on ARM and software adapters have none without', () => {
    for (const platform of ['linux', 'win32', 'darwin'] as const)
      for (const graphics of ['automatic', 'plain', 'x11', 'software'] as const)
        for (const wayland of [true, false])
          expect(given({ platform, wayland }, graphics)).toContain('enable-unsafe-webgpu')
  })

  test('Vulkan on the screen with X11 only', () => {
    expect(given({})).toEqual([
      'enable-unsafe-webgpu',
      'use-angle=vulkan',
      'enable-features=Vulkan,VulkanFromANGLE'
    ])
    for (const without of [given({ wayland: true }), given({ platform: 'win32' }), given({}, 'plain')])
      expect(without).toEqual(['enable-unsafe-webgpu'])
  })

  test('without a GPU, or when a person wants none, the driver is not touched', () => {
    const software = [
      'enable-unsafe-webgpu',
      'use-webgpu-adapter=swiftshader',
      'disable-gpu',
      'enable-unsafe-swiftshader'
    ]
    expect(given({ gpu: false })).toEqual(software)
    for (const platform of ['linux', 'win32', 'darwin'] as const)
      expect(given({ platform }, 'software')).toEqual(software)
  })
})

test.each([
  ['', { WAYLAND_DISPLAY: 'wayland-0' }, 'linux', true],
  ['', { XDG_SESSION_TYPE: 'wayland' }, 'linux', true],
  ['', { XDG_SESSION_TYPE: 'x11', DISPLAY: ':0' }, 'linux', false],
  ['x11', { WAYLAND_DISPLAY: 'wayland-0', XDG_SESSION_TYPE: 'wayland' }, 'linux', false],
  ['wayland', {}, 'linux', true],
  ['', { WAYLAND_DISPLAY: 'wayland-0' }, 'darwin', false]
] as const)('--ozone-platform=%j in a session of %j on %s: Wayland %s', (asked, env, platform, is) => {
  expect(onWayland(asked, env, platform)).toBe(is)
})
