/** An installed browser that can show an app window: anything of Chromium's family, which is where WebGPU is. */
import { existsSync } from 'node:fs'
import { delimiter, join } from 'node:path'

export interface Browser {
  /** "Chromium", "Google Chrome", "Microsoft Edge". */
  readonly name: string
  readonly path: string
}

/** Programs by the name under which they are found, the best first. */
const linux: readonly Browser[] = [
  { name: 'Chromium', path: 'chromium' },
  { name: 'Chromium', path: 'chromium-browser' },
  { name: 'Google Chrome', path: 'google-chrome' },
  { name: 'Google Chrome', path: 'google-chrome-stable' },
  { name: 'Microsoft Edge', path: 'microsoft-edge' },
  { name: 'Microsoft Edge', path: 'microsoft-edge-stable' }
]
const darwin = ['Google Chrome', 'Chromium', 'Microsoft Edge'].map(name => ({
  name,
  path: `${name}.app/Contents/MacOS/${name}`
}))
const win32: readonly Browser[] = [
  { name: 'Google Chrome', path: join('Google', 'Chrome', 'Application', 'chrome.exe') },
  { name: 'Chromium', path: join('Chromium', 'Application', 'chrome.exe') },
  // Every Windows has it.
  { name: 'Microsoft Edge', path: join('Microsoft', 'Edge', 'Application', 'msedge.exe') }
]

/** READONCE_CHROMIUM=PATH names another one and is then the only one. */
export function findBrowser(
  env: NodeJS.ProcessEnv = process.env,
  platform: NodeJS.Platform = process.platform,
  exists: (path: string) => boolean = existsSync
): Browser | undefined {
  const named = env['READONCE_CHROMIUM']
  if (named) return exists(named) ? { name: named, path: named } : undefined
  const [browsers, folders] = placesOn(platform, env)
  for (const { name, path } of browsers)
    for (const folder of folders) if (exists(join(folder, path))) return { name, path: join(folder, path) }
  return undefined
}

function placesOn(
  platform: NodeJS.Platform,
  env: NodeJS.ProcessEnv
): [browsers: readonly Browser[], folders: string[]] {
  if (platform === 'darwin')
    return [darwin, ['/Applications', ...(env['HOME'] ? [join(env['HOME'], 'Applications')] : [])]]
  if (platform === 'win32')
    return [
      win32,
      ['ProgramFiles', 'ProgramFiles(x86)', 'LocalAppData'].flatMap(name => (env[name] ? [env[name]] : []))
    ]
  return [linux, [...(env['PATH'] ?? '').split(delimiter).filter(folder => folder !== ''), '/snap/bin']]
}
