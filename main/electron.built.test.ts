/** What Electron would load, `out/main/electron.js` and `out/preload/preload.cjs`, against the fake. `npm test` builds first. */
import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { runInThisContext } from 'node:vm'
import { describe, expect, test, vi } from 'vitest'
import * as fake from './electron/testing/fake-electron'
import { electronSuite } from './electron/testing/electron-suite'

vi.mock('electron', () => import('./electron/testing/fake-electron'))

const out = join(import.meta.dirname, '..', 'out')
const program = join(out, 'main', 'electron.js')
const missing = [program, join(out, 'preload', 'preload.cjs')].filter(file => !existsSync(file))

test.runIf(missing.length > 0)('not run: nothing is built', ({ skip }) => skip(`no ${missing[0]}`))

describe.skipIf(missing.length > 0)('built', () => {
  const required: string[] = []
  electronSuite({
    fake,
    main: () => import(/* @vite-ignore */ program),
    // A sandboxed preload gets a `require` that knows electron and little else.
    async preload() {
      const source = readFileSync(join(out, 'preload', 'preload.cjs'), 'utf8')
      const run = runInThisContext(`(function (require, module, exports) {${source}\n})`) as (
        ...args: unknown[]
      ) => void
      run((name: string) => (required.push(name), fake), { exports: {} }, {})
    },
    // Absent only where the build failed, which is red by itself.
    pages: existsSync(join(out, 'renderer', 'index.html')) ? join(out, 'renderer') : undefined
  })
  test('the preload asks for electron and nothing else', () => expect(required).toEqual(['electron']))
})
