/** A start in a Wayland session whose person chose X11: only the command line takes it, so another start has to. */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, test, vi } from 'vitest'
import { app, BrowserWindow } from './electron/testing/fake-electron'

vi.mock('electron', () => import('./electron/testing/fake-electron'))

test('hands over to a start with the switch, files and library with it', async () => {
  const library = mkdtempSync(join(tmpdir(), 'readonce-x11-'))
  const file = join(library, 'graphics.json')
  const kept = { graphics: 'x11', starting: false, version: '1', chosen: true }
  writeFileSync(file, JSON.stringify(kept))
  vi.stubEnv('APPIMAGE', undefined)
  const { argv } = process
  process.argv = ['/opt/Readonce/readonce', '/a.txt', '--library', library]
  await import('./electron')
  process.argv = argv
  expect(app.relaunched).toEqual([
    { args: [`--library=${library}`, '--ozone-platform=x11', expect.stringMatching(/a\.txt$/)] }
  ])
  expect(app.exitCode).toBe(0)
  expect(BrowserWindow.all).toHaveLength(0)
  expect(JSON.parse(readFileSync(file, 'utf8'))).toMatchObject({ graphics: 'x11', starting: 'handed' })
  rmSync(library, { recursive: true })
})
