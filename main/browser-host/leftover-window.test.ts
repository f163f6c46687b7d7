import { type ChildProcess, spawn } from 'node:child_process'
import { mkdirSync, mkdtempSync, rmSync, symlinkSync } from 'node:fs'
import { hostname, tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { closeLeftover } from './leftover-window'

let profile: string
let browser: ChildProcess
const start = async (args: string[]): Promise<void> => {
  browser = spawn(process.execPath, ['-e', 'console.log(1); setInterval(() => 0, 1000)', '--', ...args])
  await new Promise(resolve => browser.stdout!.once('data', resolve))
}
const link = (to: string) => symlinkSync(to, join(profile, 'SingletonLock'))
const lives = () => browser.exitCode === null && browser.signalCode === null

let folder: string
beforeEach(() => void (profile = folder = mkdtempSync(join(tmpdir(), 'readonce-leftover-'))))
afterEach(async () => {
  if (lives()) await new Promise(resolve => browser.once('exit', resolve).kill('SIGKILL') && undefined)
  rmSync(folder, { recursive: true })
})

describe.skipIf(process.platform === 'win32')('a browser that a killed host left behind', () => {
  test.each(['plain', 'Müller’s profile'])('is ended: %s', async name => {
    profile = join(profile, name)
    mkdirSync(profile)
    await start([`--user-data-dir=${profile}`])
    link(`${hostname()}-${browser.pid}`)
    const gone = new Promise(resolve => browser.once('exit', resolve))
    await closeLeftover(profile)
    await gone
    expect(lives()).toBe(false)
  })

  test.each([
    ['another program has its number by now', () => `${hostname()}-${browser.pid}`, '--user-data-dir=/other'],
    ['it runs on another computer that shares the folder', () => `elsewhere-${browser.pid}`, undefined],
    ['the lock is no lock', () => 'nonsense', undefined],
    ['the lock names nobody', () => `${hostname()}-0`, undefined]
  ])('is left alone where %s', async (_, lock, flag) => {
    await start([flag ?? `--user-data-dir=${profile}`])
    link(lock())
    await closeLeftover(profile)
    await new Promise(resolve => setTimeout(resolve, 100))
    expect(lives()).toBe(true)
  })

  test('may be absent', async () => {
    await start([])
    await closeLeftover(profile)
    await closeLeftover(join(profile, 'none'))
    expect(lives()).toBe(true)
  })
})
