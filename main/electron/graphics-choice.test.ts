/** Starts of the program one behind the other on one data folder, some of which do not get far. */
import { existsSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { GraphicsChoice, type GraphicsSession } from './graphics-choice'

let home: string
beforeEach(() => void (home = join(mkdtempSync(join(tmpdir(), 'readonce-graphics-')), 'new', 'library')))
afterEach(() => rmSync(join(home, '..', '..'), { recursive: true }))

const start = (session: Partial<GraphicsSession> = {}, version = '1.0.0') =>
  new GraphicsChoice(home, version, { hasPlain: true, onX11: false, hasX11: false, ...session })
const file = () => join(home, 'graphics.json')

/** As Chromium ends the whole program when its GPU process cannot be used. */
function startAndDie(session?: Partial<GraphicsSession>, version?: string) {
  const choice = start(session, version)
  choice.begin()
  return choice.now
}
function startWell(session?: Partial<GraphicsSession>, version?: string) {
  const choice = start(session, version)
  choice.begin()
  choice.confirm()
  return choice.now
}

test('a start that dies before its window was drawn is followed by safer ones, until one lives', () => {
  expect(startAndDie()).toBe('automatic')
  expect(startAndDie()).toBe('plain')
  expect(startWell()).toBe('software')
  expect(startWell()).toBe('software')
})

test('where Vulkan is not on the screen anyway, the next is the processor', () => {
  const session = { hasPlain: false }
  expect([startAndDie(session), startWell(session)]).toEqual(['automatic', 'software'])
})

test('another version tries again what failed by itself, and keeps what a person chose', () => {
  startAndDie()
  expect(startWell()).toBe('plain')
  expect(startWell({}, '1.1.0')).toBe('automatic')
  start({}, '1.1.0').choose('software')
  expect(startWell({}, '1.2.0')).toBe('software')
  const again = start({}, '1.2.0')
  expect(again.others).toEqual(['automatic'])
  again.choose('automatic')
  expect(startWell({}, '1.2.0')).toBe('automatic')
})

test('a start that finds another one running says nothing of its own', () => {
  const first = start()
  first.begin()
  start()
  first.confirm()
  expect(startWell()).toBe('automatic')
})

test('X11 comes from the command line: a start without it hands over once, and a display that is not there ends nothing for good', () => {
  start({ hasX11: true }).choose('x11')
  const first = start({ hasX11: true })
  expect(first.wantsX11).toBe(true)
  first.handOver()
  const second = start({ onX11: true })
  expect([second.now, second.wantsX11]).toEqual(['x11', false])
  second.begin()
  second.confirm()
  // The next time nobody shows X11 programs, and the second start dies before any script of ours runs.
  start({ hasX11: true }).handOver()
  const after = start({ hasX11: true })
  expect([after.now, after.wantsX11]).toEqual(['software', false])
})

test('is private, and whatever else stands in the file is the usual way', () => {
  startWell()
  expect(statSync(file()).mode & 0o777).toBe(0o600)
  expect(statSync(home).mode & 0o777).toBe(0o700)
  for (const broken of ['', '{', '{"graphics":"--no-sandbox","starting":true}', '[]']) {
    writeFileSync(file(), broken)
    expect(start().now).toBe('automatic')
  }
})

test('a data folder that cannot be made is told later, on a page', () => {
  writeFileSync(join(home, '..', '..', 'new'), 'a file in the way')
  expect(startWell()).toBe('automatic')
  expect(existsSync(file())).toBe(false)
  expect(readFileSync(join(home, '..'), 'utf8')).toBe('a file in the way')
})
