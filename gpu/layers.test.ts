/**
 * The order inside gpu/ that the compiler cannot see: imports go down or stay on their floor. (Globals
 * of a host do not compile: tsconfig.json has neither the DOM's nor Node's types.)
 */
import { readdirSync, readFileSync } from 'node:fs'
import { dirname, join, relative } from 'node:path'
import { fileURLToPath } from 'node:url'
import { expect, it } from 'vitest'

const root = fileURLToPath(new URL('.', import.meta.url))
const floors = [
  /^(device|text)\/|^(failure|turns|pause)\.ts$/,
  /^kernels\//,
  /^weights\//,
  /^(yoco|kv)\//,
  /^(prefill|decode|evaluate|highlight|quotations|repetition|recent-speed|certainty|model-folder|derived-weights)\.ts$/,
  /^(session|asking|inspect|probe|bench|bench-kernels)\.ts$/,
  /^engine\.ts$/,
  /^index\.ts$/
]
const floorOf = (file: string) => floors.findIndex(floor => floor.test(file))
const files = readdirSync(root, { recursive: true, encoding: 'utf8' }).filter(
  file => /\.ts$/.test(file) && !/^(node|testing)\/|\.test\.ts$|\.d\.ts$/.test(file)
)
/** Packages that know of no host: text in, text or data out. */
const pure = /^@huggingface\/|^@eslint-community\/regexpp$/
const imports = /^\s*(?:import|export)\s+(type\s)?(?:[^'"]*?from\s*)?['"]([^'"]+)['"]/gm

const breaches = (file: string, source: string): string[] =>
  [...source.matchAll(imports)].flatMap(([, type, from]) => {
    if (!from!.startsWith('.')) return pure.test(from!) ? [] : [`${file}: ${from} is of a host`]
    const target = relative(root, join(root, dirname(file), from!.replace('?raw', ''))).replace(
      /(?<!\.wgsl|\.ts)$/,
      '.ts'
    )
    if (target.startsWith('..') || /^(node|testing)\//.test(target)) return [`${file}: ${from} is outside`]
    return type || floorOf(target) <= floorOf(file) ? [] : [`${file}: ${from} is a floor above`]
  })

it('every file stands on a floor', () => {
  expect(files.length).toBeGreaterThan(40)
  expect(files.filter(file => floorOf(file) < 0)).toEqual([])
})

it('imports go down or stay on their floor, and take nothing from a host', () => {
  expect(files.flatMap(file => breaches(file, readFileSync(join(root, file), 'utf8')))).toEqual([])
})

it('device and text do not know each other', () => {
  const of = (folder: string) =>
    files.filter(file => file.startsWith(folder)).map(file => readFileSync(join(root, file), 'utf8'))
  expect(of('device/').filter(source => /from '\.\.\/text\//.test(source))).toEqual([])
  expect(of('text/').filter(source => /from '\.\.\/device\//.test(source))).toEqual([])
})

it('sees a breach', () => {
  expect(
    breaches('kernels/a.ts', "import { b } from '../yoco/b'\nimport type { c } from '../yoco/c'")
  ).toHaveLength(1)
  expect(
    breaches('kv/a.ts', "import { b } from '../session'\nimport '../node/dawn'\nexport { c } from 'node:fs'")
  ).toHaveLength(3)
  expect(
    breaches('session.ts', "import {\n  type D,\n  b\n} from './engine'\nimport w from './x.wgsl?raw'")
  ).toHaveLength(1)
})
