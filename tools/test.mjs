/**
 * All proof in one go: types, lint, format, build, Vitest, Playwright; then one closing line that counts.
 * A later step runs even when an earlier one failed, so that one run tells everything.
 */
import { spawnSync } from 'node:child_process'
import { mkdirSync, readFileSync, rmSync } from 'node:fs'
import { resolve } from 'node:path'
import { closingLines, countOf } from './test/count.mjs'

mkdirSync('.build', { recursive: true })
// Playwright takes a relative path from the folder of its configuration.
const results = { vitest: resolve('.build/vitest.json'), playwright: resolve('.build/playwright.json') }
for (const file of Object.values(results)) rmSync(file, { force: true })

const steps = [
  ['types', ['npx', '--no-install', 'tsc', '-b']],
  ['lint', ['npx', '--no-install', 'eslint', '.']],
  ['format', ['npx', '--no-install', 'prettier', '--check', '--log-level', 'warn', '.']],
  ['build', ['npm', 'run', '--silent', 'build']],
  [
    'vitest',
    [
      'npx',
      '--no-install',
      'vitest',
      'run',
      '--reporter=default',
      '--reporter=json',
      `--outputFile.json=${results.vitest}`
    ]
  ],
  ['playwright', ['npm', 'run', '--silent', 'e2e', '--', '--reporter=list,json']]
]

const failed = []
for (const [name, [command, ...args]] of steps) {
  const begun = Date.now()
  console.log(`\n== ${name}`)
  const env = { ...process.env, PLAYWRIGHT_JSON_OUTPUT_FILE: results.playwright }
  const { status } = spawnSync(command, args, { stdio: 'inherit', env })
  if (status !== 0) failed.push(name)
  console.log(`== ${name}: ${status === 0 ? 'ok' : 'FAILED'} (${Math.round((Date.now() - begun) / 1000)} s)`)
}

const read = file => {
  try {
    return JSON.parse(readFileSync(file, 'utf8'))
  } catch {
    return undefined
  }
}
const count = countOf(read(results.vitest), read(results.playwright))
console.log(`\n${closingLines(count, failed).join('\n')}`)
process.exit(failed.length === 0 ? 0 : 1)
