/**
 * Records the bits of logits, answers and page files (see gpu/testing/bits.ts), or compares with a record: for changes
 * that must not change a result.
 *
 *     node tools/bits.mjs record .build/bits.json [part of a name]      adds to a record that is there
 *     node tools/bits.mjs compare .build/bits.json [part of a name]
 */
import { existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath, pathToFileURL } from 'node:url'
import { build } from 'vite'

const root = dirname(dirname(fileURLToPath(import.meta.url)))
const [action, file, filter = ''] = process.argv.slice(2)
if ((action !== 'record' && action !== 'compare') || file === undefined) {
  console.error('node tools/bits.mjs record|compare FILE [part of a name]')
  process.exit(2)
}

// Under .build, where bare names of packages are found; by process, since several runs may go on at once.
const outDir = join(root, '.build', 'bits', String(process.pid))
await build({
  root,
  configFile: false,
  logLevel: 'error',
  build: {
    ssr: join(root, 'gpu', 'testing', 'bits.ts'),
    outDir,
    minify: false,
    rollupOptions: { output: { entryFileNames: 'bits.mjs' } }
  }
})
/** @type {{ recordBits: (root: string, filter: string) => AsyncIterable<{ name: string, bits: Record<string, string> }> }} */
const { recordBits } = await import(pathToFileURL(join(outDir, 'bits.mjs')).href)

/** @typedef {Record<string, Record<string, string>>} Bits */
/** @type {Bits} */
const known = action === 'compare' || existsSync(file) ? JSON.parse(readFileSync(file, 'utf8')) : {}
let [models, digests, others] = [0, 0, 0]
for await (const { name, bits } of recordBits(root, filter)) {
  models++
  digests += Object.keys(bits).length
  if (action === 'record') {
    known[name] = bits
    writeFileSync(file, `${JSON.stringify(known, undefined, 2)}\n`)
    console.error(`      ${name}`)
    continue
  }
  const differs = Object.keys({ ...known[name], ...bits }).filter(what => known[name]?.[what] !== bits[what])
  others += differs.length
  console.error(differs.length === 0 ? `same  ${name}` : `OTHER ${name}: ${differs.join(', ')}`)
}
rmSync(outDir, { recursive: true, force: true })
console.log(
  action === 'record'
    ? `${models} models, ${digests} digests recorded in ${file}`
    : `${models} models, ${digests} digests compared with ${file}: ${others === 0 ? 'all the same' : `${others} differ`}`
)
process.exit(others === 0 && models > 0 ? 0 : 1)
