import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { inspectModel } from '../../gpu/index'
import { writeRandomModel } from '../../gpu/testing/tiny-model'
import { openModelFolder } from '../disk/model-files'
import { cli } from './testing/cli'

const folder = mkdtempSync(join(tmpdir(), 'readonce-own-weights-'))
afterAll(() => rmSync(folder, { recursive: true }))
const at = (name: string): string => join(folder, name)
const make = (out: string, ...more: string[]) => cli(['weights', at(out), '--model', at('model'), ...more])

beforeAll(async () => {
  const sizes = { dim: 128, layers: 4, ffn: 256, heads: 4, kvHeads: 2, vocab: 512, window: 32 }
  await writeRandomModel(at('model'), sizes)
})

test('a model of few bits is a folder of its own, and as small as was asked for', async () => {
  const own = readdirSync(at('model'))
  // Of somebody who makes weights beside it.
  for (const end of ['tmp', 'lock']) writeFileSync(at(`model/model.int8.safetensors.${end}`), '')
  const found = async (name: string) => {
    const files = await openModelFolder(at(name))
    const { weights, weightBytes, parameters } = await inspectModel(files)
    await files.close()
    return { weights, bits: (weightBytes * 8) / parameters }
  }
  for (const [name, bits, ...options] of [
    ['int8', 8.5, '--weights', 'int8'],
    ['int4', 5.7, '--weights', 'int4'],
    ['compact', 4.7, '--weights', 'int4', '--compact']
  ] as const) {
    expect(await make(name, ...options)).toMatchObject({ code: 0, stderr: '' })
    const { weights, bits: has } = await found(name)
    expect([name, weights]).toEqual([name, options[1]])
    expect(has, name).toBeGreaterThan(bits - 0.2)
    expect(has, name).toBeLessThan(bits + 0.2)
    expect(readdirSync(at(name))).toEqual(own)
    expect(readFileSync(join(at(name), 'tokenizer.json'))).toEqual(
      readFileSync(join(at('model'), 'tokenizer.json'))
    )
    // Packed for everybody, not for who made it.
    if (process.platform !== 'win32')
      expect(statSync(join(at(name), 'model.safetensors')).mode & 0o777).toBe(0o644)
  }
})

test.each([
  [['again', '--weights', 'f16'], /has f16 weights already\. Nothing was written/, 1],
  [['model', '--weights', 'int4'], /holds \d files already\. Give a folder that is new or empty/, 1],
  [['model/params.json', '--weights', 'int4'], /params\.json is no folder and cannot become one/, 1],
  [['none'], /needs --weights f16, int8 or int4/, 2],
  [['none', '--weights', 'int8', '--compact'], /--compact goes with --weights int4 only/, 2]
])('refused: %j', async ([out, ...more], why, code) => {
  const before = readdirSync(folder)
  const run = await make(out!, ...more)
  expect([run.code, run.stdout]).toEqual([code, ''])
  expect(run.stderr).toMatch(why)
  expect(readdirSync(folder)).toEqual(before)
})
