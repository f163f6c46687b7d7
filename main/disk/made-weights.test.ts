import { existsSync } from 'node:fs'
import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, it } from 'vitest'
import { keepWeights, openWithWeights, removeWeights } from './made-weights'
import type { InstalledModel } from './models'

let folder = ''
let library = ''
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'readonce-made-'))
  library = join(folder, 'library')
})
afterEach(() => rm(folder, { recursive: true, force: true }))

async function model(embedded: boolean): Promise<InstalledModel> {
  const own = embedded ? join(folder, 'program') : join(library, 'models', 'mine')
  await mkdir(own, { recursive: true })
  await writeFile(join(own, 'params.json'), '{}')
  await writeFile(join(own, 'model.safetensors'), 'own')
  return { id: embedded ? 'embedded' : 'installed:mine', name: 'mine', folder: own, bytes: 5, embedded }
}

async function sent(name: string, bytes: string): Promise<string> {
  const drop = await mkdtemp(join(folder, 'drop-'))
  await writeFile(join(drop, name), bytes)
  return join(drop, name)
}

const textOf = async (files: Awaited<ReturnType<typeof openWithWeights>>, name: string) => {
  const source = await files.open(name)
  const into = new Uint8Array(source.size)
  await source.read(0, into)
  return Buffer.from(into).toString()
}

it.each([false, true])(
  'are found among the files of a model, replaced and removed (came with the program: %s)',
  async embedded => {
    const mine = await model(embedded)
    for (const bytes of ['codes', 'other codes']) {
      await keepWeights(library, mine, [await sent('model.int8.safetensors', bytes)])
      const files = await openWithWeights(library, mine, {})
      expect(await files.list()).toEqual(['model.int8.safetensors', 'model.safetensors', 'params.json'])
      expect(await textOf(files, 'model.int8.safetensors')).toBe(bytes)
      expect(await textOf(files, 'model.safetensors')).toBe('own')
      expect(await files.digest('model.int8.safetensors')).toMatch(/^[0-9a-f]{64}$/)
      await files.close()
    }
    // The program's own folder is nobody's to write in.
    expect(existsSync(join(mine.folder, 'model.int8.safetensors'))).toBe(!embedded)
    await removeWeights(library, mine, 'int8')
    await removeWeights(library, mine, 'int4')
    const files = await openWithWeights(library, mine, {})
    expect(await files.list()).toEqual(['model.safetensors', 'params.json'])
    await files.close()
  }
)

it('nothing else is taken for weights, and what was there stays', async () => {
  const mine = await model(false)
  for (const files of [
    [],
    [await sent('model.safetensors', 'not ours')],
    [await sent('params.json', '{"n":1}')],
    [await sent('model.int8.safetensors', 'a'), await sent('model.int4.safetensors', 'b')]
  ])
    await expect(keepWeights(library, mine, files)).rejects.toMatchObject({
      code: 'bad-request',
      message: expect.stringMatching(/one file called model\.f16, model\.int8 or model\.int4/)
    })
  expect((await readdir(mine.folder)).sort()).toEqual(['model.safetensors', 'params.json'])
  expect(await readFile(join(mine.folder, 'model.safetensors'), 'utf8')).toBe('own')
})
