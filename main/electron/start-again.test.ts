import { chmodSync, existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { app } from './testing/fake-electron'
import { startAgain } from './start-again'

vi.mock('electron', () => import('./testing/fake-electron'))

let folder: string
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'readonce-again-'))
  app.requestSingleInstanceLock()
  app.relaunched.length = 0
  app.exitCode = undefined
})
afterEach(() => {
  vi.unstubAllEnvs()
  rmSync(folder, { recursive: true })
})

test('Electron’s own helper starts it again', () => {
  vi.stubEnv('APPIMAGE', undefined)
  startAgain(['--library=/data'])
  expect(app.relaunched).toEqual([{ args: ['--library=/data'] }])
  expect(app.exitCode).toBe(0)
})

test.skipIf(process.platform === 'win32')(
  'an AppImage starts its own file, when all is closed and the lock is free',
  async () => {
    const [image, noted] = [join(folder, 'Readonce.AppImage'), join(folder, 'noted')]
    writeFileSync(image, `#!/bin/sh\necho "$@" > '${noted}.new'\nmv '${noted}.new' '${noted}'\n`)
    chmodSync(image, 0o755)
    vi.stubEnv('APPIMAGE', image)
    // The library is closed before: the next start would find it in use.
    const closing = (event: { preventDefault(): void }): void => event.preventDefault()
    app.once('will-quit', closing)
    startAgain(['--library=/data'])
    await new Promise(resolve => setTimeout(resolve, 200))
    expect([existsSync(noted), app.locked]).toEqual([false, true])
    app.quit()
    expect(app.locked).toBe(false)
    await vi.waitFor(() => expect(readFileSync(noted, 'utf8')).toBe('--library=/data\n'), 30_000)
    expect(app.relaunched).toEqual([])
  }
)
