/** `npm start` as a person runs it, with a browser that only notes how it was started. Electron itself is not run. */
import { type ChildProcess, spawn } from 'node:child_process'
import {
  chmodSync,
  chownSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterAll, afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import { findElectron, installedElectron } from './electron-binary.mjs'
import { whyNotElectron } from './why-not-electron.mjs'

const root = join(import.meta.dirname, '..', '..')
const folder = mkdtempSync(join(tmpdir(), 'readonce-start-'))
const running: ChildProcess[] = []
afterAll(() => {
  for (const child of running) child.kill()
  rmSync(folder, { recursive: true, force: true })
})

describe.skipIf(process.platform === 'win32')('without Electron', () => {
  // Notes its arguments, and is closed by a file: as a window is by a person.
  const browser = join(folder, 'browser.mjs')
  const [noted, closed] = [join(folder, 'noted.json'), join(folder, 'closed')]
  writeFileSync(
    browser,
    `#!${process.execPath}
import { existsSync, renameSync, writeFileSync } from 'node:fs'
writeFileSync(${JSON.stringify(noted)} + '.new', JSON.stringify(process.argv.slice(2)))
renameSync(${JSON.stringify(noted)} + '.new', ${JSON.stringify(noted)})
setInterval(() => existsSync(${JSON.stringify(closed)}) && process.exit(), 20)
`
  )
  chmodSync(browser, 0o755)
  const book = join(folder, 'book.txt')
  writeFileSync(book, 'A keeper lit the lamp.\n')
  afterEach(() => {
    for (const file of [noted, closed]) rmSync(file, { force: true })
  })

  function run(args: string[], env: Record<string, string | undefined> = {}, way = ['--browser']) {
    const child = spawn(process.execPath, [join(root, 'tools/start.mjs'), ...way, ...args], {
      env: { ...process.env, READONCE_CHROMIUM: browser, DISPLAY: ':77', ...env }
    })
    running.push(child)
    const said = { out: '', error: '' }
    child.stdout.on('data', piece => (said.out += piece))
    child.stderr.on('data', piece => (said.error += piece))
    return { child, said, code: new Promise<number | null>(done => child.once('close', done)) }
  }
  test('--help says how it is used, and opens nothing', async () => {
    const { said, code } = run(['--help'])
    expect(await code).toBe(0)
    expect(said.out).toMatch(/^usage: npm start /)
    expect(existsSync(noted)).toBe(false)
  })

  const flags = async (): Promise<string[]> => {
    await vi.waitFor(() => expect(existsSync(noted)).toBe(true), 30_000)
    return JSON.parse(readFileSync(noted, 'utf8')) as string[]
  }
  const flag = (all: string[], name: string) =>
    all.find(each => each.startsWith(`--${name}=`))?.slice(name.length + 3)

  test('a browser opens one window of its own; closing it ends everything', async () => {
    const library = join(folder, 'one')
    const { said, code } = run(['--library', library, book])
    const given = await flags()
    expect(flag(given, 'user-data-dir')).toBe(join(library, 'browser'))
    expect(flag(given, 'host-resolver-rules')).toBe('MAP * ~NOTFOUND , EXCLUDE 127.0.0.1')
    for (const name of ['no-first-run', 'enable-unsafe-webgpu', 'disable-component-update'])
      expect(given).toContain(`--${name}`)

    // The command line of a process can be seen by everybody: it names a file that only its person can read.
    expect(given.join(' ')).not.toContain('127.0.0.1:')
    const page = fileURLToPath(flag(given, 'app')!)
    expect(statSync(page).mode & 0o777).toBe(0o600)
    expect(statSync(library).mode & 0o777).toBe(0o700)
    const address = /location\.replace\("([^"]+)"\)/.exec(readFileSync(page, 'utf8'))![1]!
    const first = await fetch(address, { redirect: 'manual' })
    expect(first.status).toBe(303)
    const own = /^\/#token=([\w-]{32})$/.exec(first.headers.get('location')!)![1]!
    await vi.waitFor(() => expect(existsSync(page)).toBe(false), 30_000)
    const printed = said.out.trim()
    expect(printed.endsWith(own)).toBe(false)
    // Somebody else was there before: neither of the two has a token then.
    const about = async (token: string): Promise<number> =>
      (
        await fetch(new URL('/call/about', printed), {
          method: 'POST',
          headers: { authorization: `Bearer ${token}` },
          body: '[]'
        })
      ).status
    expect(await about(own)).toBe(200)
    expect((await fetch(address, { redirect: 'manual' })).status).toBe(404)
    expect(await about(own)).toBe(401)

    const authorization = `Bearer ${printed.split('#token=')[1]}`
    const { origin } = new URL(printed)
    const taken = await fetch(`${origin}/call/takeOpened`, {
      method: 'POST',
      headers: { authorization },
      body: '[]'
    })
    expect(await taken.json()).toMatchObject({ ok: true, value: [{ name: 'book.txt', folder: false }] })

    writeFileSync(closed, '')
    expect(await code).toBe(0)
    expect(existsSync(join(library, 'browser-host.json'))).toBe(false)
    await expect(fetch(origin)).rejects.toThrow()
  })

  test('a second start hands its files to the first and ends; the page’s token opens no door', async () => {
    const library = join(folder, 'two')
    const first = run(['--library', library])
    await flags()
    const kept = join(library, 'browser-host.json')
    await vi.waitFor(() => expect(existsSync(kept)).toBe(true), 30_000)
    expect(statSync(kept).mode & 0o777).toBe(0o600)
    const page = first.said.out.trim()
    const second = run(['--library', library, book])
    expect(await second.code).toBe(0)
    expect(second.said.error).toContain(`Readonce is open already, at ${page}.`)
    expect(second.said.out).toBe('')

    const authorization = `Bearer ${page.split('#token=')[1]}`
    const opened = await fetch(`${new URL(page).origin}/call/takeOpened`, {
      method: 'POST',
      headers: { authorization },
      body: '[]'
    })
    expect(await opened.json()).toMatchObject({ ok: true, value: [{ name: 'book.txt' }] })
    const { port } = JSON.parse(readFileSync(kept, 'utf8')) as { port: number }
    const door = (headers: Record<string, string>, body: string) =>
      fetch(`http://127.0.0.1:${port}/`, { method: 'POST', headers, body })
    expect((await door({ authorization }, '["/etc/passwd"]')).status).toBe(401)
    expect((await door({}, '["/etc/passwd"]')).status).toBe(401)

    first.child.kill('SIGTERM')
    await first.code
    expect(existsSync(kept)).toBe(false)
  })

  test.each([
    ['readonce open FILE', ['open']],
    ['readonce FILE', []]
  ])('%s opens the same window', async (_, command) => {
    const library = join(folder, `cli-${command.length}`)
    const cli = join(root, 'out/main/cli.js')
    const child = spawn(process.execPath, [cli, ...command, book, '--browser', '--library', library], {
      env: { ...process.env, READONCE_CHROMIUM: browser, DISPLAY: ':77' },
      stdio: 'ignore'
    })
    running.push(child)
    expect(flag(await flags(), 'user-data-dir')).toBe(join(library, 'browser'))
    writeFileSync(closed, '')
    expect(await new Promise(done => child.once('exit', done))).toBe(0)
  })

  test('a host that was killed leaves nothing in the way', async () => {
    const library = join(folder, 'three')
    const address = await printedBy(library)
    address.child.kill('SIGKILL')
    await new Promise(done => address.child.once('exit', done))
    expect(existsSync(join(library, 'browser-host.json'))).toBe(true)
    const again = await printedBy(library)
    expect(again.line).not.toBe(address.line)
    again.child.kill('SIGTERM')
    await new Promise(done => again.child.once('exit', done))
  })

  test('with no display it prints the address and says why', async () => {
    const { child, said, code } = run(['--library', join(folder, 'four')], {
      DISPLAY: undefined,
      WAYLAND_DISPLAY: undefined
    })
    if (process.platform === 'linux') {
      await vi.waitFor(() => expect(said.error).toContain('There is no display here.'), 30_000)
      expect(said.out).toMatch(/^http:\/\/127\.0\.0\.1:\d+\/#token=[\w-]{32}\n$/)
      expect(existsSync(noted)).toBe(false)
    }
    child.kill('SIGTERM')
    await code
  })

  test('with a browser that does not live it says so, and goes on for another one', async () => {
    const dies = join(folder, 'dies')
    writeFileSync(dies, '#!/bin/sh\nkill -TRAP $$', { mode: 0o755 })
    const { child, said, code } = run(['--library', join(folder, 'six')], { READONCE_CHROMIUM: dies })
    await vi.waitFor(
      () => expect(said.error).toContain('cannot show the window: it ended at once with SIGTRAP.'),
      30_000
    )
    expect((await fetch(said.out.trim().split('#')[0])).status).toBe(200)
    child.kill('SIGTERM')
    await code
  })

  test('with no browser on the way to programs it says the same', async () => {
    const empty = join(folder, 'no-programs')
    mkdirSync(empty, { recursive: true })
    const { child, said, code } = run(['--library', join(folder, 'seven')], {
      READONCE_CHROMIUM: undefined,
      PATH: empty
    })
    await vi.waitFor(() => expect(said.error).toContain('No Chromium, Chrome or Edge is installed.'), 30_000)
    child.kill('SIGTERM')
    await code
  })

  test('with no browser it says which would do', async () => {
    const { child, said, code } = run(['--library', join(folder, 'five')], { READONCE_CHROMIUM: '/none' })
    await vi.waitFor(() => expect(said.error).toContain('No Chromium, Chrome or Edge is installed.'), 30_000)
    child.kill('SIGTERM')
    await code
  })

  // On Ubuntu an ordinary person's Electron is not even tried; that is looked at below.
  const isHeldBack = !!whyNotElectron('/none/electron', {
    platform: process.platform,
    env: { DISPLAY: ':77' },
    isRoot: process.getuid?.() === 0
  })
  test.runIf(isHeldBack)('not run: here Electron could make no sandbox', ({ skip }) => skip())

  describe.skipIf(isHeldBack)('a program that is called Electron', () => {
    /** With this shell script as Electron's binary. */
    function runElectron(script: string, name: string, env: Record<string, string | undefined> = {}) {
      const dist = join(folder, name)
      mkdirSync(dist)
      const electron = process.platform === 'darwin' ? 'Electron.app/Contents/MacOS/Electron' : 'electron'
      mkdirSync(join(dist, electron, '..'), { recursive: true })
      writeFileSync(join(dist, electron), script, { mode: 0o755 })
      return run(
        ['--library', join(dist, 'library'), book],
        { ELECTRON_OVERRIDE_DIST_PATH: dist, ...env },
        []
      )
    }

    test.each([
      [
        'kills itself, as where no sandbox can be made',
        '#!/bin/sh\nkill -TRAP $$',
        /Electron ended by SIGTRAP after/
      ],
      ['lacks a library', '#!/bin/sh\nexit 127', /Electron ended with code 127 after/],
      ['is for another processor', '#!/none/such\n', /Electron cannot be started \(/]
    ])('that %s: the browser opens, and one sentence says why', async (_, script, why) => {
      const { said, code } = runElectron(script, `electron-${script.length}`)
      expect((await flags()).some(each => each.startsWith('--app='))).toBe(true)
      const sentences = said.error
        .split('\n')
        .filter(line => line.includes('so Readonce opens in a browser.'))
      expect(sentences).toHaveLength(1)
      expect(sentences[0]).toMatch(why)
      writeFileSync(closed, '')
      expect(await code).toBe(0)
    })

    test('that was closed by a person stays closed', async () => {
      const { said, code } = runElectron('#!/bin/sh\nexit 0', 'electron-closed')
      expect(await code).toBe(0)
      expect(said.error).not.toContain('browser')
      expect(existsSync(noted)).toBe(false)
    })

    test('that is ended from outside is not followed by a browser', async () => {
      const up = join(folder, 'electron-up')
      const { child, said, code } = runElectron(`#!/bin/sh\ntouch '${up}'\nexec sleep 60`, 'electron-ended')
      await vi.waitFor(() => expect(existsSync(up)).toBe(true), 30_000)
      child.kill('SIGTERM')
      expect(await code).not.toBe(0)
      expect(said.error).not.toContain('browser')
    })

    test.runIf(process.platform === 'linux')('is not started where it could draw nothing', async () => {
      const { child, said, code } = runElectron('#!/bin/sh\nkill -TRAP $$', 'electron-blind', {
        DISPLAY: undefined,
        WAYLAND_DISPLAY: undefined
      })
      await vi.waitFor(() => expect(said.out).toMatch(/^http:.*\n$/), 30_000)
      expect(said.error).toContain('There is no display for Electron, so Readonce opens in a browser.')
      await vi.waitFor(() => expect(said.error).toContain('There is no display here.'), 30_000)
      child.kill('SIGTERM')
      await code
    })
  })

  /** The host alone, whose own process can be killed. */
  async function printedBy(library: string) {
    const child = spawn(process.execPath, [join(root, 'out/main/browser-host.js'), '--library', library])
    running.push(child)
    let line = ''
    child.stdout.on('data', piece => (line += piece))
    await vi.waitFor(() => expect(line).toMatch(/\n$/), 30_000)
    await vi.waitFor(() => expect(existsSync(join(library, 'browser-host.json'))).toBe(true), 30_000)
    return { child, line }
  }
})

describe('whether Electron can draw and make its sandbox', () => {
  let system: string
  const electron = () => join(system, 'electron', 'electron')
  const ask = (change: Partial<Parameters<typeof whyNotElectron>[1]> = {}) =>
    whyNotElectron(electron(), {
      platform: 'linux',
      env: { DISPLAY: ':0' },
      isRoot: false,
      system,
      ...change
    })
  const set = (path: string, value: string): void => {
    mkdirSync(join(system, path, '..'), { recursive: true })
    writeFileSync(join(system, path), value)
  }
  beforeEach(() => {
    system = mkdtempSync(join(folder, 'system-'))
    set('electron/chrome-sandbox', '')
  })

  test.each([
    ['proc/sys/kernel/apparmor_restrict_unprivileged_userns', '1', '0'],
    ['proc/sys/kernel/unprivileged_userns_clone', '0', '1'],
    ['proc/sys/user/max_user_namespaces', '0', '63000']
  ])('%s', (path, forbids, allows) => {
    expect(ask()).toBeUndefined()
    set(path, `${allows}\n`)
    expect(ask()).toBeUndefined()
    set(path, `${forbids}\n`)
    const helper = join(system, 'electron', 'chrome-sandbox')
    expect(ask()).toContain(`${path.slice(9).replace('/', '.')} is ${forbids}`)
    expect(ask()).toContain(`sudo chmod 4755 '${helper}'`)
    // Neither root, who has no sandbox anyway, nor another system is held back.
    expect(ask({ isRoot: true })).toBeUndefined()
    expect(ask({ platform: 'darwin' })).toBeUndefined()
  })

  test.runIf(process.getuid?.() === 0)('is allowed by the helper’s bits, when root owns it', () => {
    set('proc/sys/kernel/apparmor_restrict_unprivileged_userns', '1')
    chmodSync(join(system, 'electron', 'chrome-sandbox'), 0o4755)
    expect(ask()).toBeUndefined()
    chownSync(join(system, 'electron', 'chrome-sandbox'), 65534, 65534)
    chmodSync(join(system, 'electron', 'chrome-sandbox'), 0o4755)
    expect(ask()).toContain('cannot make its sandbox')
  })

  test('is allowed by a profile of AppArmor that names it', () => {
    set('proc/sys/kernel/apparmor_restrict_unprivileged_userns', '1')
    set('etc/apparmor.d/mine', `profile mine "${electron()}" flags=(unconfined) { userns, }`)
    expect(ask()).toBeUndefined()
  })

  test('wants a display', () => {
    expect(ask({ env: {} })).toBe('There is no display for Electron')
    expect(ask({ env: { WAYLAND_DISPLAY: 'wayland-0' } })).toBeUndefined()
  })
})

describe("Electron's binary", () => {
  // A project with a package `electron` whose installer does what the test wants.
  let project: string
  const electron = () => join(project, 'node_modules', 'electron')
  const tries = () => readFileSync(join(project, 'tries'), 'utf8').length
  function installer(script: string): void {
    const note = `require('fs').appendFileSync(${JSON.stringify(join(project, 'tries'))}, '.')`
    writeFileSync(join(electron(), 'install.js'), `${note}\n${script}`)
  }
  const unpacks = `const fs = require('fs'), path = require('path')
fs.mkdirSync(path.join(__dirname, 'dist'))
fs.writeFileSync(path.join(__dirname, 'dist', 'electron'), '')
fs.writeFileSync(path.join(__dirname, 'path.txt'), 'electron')`

  beforeEach(() => {
    project = mkdtempSync(join(folder, 'project-'))
    mkdirSync(electron(), { recursive: true })
    writeFileSync(join(electron(), 'package.json'), '{"version":"1.2.3"}')
    writeFileSync(join(project, 'tries'), '')
    // Nobody listens there: the test asks nothing outside.
    vi.stubEnv('ELECTRON_MIRROR', 'http://127.0.0.1:9/')
    vi.stubEnv('ELECTRON_OVERRIDE_DIST_PATH', undefined)
  })
  afterEach(() => void vi.unstubAllEnvs())

  test('is taken where it is installed', async () => {
    installer(unpacks)
    expect(installedElectron(project)).toBeUndefined()
    expect(await findElectron(project)).toBe(join(electron(), 'dist', 'electron'))
    expect(await findElectron(project)).toBe(join(electron(), 'dist', 'electron'))
    expect(tries()).toBe(1)
  })

  test('is taken from elsewhere where that is named, and not believed where it is not there', async () => {
    const elsewhere = join(project, 'elsewhere')
    mkdirSync(elsewhere)
    vi.stubEnv('ELECTRON_OVERRIDE_DIST_PATH', elsewhere)
    expect(installedElectron(project)).toBeUndefined()
    writeFileSync(join(electron(), 'path.txt'), 'electron')
    writeFileSync(join(elsewhere, 'electron'), '')
    expect(installedElectron(project)).toBe(join(elsewhere, 'electron'))
  })

  test('that cannot be downloaded is not asked for again for a day', async () => {
    installer('process.exit(1)')
    expect(await findElectron(project)).toBeUndefined()
    expect(await findElectron(project)).toBeUndefined()
    expect(tries()).toBe(1)
    rmSync(join(project, '.build'), { recursive: true })
    expect(await findElectron(project)).toBeUndefined()
    expect(tries()).toBe(2)
  })
})
