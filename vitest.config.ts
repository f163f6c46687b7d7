import { defineConfig } from 'vitest/config'

export default defineConfig({
  test: {
    include: ['{contract,gpu,main,renderer,tools}/**/*.test.ts'],
    // Dawn keeps process-wide state; a process per file keeps one file's device loss out of another's.
    pool: 'forks',
    testTimeout: 120_000,
    hookTimeout: 120_000
  }
})
