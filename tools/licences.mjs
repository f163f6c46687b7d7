/**
 * Writes out/THIRD-PARTY.txt: every package whose code is in the program, bundled or packed, with its licence. Which those
 * are is found in the sources: what they import, and what that depends on. A package without a licence ends it with 1.
 */
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { builtinModules } from 'node:module'
import { dirname, join, resolve } from 'node:path'
import { pathToFileURL } from 'node:url'

/** Electron brings LICENSE and LICENSES.chromium.html beside itself; Dawn for Node is not packed. */
const notOurs = ['electron', 'webgpu']

/** @typedef {{ name: string, version: string, licence: string, from: string, text: string | undefined }} Package */

/**
 * @param {string} root
 * @returns {Package[]} by name
 */
export function packagesOf(root) {
  /** @type {Map<string, Package>} */
  const found = new Map()
  for (const name of importedBy(root)) follow(name, root, found)
  return [...found.values()].sort((a, b) => (a.name < b.name ? -1 : 1))
}

/**
 * Packages that the program's own sources import.
 * @param {string} root
 * @returns {Set<string>}
 */
function importedBy(root) {
  const names = new Set()
  for (const folder of ['contract', 'gpu', 'main', 'renderer'])
    for (const entry of readdirSync(join(root, folder), { withFileTypes: true, recursive: true })) {
      const path = join(entry.parentPath, entry.name)
      if (!/\.tsx?$/.test(entry.name) || /\.test\.tsx?$|\.d\.ts$/.test(entry.name)) continue
      if (/[\\/]testing[\\/]/.test(path)) continue
      const source = readFileSync(path, 'utf8')
      for (const [, name] of source.matchAll(
        /(?:from|import|resolve)\s*\(?\s*'((?:@[\w.-]+\/)?[\w.-]+)(?:\/[^']*)?'/g
      ))
        if (!name.startsWith('.') && !builtinModules.includes(name) && !notOurs.includes(name))
          names.add(name)
    }
  return names
}

/**
 * @param {string} name
 * @param {string} from the folder that asks for it
 * @param {Map<string, Package>} found
 */
function follow(name, from, found) {
  // Types are not in the program.
  if (name.startsWith('@types/')) return
  const folder = folderOf(name, from)
  if (folder === undefined || found.has(folder)) return
  const about = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8'))
  // A package that holds another inside brings a text for each.
  const files = readdirSync(folder).filter(each => /^(licen[cs]e|copying)/i.test(each))
  found.set(folder, {
    name,
    version: about.version,
    licence: about.license ?? about.licenses?.[0]?.type ?? '',
    from: String(about.repository?.url ?? about.repository ?? about.homepage ?? '').replace(
      /^git\+|\.git$/g,
      ''
    ),
    text:
      files.length === 0
        ? undefined
        : files.map(file => readFileSync(join(folder, file), 'utf8').trim()).join('\n\n')
  })
  for (const next of Object.keys({ ...about.dependencies, ...about.optionalDependencies }))
    follow(next, folder, found)
}

/**
 * Where Node would find it; undefined for an optional package of another platform.
 * @param {string} name
 * @param {string} from
 * @returns {string | undefined}
 */
function folderOf(name, from) {
  const folder = join(from, 'node_modules', name)
  if (existsSync(join(folder, 'package.json'))) return folder
  return dirname(from) === from ? undefined : folderOf(name, dirname(from))
}

/**
 * @param {readonly Package[]} packages
 * @returns {string}
 */
export const noticesOf = packages =>
  packages
    .map(
      ({ name, version, licence, from, text }) =>
        `${name} ${version}\n${licence}${from ? `, ${from}` : ''}\n\n${text ?? 'The package brings no text of its licence.'}\n`
    )
    .join(`\n${'-'.repeat(80)}\n\n`)

if (import.meta.url === pathToFileURL(process.argv[1] ?? '').href) {
  const root = resolve(import.meta.dirname, '..')
  const packages = packagesOf(root)
  const without = packages.filter(({ licence }) => licence === '')
  for (const { name, version } of without) process.stderr.write(`${name} ${version} names no licence.\n`)
  mkdirSync(join(root, 'out'), { recursive: true })
  writeFileSync(join(root, 'out', 'THIRD-PARTY.txt'), noticesOf(packages))
  process.stdout.write(`${packages.length} packages in out/THIRD-PARTY.txt\n`)
  process.exitCode = without.length === 0 ? 0 : 1
}
