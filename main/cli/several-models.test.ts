/** Two models came with the program: which one a command takes, and what it says of the other. */
import { cpSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { describeGpu } from '../../gpu/testing/gpu-testing'
import { writeTwoModels } from '../../gpu/testing/two-models'
import { cli } from './testing/cli'

const folder = mkdtempSync(join(tmpdir(), 'readonce-several-'))
afterAll(() => rmSync(folder, { recursive: true }))
const at = (name: string): string => join(folder, name)
const as = { env: { READONCE_MODELS: at('models') }, best: true }
const ask = (...more: string[]) =>
  cli(['ask', at('text.txt'), 'What rose?', '--library', at('library'), '--tokens', '4', ...more], as)

beforeAll(async () => {
  await writeTwoModels(at('models'))
  writeFileSync(at('text.txt'), 'The sun rose. '.repeat(60))
})

describeGpu('several models that came with the program', () => {
  it('the best one answers where none is named, and any by its name or folder', async () => {
    const readings = async () => {
      const run = await cli(['documents', '--library', at('library'), '--json'], as)
      return run.records.flatMap(({ readings }) => Object.values(readings as object)).map(r => r.modelName)
    }
    expect(await ask()).toMatchObject({ code: 0 })
    expect(await readings()).toEqual(['readonce-base'])
    // A folder that is given is called as that folder, whatever its card says.
    for (const [given, name] of [
      ['small', 'readonce-small'],
      ['readonce-small', 'readonce-small'],
      [at('models/small'), 'small']
    ] as const) {
      const run = await ask('--model', given)
      expect(run.code).toBe(0)
      expect(await readings()).toContain(name)
    }
    expect((await readings()).sort()).toEqual(['readonce-base', 'readonce-small', 'small'])
    const told = await cli(['models', '--library', at('library')], as)
    expect(told.stdout).toMatch(
      /^readonce-base \(embedded, --model base\)[^]*\nreadonce-small \(embedded, --model small\)/
    )
  })

  it('what each would take is told before reading, the better answers first', async () => {
    const plan = (...more: string[]) => ask('--json', '--library', at('planned'), ...more)
    const first = (await plan()).last('plan')
    expect(first.offers).toEqual([
      { model: 'base', name: 'readonce-base', seconds: first.seconds },
      { model: 'small', name: 'readonce-small', seconds: expect.any(Number) }
    ])
    const other = (await plan('--model', 'small')).last('plan')
    expect(other.offers[1].seconds).toBe(other.seconds)
    // That one has read all of it.
    expect(other.offers[0].seconds).toBe(0)
    const people = await ask('--library', at('people'))
    expect(people.stderr).toMatch(
      /The better answers first: readonce-base \(--model base\): about .+; readonce-small \(--model small\): about .+\.\n/
    )
    cpSync(at('models/small'), at('one/small'), { recursive: true })
    const alone = await cli(
      ['ask', at('text.txt'), 'What rose?', '--library', at('alone'), '--tokens', '1', '--json'],
      { ...as, env: { READONCE_MODELS: at('one') } }
    )
    expect(alone.last('plan')).not.toHaveProperty('offers')
  })

  it('a word that is neither a model nor a folder is refused, and says what there is', async () => {
    const run = await ask('--model', 'large')
    expect([run.code, run.stdout]).toEqual([2, ''])
    expect(run.stderr).toMatch(
      /^--model is "large", and there is neither such a model nor such a folder\. With the program came: base \(readonce-base\), small \(readonce-small\)\./
    )
    expect((await ask('--model', at('nowhere'))).stderr).toMatch(/There is no model folder .*nowhere/)
  })
})
