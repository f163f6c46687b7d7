/** `logits` against the reference in double precision, for model folders in both layouts: chunked, paged, early exit and all. */
import { cpSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { beforeAll, describe, expect, test } from 'vitest'
import { ReferenceModel } from '../../gpu/testing/reference-model'
import { relativeError } from '../../gpu/testing/relative-error'
import { type RandomModel, type TinyKind, writeTinyModel } from '../../gpu/testing/tiny-model'
import { cli, temporary } from './testing/cli'

const folder = temporary()
const length = 270

describe.each<TinyKind>(['official-window', 'fla-retention'])('%s', kind => {
  let model: RandomModel
  let exact: Float64Array[]
  const tokens = join(folder, `${kind}.json`)
  const ids = Array.from({ length }, (_, i) => (i * 7919 + 13) % 260)

  const logits = async (...args: string[]) => {
    const run = await cli(['logits', '--model', join(folder, kind), '--tokens', tokens, ...args])
    expect(run.code, run.stderr).toBe(0)
    expect(run.records).toHaveLength(1)
    return run.last('logits') as unknown as { positions: number[]; logits: number[][] }
  }
  const worst = (found: { positions: number[]; logits: number[][] }) =>
    Math.max(...found.logits.map((row, i) => relativeError(row, exact[found.positions[i]])))

  beforeAll(async () => {
    model = await writeTinyModel(join(folder, kind), kind, { seed: 21, dtype: 'BF16' })
    writeFileSync(tokens, JSON.stringify(ids))
    exact = new ReferenceModel(model.config, model.tensor).logits(ids)
  })

  test('by other product kernels: the same within rounding', async () => {
    const found = await logits('--positions', 'all', '--kv', 'f32', '--kernels', 'subgroups')
    expect(worst(found)).toBeLessThan(1e-4)
  })

  test('every position, in both precisions of keys and values', async () => {
    const half = await logits('--positions', 'all', '--json')
    expect(half.positions).toEqual(Array.from({ length }, (_, i) => i))
    expect(worst(half)).toBeLessThan(5e-3)
    const full = await logits('--positions', 'all', '--kv', 'f32', '--chunk', '64')
    expect(worst(full)).toBeLessThan(1e-4)
    // Half precision was really used.
    expect(worst(half)).toBeGreaterThan(worst(full))
  })

  test('chunk lengths 1, 7 and uneven, and the last position alone, give the same numbers', async () => {
    const [whole, ...others] = await Promise.all([
      logits('--positions', '269,5,256'),
      ...['1', '7', '113'].map(chunk => logits('--positions', '269,5,256', '--chunk', chunk))
    ])
    expect(whole.positions).toEqual([269, 5, 256])
    expect(worst(whole)).toBeLessThan(5e-3)
    for (const other of others)
      for (const [i, row] of other.logits.entries())
        expect(relativeError(row, whole.logits[i])).toBeLessThan(2e-6)
    const last = await logits()
    expect(last.positions).toEqual([269])
    expect(relativeError(last.logits[0], whole.logits[0])).toBeLessThan(2e-6)
  })
})

test.each([
  ['270', /270 is not a position from 0 to 269/],
  ['first', /"first" is not a position/],
  ['1,,2', /"" is not a position/],
  ['-1', /.*/]
])('positions that are not there: --positions=%s', async (positions, reason) => {
  const args = [
    'logits',
    '--model',
    join(folder, 'fla-retention'),
    '--tokens',
    join(folder, 'fla-retention.json')
  ]
  const run = await cli([...args, `--positions=${positions}`])
  expect([run.code, run.stdout]).toEqual([2, ''])
  expect(run.stderr).toMatch(reason)
})

test('weights without a tokenizer compute logits, and read no text', async () => {
  const bare = join(folder, 'bare')
  cpSync(join(folder, 'fla-retention'), bare, { recursive: true })
  for (const name of ['tokenizer.json', 'tokenizer_config.json']) rmSync(join(bare, name))
  const positions = ['--tokens', join(folder, 'fla-retention.json'), '--positions', '5,269', '--kv', 'f32']
  const [whole, without] = await Promise.all(
    [join(folder, 'fla-retention'), bare].map(model =>
      cli(['logits', '--model', model, ...positions, '--json'])
    )
  )
  expect(without.code, without.stderr).toBe(0)
  expect(without.last('logits')).toEqual(whole.last('logits'))
  const read = await cli([
    'ask',
    '--model',
    bare,
    '--library',
    join(folder, 'library'),
    join(bare, 'config.json'),
    'x'
  ])
  expect(read.code).not.toBe(0)
  expect(read.stderr).toContain('bare has no tokenizer.json, so it can compute logits but not read text')
})

test('product kernels that the adapter cannot run are refused, with what it lacks; unknown ones with the names', async () => {
  const on = [
    'logits',
    '--model',
    join(folder, 'official-window'),
    '--tokens',
    join(folder, 'official-window.json')
  ]
  const refused = await cli([...on, '--kernels', 'matrices'])
  expect(refused.code).not.toBe(0)
  expect(refused.stderr).toMatch(/The product kernels "matrices" were asked for, and the adapter .* lacks/)
  const unknown = await cli([...on, '--kernels', 'quick'])
  expect([unknown.code, unknown.stderr]).toEqual([2, expect.stringContaining('plain, tiles, subgroups')])
})
