/** The built files that Electron would load, as far as they can be proved without it. Electron itself is not run. */
import { expect, test } from '@playwright/test'
import { readFileSync } from 'node:fs'
import { builtinModules, createRequire } from 'node:module'
import { join } from 'node:path'
import { createContext, runInContext } from 'node:vm'
import { callNames } from '../contract/host'

const root = join(import.meta.dirname, '..')

test('the preload is one CommonJS file that needs nothing but electron', async () => {
  const source = readFileSync(join(root, 'out/preload/preload.cjs'), 'utf8')
  const required: string[] = []
  const exposed: Record<string, Record<string, (...args: string[]) => Promise<unknown>>> = {}
  const invoked: unknown[][] = []
  const require = (name: string): unknown => {
    required.push(name)
    return {
      contextBridge: { exposeInMainWorld: (name: string, value: never) => void (exposed[name] = value) },
      ipcRenderer: { invoke: async (...args: unknown[]) => invoked.push(args), on: () => {}, off: () => {} },
      webUtils: { getPathForFile: () => '' }
    }
  }
  runInContext(source, createContext({ require, module: { exports: {} }, exports: {}, Object }))
  expect(required).toEqual(['electron'])
  expect(Object.keys(exposed)).toEqual(['readonce'])
  expect(Object.keys(exposed['readonce'])).toEqual(['call', 'on', 'grant'])
  for (const name of Object.keys(callNames)) await exposed['readonce']['call'](name)
  expect(invoked).toEqual(Object.keys(callNames).map(name => ['call', name, []]))
})

test('the programs import only what an installed app has', () => {
  const { dependencies } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as {
    dependencies: Record<string, string>
  }
  const seen = new Set<string>()
  // A thread's program is named by a URL and not imported.
  const files =
    /(?:from|import) ?["'](\.\/[^"']+)["']|import\(["'](\.\/[^"']+)["']\)|new URL\(["'](?:\.\/)?([^"']+\.js)["']/g
  const imports = (file: string): string[] => {
    if (seen.has(file)) return []
    seen.add(file)
    const source = readFileSync(join(root, 'out/main', file), 'utf8')
    const names = [...source.matchAll(/^import (?:[^'"]*? from )?['"]([^.'"][^'"]*)['"]/gm)].map(
      match => match[1]
    )
    const next = [...source.matchAll(files)].map(match =>
      (match[1] ?? match[2] ?? match[3]).replace('./', '')
    )
    return [...names, ...next.flatMap(imports)]
  }
  const outside = (file: string): string[] => {
    seen.clear()
    return imports(file).filter(name => {
      const [scope, rest] = name.split('/')
      const bare = name.startsWith('@') ? `${scope}/${rest}` : scope
      return !name.startsWith('node:') && !builtinModules.includes(name) && !(bare in dependencies)
    })
  }
  expect(outside('electron.js')).toEqual(['electron'])
  expect(outside('extract-process.js')).toEqual([])
  expect(outside('browser-host.js')).toEqual([])
  // The thread that turns files into text was looked at, too.
  expect(
    [...seen].some(file => readFileSync(join(root, 'out/main', file), 'utf8').includes('parentPort'))
  ).toBe(true)
})

test('the page names no address outside of itself', () => {
  const page = readFileSync(join(root, 'out/renderer/index.html'), 'utf8')
  expect(page).not.toMatch(/https?:|\/\/[a-z]/)
  expect(page).not.toMatch(/<script(?![^>]*src=)|style=|onload=/)
})

test('electron-builder.yml is valid by electron-builder’s own schema', async () => {
  const require = createRequire(import.meta.url)
  const { load } = require('js-yaml') as { load(text: string): Record<string, unknown> }
  const { validateConfiguration } = require('app-builder-lib/out/util/config/config') as {
    validateConfiguration(config: unknown, log: unknown): Promise<void>
  }
  const { DebugLogger } = require('builder-util') as { DebugLogger: new (enabled: boolean) => unknown }
  const config = load(readFileSync(join(root, 'electron-builder.yml'), 'utf8'))
  await validateConfiguration(config, new DebugLogger(false))
  // The check can fail.
  await expect(validateConfiguration({ ...config, targets: [] }, new DebugLogger(false))).rejects.toThrow(
    'targets'
  )
})
