import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, it } from 'vitest'
import { weightsBeside } from './weights-beside'

let folder = ''
const told: string[] = []
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'readonce-weights-'))
  told.length = 0
})
afterEach(() => rm(folder, { recursive: true, force: true }))

const store = (at = folder) =>
  weightsBeside({ name: 'mine', folder: at }, sentence => void told.push(sentence))
const weights = (...pieces: number[][]) => ({
  bytes: pieces.flat().length,
  async *pieces() {
    for (const piece of pieces) yield Uint8Array.from(piece)
  }
})
const bytesOf = async (source: { size: number; read(at: number, into: Uint8Array): Promise<void> }) => {
  const into = new Uint8Array(source.size - 1)
  await source.read(1, into)
  return [...into]
}
const name = 'model.int4.safetensors'

it('are a file beside the model, whole or not there, and found again', async () => {
  const first = store()
  expect(await first.open(name)).toBeUndefined()
  expect(await bytesOf(await first.keep(name, weights([1, 2], [3], [4, 5])))).toEqual([2, 3, 4, 5])
  await first.close()
  expect(told).toEqual([`Making ${name} of mine (5 bytes), kept beside the model for the next time.`])
  expect(await readdir(folder)).toEqual([name])

  const again = store()
  expect(await bytesOf((await again.open(name))!)).toEqual([2, 3, 4, 5])
  await again.close()
})

it('what fails in the making leaves what was there, and nothing besides', async () => {
  await writeFile(join(folder, name), 'before')
  const broken = {
    bytes: 9,
    async *pieces() {
      yield Uint8Array.of(1)
      throw new Error('row 3 is no number')
    }
  }
  await expect(store().keep(name, broken)).rejects.toThrow('row 3 is no number')
  expect(await readFile(join(folder, name), 'utf8')).toBe('before')
  expect(await readdir(folder)).toEqual([name])
})

it('what a crash left is written over', async () => {
  await writeFile(join(folder, `${name}.tmp`), 'longer than what comes')
  const once = store()
  await once.keep(name, weights([7, 8]))
  await once.close()
  expect([...(await readFile(join(folder, name)))]).toEqual([7, 8])
})

it('two at once: the second is told so', async () => {
  let go = (): void => undefined
  const slow = {
    bytes: 1,
    async *pieces() {
      await new Promise<void>(resolve => (go = resolve))
      yield Uint8Array.of(1)
    }
  }
  const first = store()
  const making = first.keep(name, slow)
  await expect.poll(() => readdir(folder)).toContain(`${name}.tmp`)
  await expect(store().keep(name, weights([2]))).rejects.toThrow(`${name} of mine is in use`)
  go()
  expect((await making).size).toBe(1)
  await first.close()
})

it('are held in memory where nothing can be written', async () => {
  const missing = join(folder, 'not there')
  expect(await bytesOf(await store(missing).keep(name, weights([1, 2], [3])))).toEqual([2, 3])
  expect(told[0]).toContain(`Nothing can be kept in ${missing}: it is made at every start.`)
})
