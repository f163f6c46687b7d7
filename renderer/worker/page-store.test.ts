import { openSync, readFileSync, readSync, statSync, closeSync, writeSync } from 'node:fs'
import { afterAll, beforeAll, expect, test } from 'vitest'
import type { DocumentInfo } from '../../contract/document'
import type { PageStore } from '../../gpu/index'
import { bookText, type RealMachine, realMachine } from '../testing/real-machine'
import { pageStore } from './page-store'
import { routesAt } from './routes'

// The verbs one by one; the engine over them is in ../engine/engine-client.test.ts.
let machine: RealMachine
let info: DocumentInfo
const identity = { engine: 1, text: 'x' }
const bytesOf = (length: number, seed: number): Uint8Array =>
  Uint8Array.from({ length }, (_, i) => (i * 31 + seed * 7) & 255)
const storeOf = (client: string, key = 'model-abc'): PageStore =>
  pageStore(routesAt(machine.host.bytes), info.id, key, client)

beforeAll(async () => {
  machine = await realMachine()
  info = await machine.addText('a.txt', bookText(1000))
})
afterAll(() => machine.end())

test('what is written comes back, in order, and the bytes told are those on disk', async () => {
  const store = storeOf('one')
  expect(await store.open(identity)).toEqual({ state: 'absent' })
  await store.begin(identity)
  await store.append('tokens', bytesOf(400, 1))
  // A payload may come in parts, of memory that is gone right after.
  const parts = [bytesOf(16, 2), bytesOf(70_000, 3), new Uint8Array()]
  const appended = store.append('page', ...parts)
  const expected = Buffer.concat(parts)
  parts[1].fill(0)
  await appended
  await store.append('carry', bytesOf(5, 4))
  await store.keepCheckpoint(bytesOf(3, 5), bytesOf(300, 6))
  expect(await store.checkpoint()).toEqual(new Uint8Array(Buffer.concat([bytesOf(3, 5), bytesOf(300, 6)])))
  const again = new Uint8Array(expected.length)
  expect(await store.read(1, again)).toBe(true)
  expect(Buffer.compare(again, expected)).toBe(0)
  await store.cut(2)
  await store.seal()
  expect(await store.checkpoint()).toBeUndefined()
  expect(store.bytes).toBe(statSync(machine.pageFile(info.id)).size)
  await store.close()
  expect(await storeOf('two').open(identity)).toEqual({
    state: 'complete',
    records: [
      { kind: 'tokens', length: 400 },
      { kind: 'page', length: expected.length },
      { kind: 'seal', length: 0 }
    ]
  })
})

test('what belongs to another identity is foreign, by name', async () => {
  expect(await storeOf('three').open({ ...identity, text: 'y' })).toEqual({
    state: 'foreign',
    differs: ['text']
  })
})

test('a damaged record is false, a wrong index or buffer a mistake', async () => {
  const path = machine.pageFile(info.id)
  const at = readFileSync(path).indexOf(bytesOf(400, 1)) + 17
  const file = openSync(path, 'r+')
  const byte = Buffer.alloc(1)
  readSync(file, byte, 0, 1, at)
  writeSync(file, Buffer.from([byte[0] ^ 1]), 0, 1, at)
  closeSync(file)
  const store = storeOf('four')
  await store.open(identity)
  expect(await store.read(0, new Uint8Array(400))).toBe(false)
  await expect(store.read(7, new Uint8Array(1))).rejects.toMatchObject({ code: 'not-found' })
  await expect(store.read(1, new Uint8Array(10))).rejects.toThrow('record 1 has 10 bytes, got more')
  await expect(store.read(1, new Uint8Array(99_000))).rejects.toThrow('has 99000 bytes, got 70016 bytes')
})

test('another client takes the file over, and the earlier one is told so', async () => {
  const [first, second] = [storeOf('five'), storeOf('six')]
  await first.open(identity)
  await second.open(identity)
  await expect(first.read(1, new Uint8Array(70_016))).rejects.toMatchObject({
    name: 'HostFailure',
    code: 'in-use'
  })
  expect(await second.read(1, new Uint8Array(70_016))).toBe(true)
  await first.close()
  expect(await second.read(1, new Uint8Array(70_016))).toBe(true)
})

test('a document that is not there, and a host that is gone, are told by code', async () => {
  const routes = routesAt(machine.host.bytes)
  await expect(pageStore(routes, '0000000000000000', 'm-1', 'x').open(identity)).rejects.toMatchObject({
    code: 'not-found'
  })
  const nobody = routesAt({ at: 'http://127.0.0.1:9/bytes', headers: {} })
  await expect(pageStore(nobody, info.id, 'm-1', 'x').open(identity)).rejects.toMatchObject({
    code: 'host-gone',
    message: expect.stringContaining('has ended')
  })
})
