/** `--weights` and `--kv`: made once, read in that precision, and readings of each kept apart. */
import { existsSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { beforeAll, expect, test } from 'vitest'
import { ReferenceModel } from '../../gpu/testing/reference-model'
import { relativeError } from '../../gpu/testing/relative-error'
import { type RandomModel, writeTinyModel } from '../../gpu/testing/tiny-model'
import { cli, temporary } from './testing/cli'

const folder = temporary()
const [library, text, tokens] = ['library', 'text.txt', 'tokens.json'].map(name => join(folder, name))
const ids = Array.from({ length: 60 }, (_, i) => (i * 7919 + 13) % 260)
const model = join(folder, 'tiny')
let tiny: RandomModel

beforeAll(async () => {
  tiny = await writeTinyModel(model, 'official-window', { seed: 21, dtype: 'F16' })
  writeFileSync(text, 'The keeper counted the ships that passed. '.repeat(20))
  writeFileSync(tokens, JSON.stringify(ids))
})

const read = async (...args: string[]) => {
  const run = await cli(['read', text, '--model', model, '--library', library, '--json', ...args])
  expect(run.code, run.stderr).toBe(0)
  return run.last('read') as unknown as {
    readonly tokens: number
    readonly reused: number
    readonly computed: number
    readonly pageFileBytes: number
  }
}

test('every precision has a reading of its own, and the own precision the one that was there', async () => {
  const first = await read()
  expect(first.computed).toBe(first.tokens)
  expect((await read('--weights', 'f16')).computed).toBe(0)
  expect(existsSync(join(model, 'model.f16.safetensors'))).toBe(false)

  const int4 = await read('--weights', 'int4')
  expect(int4.computed).toBe(int4.tokens)
  const made = statSync(join(model, 'model.int4.safetensors'))
  expect(made.size).toBeLessThan(0.6 * statSync(join(model, 'model.safetensors')).size)
  expect((await read('--weights', 'int4')).computed).toBe(0)
  const kept = statSync(join(model, 'model.int4.safetensors'))
  expect([kept.ino, kept.mtimeMs]).toEqual([made.ino, made.mtimeMs])

  const full = await read('--kv', 'f32')
  expect(full.computed).toBe(full.tokens)
  expect((await read('--kv', 'f32')).computed).toBe(0)
  const codes = await read('--kv', 'int8')
  expect(codes.computed).toBe(codes.tokens)
  expect(codes.pageFileBytes).toBeLessThan(0.8 * first.pageFileBytes)
  expect((await read('--kv', 'int8')).computed).toBe(0)
  expect((await read('--kv', 'f16')).computed).toBe(0)
  expect((await read()).computed).toBe(0)

  const documents = await cli(['documents', '--library', library, '--json'])
  const { readings } = documents.last('document') as unknown as {
    readings: Record<string, { modelName: string }>
  }
  const names = Object.values(readings).map(({ modelName }) => modelName)
  expect(names.sort()).toEqual(['tiny', 'tiny (K/V f32)', 'tiny (K/V int8)', 'tiny (int4)'])
})

test('logits are those of weights of that precision', async () => {
  const exact = new ReferenceModel(tiny.config, tiny.tensor).logits(ids)
  const worst = async (...args: string[]) => {
    const run = await cli([
      ...['logits', '--model', model, '--library', library, '--tokens', tokens],
      ...['--positions', 'all', '--kv', 'f32', ...args]
    ])
    expect(run.code, run.stderr).toBe(0)
    const found = run.last('logits') as unknown as { logits: number[][] }
    return Math.max(...found.logits.map((row, i) => relativeError(row, exact[i]!)))
  }
  const [own, int8, int4] = [
    await worst(),
    await worst('--weights', 'int8'),
    await worst('--weights', 'int4')
  ]
  expect(own).toBeLessThan(1e-4)
  expect(int8).toBeGreaterThan(10 * own)
  expect(int8).toBeLessThan(0.05)
  expect(int4).toBeGreaterThan(2 * int8)
})

test('what is made is told to people', async () => {
  rmSync(join(model, 'model.int8.safetensors'), { force: true })
  const run = await cli(['read', text, '--model', model, '--library', library, '--weights', 'int8'])
  expect(run.stderr).toMatch(/^Making model\.int8\.safetensors of tiny \(.*\), kept beside the model/)
})
