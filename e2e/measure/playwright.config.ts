import { defineConfig } from '@playwright/test'
import base from '../playwright.config'

export default defineConfig({
  ...base,
  testDir: '.',
  testMatch: '*.measure.ts',
  // Times of one thing at a time.
  workers: 1,
  projects: [{ name: 'browser' }],
  reporter: [['line']]
})
