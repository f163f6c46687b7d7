import { createHash } from 'node:crypto'
import { existsSync, mkdtempSync, readdirSync, statSync, utimesSync, writeFileSync } from 'node:fs'
import { hostname, tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest'
import { Random } from '../../gpu/testing/random'
import { PageFile } from './page-file'
import { bundle, removed, start } from './testing/child'
import { checkpointOf, identity, pageOf, recordsOf } from './testing/pages-of'

const folder = mkdtempSync(join(tmpdir(), 'readonce-process-'))
let script: string
let path: string
let count = 0
beforeAll(async () => {
  script = await bundle('page-writer', folder)
})
beforeEach(() => {
  path = join(folder, `document-${count++}`, 'model.pages')
})
afterAll(() => removed(folder))

/** Opens, checks every record and the checkpoint, closes. Returns how many records there are. */
async function check(): Promise<number> {
  const pages = new PageFile(path)
  const saved = await pages.open(identity)
  if (saved.state !== 'partial') throw new Error(`the page file is ${saved.state}`)
  for (const [i, { length }] of saved.records.entries()) {
    const into = new Uint8Array(length)
    expect(await pages.read(i, into), `record ${i}`).toBe(true)
    expect(Buffer.compare(into, pageOf(i)), `record ${i}`).toBe(0)
  }
  const mark = await pages.checkpoint()
  if (mark) {
    expect(Buffer.compare(mark, checkpointOf(recordsOf(mark)))).toBe(0)
    expect(recordsOf(mark)).toBeLessThanOrEqual(saved.records.length)
  }
  await pages.close()
  return saved.records.length
}

test('P2 P11 P14 a writer killed at random moments: what was written is intact, the next one goes on', async () => {
  const random = new Random(14)
  let before = 0
  for (let round = 0; round < 6; round++) {
    const child = start(script, [path, 'write'])
    await child.said(`start ${before}\n`)
    // It writes for ever; every fifth record is told.
    await child.said(`kept ${5 * Math.ceil(before / 5 + random.integer(5))}\n`)
    await new Promise(resolve => setTimeout(resolve, random.integer(20)))
    child.process.kill('SIGKILL')
    await child.ended
    expect(existsSync(path.replace('.pages', '.lock'))).toBe(true)
    const now = await check()
    expect(now).toBeGreaterThanOrEqual(before)
    before = now
  }
  expect(before).toBeGreaterThan(10)
})

test.skipIf(process.platform === 'win32')(
  'P8 a full disk is told with both numbers and costs no record',
  async () => {
    const child = start(script, [path, 'write'], 64)
    const { output } = await child.ended
    expect(output).toMatch(
      /failed disk-full: A limit of this user .* \d\.\d kB more are needed, and [\d.]+ .B are free/
    )
    expect(output).toContain('cut back')
    const left = Number(/left (\d+)/.exec(output)?.[1])
    expect(left).toBeGreaterThan(5)
    expect(await check()).toBe(left)
    expect(statSync(path).size).toBeLessThanOrEqual(64 * 1024)
  }
)

test('P14 a living holder in another process is respected, a killed one is not', async () => {
  const child = start(script, [path, 'hold'])
  await child.said('start 0')
  const pages = new PageFile(path)
  await expect(pages.open(identity)).rejects.toMatchObject({ code: 'in-use' })
  await expect(pages.begin(identity)).rejects.toThrow(`process ${child.process.pid}`)
  await pages.close()
  child.process.kill('SIGKILL')
  await child.ended
  expect((await pages.open(identity)).state).toBe('partial')
  const second = new PageFile(path)
  await expect(second.open(identity)).rejects.toThrow('this program already')
  await second.close()
  // The refused one must not have let go of the other's lock.
  await expect(second.open(identity)).rejects.toMatchObject({ code: 'in-use' })
  await pages.close()
  expect((await second.open(identity)).state).toBe('partial')
  await second.close()
  expect(readdirSync(join(path, '..')).sort()).toEqual(['model.pages'])
})

test('P14 locks of dead, reborn, damaged and far-away holders', async () => {
  const pages = new PageFile(path)
  await pages.begin(identity)
  await pages.close()
  const lock = path.replace('.pages', '.lock')
  const holder = { pid: process.pid, started: '1', host: hostname(), since: Date.now(), token: 'x' }
  const dead = [
    // The same number, another process.
    ...(existsSync('/proc/self/stat') ? [JSON.stringify(holder)] : []),
    // Before this computer was started.
    JSON.stringify({ ...holder, started: undefined, since: 1000 }),
    '{"pid":',
    '',
    JSON.stringify({ ...holder, pid: -5 })
  ]
  for (const content of dead) {
    writeFileSync(lock, content)
    expect((await pages.open(identity)).state, content).toBe('partial')
    await pages.close()
    expect(existsSync(lock)).toBe(false)
  }
  // A process killed while it was removing a dead lock.
  writeFileSync(lock, '{}')
  const guard = `${lock}.${createHash('sha256').update('{}').digest('hex').slice(0, 12)}.taking`
  writeFileSync(guard, '')
  await expect(pages.open(identity)).rejects.toThrow('several programs at once')
  utimesSync(guard, 1000, 1000)
  expect((await pages.open(identity)).state).toBe('partial')
  await pages.close()
  expect(readdirSync(join(path, '..'))).toEqual(['model.pages'])
  writeFileSync(lock, JSON.stringify({ ...holder, host: 'elsewhere' }))
  await expect(pages.open(identity)).rejects.toThrow(
    `on the computer elsewhere (process ${process.pid}); if it no longer runs, delete ${lock}`
  )
})

test('P14 of many that come at once over a dead lock, one gets it', async () => {
  const setup = new PageFile(path)
  await setup.begin(identity)
  await setup.close()
  for (let round = 0; round < 40; round++) {
    writeFileSync(path.replace('.pages', '.lock'), '{}')
    const all = Array.from({ length: 8 }, () => new PageFile(path))
    const results = await Promise.allSettled(all.map(pages => pages.open(identity)))
    expect(results.filter(result => result.status === 'fulfilled').length).toBe(1)
    for (const pages of all) await pages.close()
    expect(readdirSync(join(path, '..'))).toEqual(['model.pages'])
  }
})

test('P14 of many processes that come at once over a dead lock, one gets it', async () => {
  const setup = new PageFile(path)
  await setup.begin(identity)
  await setup.close()
  writeFileSync(path.replace('.pages', '.lock'), '{}')
  const all = Array.from({ length: 5 }, () => start(script, [path, 'hold']))
  const refused = all.map(child => child.ended.then(({ output }) => output.includes('in-use')))
  await Promise.any(all.map(child => child.said('start 0')))
  // The four that are refused end by themselves; the one that holds does not.
  let ended = 0
  await new Promise<void>(resolve =>
    all.forEach(child => void child.ended.then(() => ++ended === 4 && resolve()))
  )
  for (const child of all) child.process.kill('SIGKILL')
  expect((await Promise.all(refused)).filter(Boolean).length).toBe(4)
})
