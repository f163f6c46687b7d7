import { defineConfig } from '@playwright/test'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

/** One set of specs, two hosts. `npm run build` comes first; what cannot run here is reported as not run, in words. */
export default defineConfig({
  testDir: '.',
  outputDir: join(tmpdir(), 'readonce-e2e'),
  // A software adapter keeps every core busy while it computes; in between most tests wait for a page, a program, a disk.
  workers: 2,
  fullyParallel: true,
  timeout: 240_000,
  // A busy machine must not fail a whole run; what passed only the second time is told as flaky.
  retries: process.env['CI'] ? 1 : 0,
  expect: { timeout: 60_000 },
  globalTimeout: 25 * 60_000,
  forbidOnly: !!process.env['CI'],
  reporter: [['list'], ['./not-run.ts']],
  projects: [{ name: 'browser' }, { name: 'electron', testIgnore: /bundles|lacking/ }]
})
