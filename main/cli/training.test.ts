/**
 * The recipe of training/ on a handful of texts, step by step, and what it exports on the engine: PyTorch's logits.
 * Skipped, and said so, where PyTorch is not installed.
 */
import { readFileSync, writeFileSync } from 'node:fs'
import { beforeAll, describe, expect, test } from 'vitest'
import { relativeError } from '../../gpu/testing/relative-error'
import { cities } from './needle-text'
import { cli } from './testing/cli'
import { pythonWith, trainingFolder } from './testing/training'

const python = pythonWith('torch, numpy')
const { at, step, stopped, writeData } = trainingFolder()

describe.skipIf(python === undefined)('the recipe of training/', () => {
  beforeAll(() => {
    writeData()
    step(python!, 'training/train_tokenizer.py', at('data'), at('tokenizer'), '400')
    step('node', 'training/prepare.mjs', at('data'), at('tokenizer'), at('cut'))
  })

  test('texts for the scores are kept out of the texts for training', () => {
    const held = readFileSync(at('cut', 'held-qa.jsonl'), 'utf8').trim().split('\n')
    expect(held).toHaveLength(3)
    const used = readFileSync(at('cut', 'qa.jsonl'), 'utf8').trim().split('\n')
    // Three paragraphs between the two are in neither.
    expect(used).toHaveLength(54)
    expect(readFileSync(at('cut', 'held-text.bin')).length).toBeGreaterThan(100)
  })

  test('planted facts: alike ones cannot be confused, and no city is one of the scores', () => {
    step(python!, 'training/test_facts.py')
    const listed =
      'import json, sys; sys.path.insert(0, "training"); import facts; print(json.dumps([*facts.CITIES, *facts.MORE_CITIES]))'
    const known = JSON.parse(step(python!, '-c', listed)) as string[]
    expect(known.length).toBeGreaterThan(150)
    expect(known.filter(city => cities.includes(city))).toEqual([])
  })

  test.each(['tiny', 'tiny-retention', 'tiny-1+3'])('%s: trained, exported, on the engine', async shape => {
    const common = ['--data', at('cut'), '--tokenizer', at('tokenizer'), '--to', at(shape), '--shape', shape]
    step(python!, 'training/train.py', ...common, '--minutes', '5', '--tokens', '512', '--steps', '3')
    // Goes on from its checkpoint, now in two processes.
    const two = ['--tokens', '256', '--workers', '2']
    step(python!, 'training/train.py', ...common, ...two, '--minutes', '5', '--steps', '5')
    step(python!, 'training/export.py', at(shape, 'state.pt'), at('tokenizer'), at(shape, 'model'))

    const ids = Array.from({ length: 150 }, (_, i) => (i * 7919 + 13) % 400)
    writeFileSync(at('ids.json'), JSON.stringify(ids))
    const exact = JSON.parse(
      step(python!, 'training/logits.py', at(shape, 'model'), at('ids.json'))
    ) as number[][]
    const run = await cli([
      ...['logits', '--model', at(shape, 'model'), '--tokens', at('ids.json')],
      ...['--positions', 'all', '--kv', 'f32']
    ])
    expect(run.code, run.stderr).toBe(0)
    const { logits } = run.last('logits') as unknown as { logits: number[][] }
    expect(logits).toHaveLength(150)
    expect(Math.max(...logits.map((row, i) => relativeError(row, exact[i])))).toBeLessThan(1e-4)
  })

  test.each(['1', '2'])(
    'SIGTERM to the program alone keeps what was trained by %s processes',
    async workers => {
      const to = at(`stopped-${workers}`)
      const data = ['--data', at('cut'), '--tokenizer', at('tokenizer'), '--to', to]
      const how = ['--shape', 'tiny', '--tokens', '256', '--workers', workers, '--minutes', '60']
      // A line every 50 steps.
      await stopped(to, 90_000, python!, 'training/train.py', ...data, ...how)
    }
  )
})
