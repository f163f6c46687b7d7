/**
 * All proof in one go: types, lint, format, build, Vitest, Playwright; then one closing line that counts.
 * A later step runs even when an earlier one failed, so that one run tells everything. What failed is named once more
 * right before that line: often the end of the log is all that is kept.
 */
import { spawnSync } from 'node:child_process'
import { mkdirSync, readFileSync, rmSync } from 'node:fs'
import { resolve } from 'node:path'
import { closingLines, countOf } from './test/count.mjs'
import { playwrightFailures } from './test/failures.mjs'

mkdirSync('.build', { recursive: true })
// Playwright takes a relative path from the folder of its configuration.
const results = {
  vitest: resolve('.build/vitest.json'),
  failures: resolve('.build/vitest-failures.json'),
  playwright: resolve('.build/playwright.json')
}
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
      '--reporter=./tools/test/vitest-failures.mjs',
      `--outputFile.json=${results.vitest}`
    ]
  ],
  ['playwright', ['npm', 'run', '--silent', 'e2e', '--', '--reporter=list,json']]
]

const failed = []
for (const [name, [command, ...args]] of steps) {
  const begun = Date.now()
  console.log(`\n== ${name}`)
  const env = {
    ...process.env,
    READONCE_FAILURES: results.failures,
    PLAYWRIGHT_JSON_OUTPUT_FILE: results.playwright
  }
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
const playwright = read(results.playwright)
const failures = [...(read(results.failures) ?? []), ...playwrightFailures(playwright)]
console.log(`\n${closingLines(countOf(read(results.vitest), playwright), failed, failures).join('\n')}`)
process.exit(failed.length === 0 ? 0 : 1)
