/** Every way in which a run of Vitest can fail, in a real run of it; Playwright's report as it wrote it. */
import { execFile } from 'node:child_process'
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { expect, test } from 'vitest'
import { failure, playwrightFailures } from './failures.mjs'

const here = import.meta.dirname
const build = join(here, '../../.build')
const vitest = join(dirname(fileURLToPath(import.meta.resolve('vitest/package.json'))), 'vitest.mjs')

/** What the reporter writes of a run over these files. */
async function vitestFailures(files: Record<string, string>): Promise<string[]> {
  // Under .build, where the bare name `vitest` is found.
  mkdirSync(build, { recursive: true })
  const folder = mkdtempSync(join(build, 'failures-'))
  try {
    for (const [name, text] of Object.entries(files)) writeFileSync(join(folder, name), text)
    const told = join(folder, 'failures.json')
    const reporter = `--reporter=${join(here, 'vitest-failures.mjs')}`
    await new Promise<void>(resolve => {
      const env = { ...process.env, READONCE_FAILURES: told }
      const args = [vitest, 'run', '--no-color', '--root', folder, reporter]
      execFile(process.execPath, args, { cwd: folder, env }, () => resolve())
    })
    return JSON.parse(readFileSync(told, 'utf8')) as string[]
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}

test('a failing test, a hook, a file that does not load and an error that nothing caught are told by name', async () => {
  const told = await vitestFailures({
    'vitest.config.mjs': `export default { test: { include: ['*.test.mjs'], pool: 'forks' } }`,
    'a.test.mjs': `import { beforeAll, describe, expect, test } from 'vitest'
      describe('a group', () => {
        beforeAll(() => { throw new Error('the hook fails') })
        test('is not run', () => {})
      })
      test('passes', () => { setTimeout(() => { throw new Error('nobody caught it') }) })
      test('fails', async () => {
        await new Promise(resolve => setTimeout(resolve, 50))
        expect(1, 'one').toBe(2)
      })`,
    'b.test.mjs': `import './not-there.mjs'`
  })
  expect(told.slice(0, 2)).toEqual([
    'a.test.mjs › a group (a hook): the hook fails',
    'a.test.mjs › fails: one: expected 1 to be 2 // Object.is equality'
  ])
  expect(told[2]).toMatch(/^b\.test\.mjs › not run: .*not-there/)
  expect(told[3]).toBe('vitest › an error that no test caught: nobody caught it')
  expect(told).toHaveLength(4)
})

test('a run without failures tells none', async () => {
  const passing = `import { test } from 'vitest'\ntest('passes', () => {})`
  expect(await vitestFailures({ 'vitest.config.mjs': `export default {}`, 'a.test.mjs': passing })).toEqual(
    []
  )
})

test('Playwright: what failed in every attempt, and what is no test', () => {
  const report = JSON.parse(readFileSync(join(here, 'recorded/playwright.json'), 'utf8')) as object
  expect(playwrightFailures(report)).toEqual([
    '[browser] f.spec.ts:5 › a group › fails: Error: one | expect(received).toBe(expected) // Object.is equality | Expected: 2 | Received: 1',
    "playwright › e2e/g.spec.ts:1: Error: Cannot find module './not-there' | Require stack: | - /readonce/e2e/g.spec.ts"
  ])
  expect(playwrightFailures(undefined)).toEqual([])
})

test('a message is one line, without colours, stack and source, and not endless', () => {
  expect(failure('f.ts', 'x', '\u001b[31mbad\u001b[39m\n\n  worse\n    at f.ts:1:1')).toBe(
    'f.ts › x: bad | worse'
  )
  expect(failure('f.ts', 'x', undefined)).toBe('f.ts › x: no message')
  expect(failure('f.ts', 'x', 'y'.repeat(1000))).toHaveLength('f.ts › x: '.length + 301)
})
