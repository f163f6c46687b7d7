/**
 * All proof in one go: types, lint, format, build, Vitest, Playwright; then one closing line that counts.
 * A later step runs even when an earlier one failed, so that one run tells everything. What failed is named once more
 * right before that line: often the end of the log is all that is kept.
 */
import { spawn } from 'node:child_process'
import { mkdirSync, readFileSync, rmSync } from 'node:fs'
import { resolve } from 'node:path'
import { closingLines, countOf } from './test/count.mjs'
import { playwrightFailures } from './test/failures.mjs'
import { longPassed, longRuns, readRecord, writeRecord } from './test/long.mjs'

mkdirSync('.build', { recursive: true })
// Playwright takes a relative path from the folder of its configuration.
const results = {
  vitest: resolve('.build/vitest.json'),
  failures: resolve('.build/vitest-failures.json'),
  playwright: resolve('.build/playwright.json')
}
for (const file of Object.values(results)) rmSync(file, { force: true })

const record = 'tools/test/recorded/long.json'
const recorded = readRecord(record)
const { due: changed, digests } = longRuns(recorded)
// A mode that never passed here has no record to differ from: it is run by a word only, and that is told.
const due = changed.filter(name => name in recorded)
const unrecorded = changed.filter(name => !(name in recorded))
if (unrecorded.length > 0 && process.env['READONCE_LONG'] === undefined)
  console.log(`No long run is recorded of ${unrecorded.join(', ')}: READONCE_LONG=1 npm test makes one.`)
const env = {
  ...process.env,
  READONCE_FAILURES: results.failures,
  READONCE_LONG: process.env['READONCE_LONG'] ?? due.join(','),
  PLAYWRIGHT_JSON_OUTPUT_FILE: results.playwright
}

/** @typedef {[name: string, command: string, ...args: string[]]} Step */
const npx = ['npx', '--no-install']
/** @type {Step[][]} These need little of each other and one core each: two at a time. */
const checks = [
  [
    ['types', ...npx, 'tsc', '-b'],
    ['build', 'npm', 'run', '--silent', 'build']
  ],
  [
    ['lint', ...npx, 'eslint', '.'],
    [
      'format',
      ...npx,
      'prettier',
      '--check',
      '--cache',
      '--cache-location',
      '.build/prettier',
      '--log-level',
      'warn',
      '.'
    ]
  ]
]
/** @type {Step[]} */
const tests = [
  [
    'vitest',
    ...[...npx, 'vitest', 'run', '--reporter=default', '--reporter=json'],
    ...['--reporter=./tools/test/vitest-failures.mjs', `--outputFile.json=${results.vitest}`]
  ],
  ['playwright', 'npm', 'run', '--silent', 'e2e', '--', '--reporter=list,json']
]

/** @type {string[]} */
const failed = []

/**
 * @param {Step} step
 * @param {boolean} together what it says is shown at its end, so that two do not mix theirs
 */
async function run([name, command, ...args], together) {
  const begun = Date.now()
  if (!together) console.log(`\n== ${name}`)
  const child = spawn(command, args, { stdio: together ? ['inherit', 'pipe', 'pipe'] : 'inherit', env })
  let said = ''
  for (const stream of [child.stdout, child.stderr]) stream?.on('data', data => (said += data))
  const status = await new Promise(resolve => child.once('error', resolve).once('close', resolve))
  if (status !== 0) failed.push(name)
  if (together) process.stdout.write(`\n== ${name}\n${said}`)
  if (status instanceof Error) console.log(status.message)
  console.log(`== ${name}: ${status === 0 ? 'ok' : 'FAILED'} (${Math.round((Date.now() - begun) / 1000)} s)`)
}

await Promise.all(
  checks.map(async steps => {
    for (const step of steps) await run(step, true)
  })
)
if (env.READONCE_LONG) console.log(`\nLong modes of tests: ${env.READONCE_LONG}`)
for (const step of tests) await run(step, false)

/** @param {string} file */
const read = file => {
  try {
    return JSON.parse(readFileSync(file, 'utf8'))
  } catch {
    return undefined
  }
}
const [vitest, playwright] = [read(results.vitest), read(results.playwright)]
const ran = longPassed(
  env.READONCE_LONG === '1' ? Object.keys(digests) : env.READONCE_LONG.split(','),
  vitest
)
if (ran.some(name => recorded[name] !== digests[name])) {
  writeRecord(record, { ...recorded, ...Object.fromEntries(ran.map(name => [name, digests[name]])) })
  console.log(
    `\nLong modes passed (${ran.join(', ')}): ${record} says so now, and belongs into the next commit.`
  )
}
const failures = [...(read(results.failures) ?? []), ...playwrightFailures(playwright)]
console.log(`\n${closingLines(countOf(vitest, playwright), failed, failures).join('\n')}`)
process.exit(failed.length === 0 ? 0 : 1)
