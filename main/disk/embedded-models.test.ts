import {
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  rmSync,
  statSync,
  writeFileSync
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { embeddedModels } from './embedded-models'

const assets = join(import.meta.dirname, '..', '..', 'assets')
let folder = ''
beforeEach(() => (folder = mkdtempSync(join(tmpdir(), 'readonce-embedded-'))))
afterEach(() => rmSync(folder, { recursive: true }))

function model(name: string, card?: object): void {
  mkdirSync(join(folder, name))
  writeFileSync(join(folder, name, 'params.json'), '{}')
  writeFileSync(join(folder, name, 'model.safetensors'), '')
  if (card)
    writeFileSync(join(folder, name, 'readonce.json'), JSON.stringify({ description: 'It.', ...card }))
}

test('the better answers come first, whatever the folders are called; what holds no model is none', async () => {
  model('small', { rank: 1 })
  model('base', { rank: 2, name: 'Base 1.0' })
  model('zero')
  mkdirSync(join(folder, 'empty'))
  expect(await embeddedModels(assets, folder)).toEqual([
    { id: 'embedded:base', name: 'Base 1.0', folder: join(folder, 'base') },
    { id: 'embedded', name: 'readonce-small', folder: join(folder, 'small') },
    { id: 'embedded:zero', name: 'readonce-zero', folder: join(folder, 'zero') }
  ])
  expect(await embeddedModels(assets, join(folder, 'nowhere'))).toEqual([])
})

test('the small one keeps id and name without its readonce.json, so that its readings are found', async () => {
  const [named] = (await embeddedModels(assets)).filter(({ id }) => id === 'embedded')
  expect(named).toMatchObject({ name: 'readonce-small', folder: join(assets, 'models', 'small') })
  cpSync(named.folder, join(folder, 'small'), { recursive: true })
  for (const broken of ['{"name": 5}', '{']) {
    writeFileSync(join(folder, 'small', 'readonce.json'), broken)
    expect(await embeddedModels(assets, folder)).toMatchObject([{ id: 'embedded', name: 'readonce-small' }])
  }
})

/** Decimal megabytes: what a person downloads besides the program. */
const most = 45e6

test('no model that comes with the program has more than 45 MB of weights, and each says its name and rank', async () => {
  const models = await embeddedModels(assets)
  expect(models.length).toBeGreaterThan(0)
  for (const { folder } of models) {
    const own = readdirSync(folder).filter(name => !/^model\.(f16|int8|int4)\.safetensors/.test(name))
    const bytes = own
      .filter(name => name.endsWith('.safetensors'))
      .reduce((sum, name) => sum + statSync(join(folder, name)).size, 0)
    expect([folder, bytes]).toEqual([folder, Math.min(bytes, most)])
    expect(existsSync(join(folder, 'readonce.json'))).toBe(true)
    expect(own).toContain('README.md')
  }
})
