/**
 * Tests with a long mode: more of the same, too slow for every run. `npm test` runs it where what a test guards is not
 * what it was at the last long run that passed; recorded/long.json, which is committed, holds a digest of each.
 * READONCE_LONG=1 asks for all long modes, READONCE_LONG=kills,patterns for some; gpu/testing/long.ts reads it.
 */
import { createHash } from 'node:crypto'
import { existsSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import { join, relative } from 'node:path'

/** What keeps a reading on disk and takes it back. */
const savedReading = [
  'gpu/kv/**',
  ...['atomic-write', 'checkpoint', 'file-lock', 'page-file', 'page-record', 'write-parts'].map(
    name => `main/disk/${name}.ts`
  ),
  'main/cli/reading.ts'
]

/**
 * By name: the test, and the files and folders whose code it guards. Of a folder its own files count, and with a "/**"
 * behind it those of all folders below.
 * @type {Readonly<Record<string, { readonly test: string, readonly guards: readonly string[] }>>}
 */
export const longModes = {
  kills: { test: 'main/cli/interrupted.test.ts', guards: savedReading },
  damage: { test: 'main/cli/damaged.test.ts', guards: savedReading },
  'page-attention': { test: 'gpu/kernels/page-attention.test.ts', guards: ['gpu/kernels'] },
  patterns: { test: 'gpu/text/pattern-cost.test.ts', guards: ['gpu/text'] },
  folders: {
    test: 'main/host/open-folder.test.ts',
    guards: [
      ...['disk/gather-files.ts', 'disk/library.ts', 'host/add-documents.ts', 'host/drops.ts'].map(
        name => `main/${name}`
      )
    ]
  },
  mutations: {
    test: 'main/disk/extract/mutations.test.ts',
    guards: ['main/disk/decode/**', 'main/disk/extract/**', 'main/disk/decode-text.ts']
  },
  'large-copy': {
    test: 'main/disk/copy-model.test.ts',
    guards: ['main/disk/copy-model.ts', 'main/disk/copy-entries.ts']
  }
}

/** @typedef {Record<string, string>} LongRecord digests by name */

/**
 * The names of the modes to run, and the digests of what they guard now.
 * @param {LongRecord} recorded
 * @param {string} root
 * @returns {{ due: string[], digests: LongRecord }}
 */
export function longRuns(recorded, root = '.', modes = longModes) {
  /** @type {LongRecord} */
  const digests = {}
  for (const [name, { test, guards }] of Object.entries(modes))
    digests[name] = digestOf(root, [test, ...guards])
  return { due: Object.keys(digests).filter(name => recorded[name] !== digests[name]), digests }
}

/**
 * Those of `due` whose test ran and passed as a whole; one that was skipped in part proves nothing.
 * @param {readonly string[]} due
 * @param {{ testResults?: { name?: string, assertionResults?: { status: string }[] }[] } | undefined} vitest
 */
export const longPassed = (due, vitest, modes = longModes) =>
  due.filter(name =>
    vitest?.testResults?.some(
      ({ name: path = '', assertionResults = [] }) =>
        path.replaceAll('\\', '/').endsWith(`/${modes[name]?.test}`) &&
        assertionResults.length > 0 &&
        assertionResults.every(({ status }) => status === 'passed')
    )
  )

/** @param {string} path @returns {LongRecord} nothing where there is no record, or none that can be read */
export function readRecord(path) {
  try {
    return JSON.parse(readFileSync(path, 'utf8'))
  } catch {
    return {}
  }
}

/** @param {string} path @param {LongRecord} record */
export const writeRecord = (path, record) =>
  writeFileSync(path, `${JSON.stringify(Object.fromEntries(Object.entries(record).sort()), null, 2)}\n`)

/**
 * Throws for a path that is not there: a guard that guards nothing would never be seen.
 * @param {string} root @param {readonly string[]} paths
 */
function digestOf(root, paths) {
  const hash = createHash('sha256')
  for (const path of paths.flatMap(path => codeIn(root, path)))
    // Line ends differ by the settings of Git.
    hash.update(`${path}\n${readFileSync(join(root, path), 'utf8').replaceAll('\r\n', '\n')}\n`)
  return hash.digest('hex')
}

/** @param {string} root @param {string} path @returns {string[]} */
function codeIn(root, path) {
  const folder = path.replace(/\/\*\*$/, '')
  const found = join(root, folder)
  if (!existsSync(found)) throw new Error(`tools/test/long.mjs names ${path}, which is not there.`)
  if (statSync(found).isFile()) return [folder]
  return readdirSync(found, { recursive: path !== folder, withFileTypes: true })
    .filter(entry => entry.isFile() && /\.(ts|wgsl)$/.test(entry.name) && !/\.test\.ts$/.test(entry.name))
    .map(entry => relative(root, join(entry.parentPath, entry.name)).replaceAll('\\', '/'))
    .sort()
}
