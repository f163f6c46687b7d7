/**
 * The order inside gpu/ that the compiler cannot see. Folders import downwards, types included; the files beside them may
 * stand anywhere as long as nothing goes round in a circle. (Globals of a host do not compile: tsconfig.json has
 * neither the DOM's nor Node's types.)
 */
import { readdirSync, readFileSync } from 'node:fs'
import { dirname, join, relative } from 'node:path'
import { fileURLToPath } from 'node:url'
import { expect, it } from 'vitest'

const root = fileURLToPath(new URL('.', import.meta.url))
/** From the ground up; folders of one layer do not know each other. A family of models is a folder of the last. */
const layers = [
  ['device', 'text'],
  ['kernels'],
  ['kv', 'weights'],
  ['model'],
  ['gemma', 'open-window', 'yoco']
]
const layerOf = (folder: string) => layers.findIndex(layer => layer.includes(folder))
const outside = /^(node|testing)\/|^\.\./
const files = readdirSync(root, { recursive: true, encoding: 'utf8' }).filter(
  file => /\.ts$/.test(file) && !outside.test(file) && !/\.test\.ts$|\.d\.ts$/.test(file)
)
/** Packages that know of no host: text in, text or data out. */
const pure = /^@huggingface\/|^@eslint-community\/regexpp$/
const imports = /^\s*(?:import|export)\s+(?:type\s)?(?:[^'"]*?from\s*)?['"]([^'"]+)['"]/gm

type Sources = Readonly<Record<string, string>>

/** The folder of a file, or the file itself where it stands beside them. */
const nodeOf = (file: string): string => (file.includes('/') ? file.slice(0, file.indexOf('/')) : file)

const importsOf = (file: string, source: string): string[] =>
  [...source.matchAll(imports)].map(([, from]) => {
    if (!from!.startsWith('.')) return from!
    const target = relative(root, join(root, dirname(file), from!.replace('?raw', '')))
    return target.replace(/(?<!\.wgsl|\.ts)$/, '.ts')
  })

const isFile = (from: string): boolean => /\.(ts|wgsl)$/.test(from) && !outside.test(from)

function breachesOf(sources: Sources): string[] {
  const found: string[] = []
  const edges = new Map<string, Set<string>>()
  for (const [file, source] of Object.entries(sources)) {
    for (const target of importsOf(file, source)) {
      if (outside.test(target)) found.push(`${file}: ${target} is outside`)
      else if (!isFile(target)) {
        if (!pure.test(target)) found.push(`${file}: ${target} is of a host`)
      } else {
        const [from, to] = [nodeOf(file), nodeOf(target)]
        if (from === to) continue
        const [layer, below] = [layerOf(from), layerOf(to)]
        if (layer >= 0 && below >= layer) found.push(`${file}: ${target} is not below`)
        edges.set(from, (edges.get(from) ?? new Set()).add(to))
      }
    }
  }
  return [...found, ...circlesIn(edges)]
}

function circlesIn(edges: ReadonlyMap<string, ReadonlySet<string>>): string[] {
  const done = new Set<string>()
  const found: string[] = []
  const visit = (node: string, way: readonly string[]): void => {
    if (way.includes(node)) found.push(`a circle: ${[...way.slice(way.indexOf(node)), node].join(' -> ')}`)
    else if (!done.has(node)) {
      for (const next of edges.get(node) ?? []) visit(next, [...way, node])
      done.add(node)
    }
  }
  for (const node of edges.keys()) visit(node, [])
  return found
}

it('every folder stands on a layer', () => {
  expect(files.length).toBeGreaterThan(40)
  expect(files.map(nodeOf).filter(node => !node.endsWith('.ts') && layerOf(node) < 0)).toEqual([])
})

it('imports go down, types too, in no circle, and take nothing from a host', () => {
  const sources = files.map(file => [file, readFileSync(join(root, file), 'utf8')] as const)
  expect(breachesOf(Object.fromEntries(sources))).toEqual([])
})

it('sees a breach', () => {
  const breaches = (sources: Sources) => breachesOf(sources).length
  expect(
    breaches({ 'kernels/a.ts': "import { b } from '../yoco/b'\nimport type { c } from '../model/c'" })
  ).toBe(2)
  expect(breaches({ 'device/a.ts': "import type { b } from '../text/b'" })).toBe(1)
  expect(breaches({ 'kv/a.ts': "import '../node/dawn'\nexport { c } from 'node:fs'" })).toBe(2)
  expect(
    breaches({
      'kv/a.ts': "import type { b } from '../session'",
      'session.ts': "import {\n  type D,\n  b\n} from './yoco/model'\nimport w from './x.wgsl?raw'",
      'yoco/model.ts': "import { c } from '../kv/c'"
    })
  ).toBe(1)
  expect(breaches({ 'a.ts': "import { b } from './b'", 'b.ts': "import type { a } from './a'" })).toBe(1)
})
