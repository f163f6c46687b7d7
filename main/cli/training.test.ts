/**
 * The recipe of training/ on a handful of texts, step by step, and what it exports on the engine: PyTorch's logits.
 * Skipped, and said so, where PyTorch is not installed.
 */
import { execFileSync } from 'node:child_process'
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { beforeAll, describe, expect, test } from 'vitest'
import { relativeError } from '../../gpu/testing/relative-error'
import { cli, temporary } from './testing/cli'

// Debian's Python first: another one on the path has no PyTorch of Debian's.
const python = ['/usr/bin/python3', 'python3'].find(program => {
  try {
    execFileSync(program, ['-c', 'import torch, numpy'], { stdio: 'ignore' })
    execFileSync('xz', ['--version'], { stdio: 'ignore' })
    return true
  } catch {
    return false
  }
})
const root = join(import.meta.dirname, '..', '..')
const folder = temporary()
const at = (...path: string[]): string => join(folder, ...path)
const step = (program: string, ...args: string[]): string =>
  execFileSync(program, args, { cwd: root, encoding: 'utf8', maxBuffer: 1 << 28, stdio: 'pipe' })

/** Enough of both training files for every step to have something to do. */
function writeData(): void {
  mkdirSync(at('data'))
  const towns = Array.from({ length: 60 }, (_, i) => `Town${String.fromCharCode(97 + (i % 26))}${i}`)
  const rows = towns.map((town, i) => ({
    source: 'squad_v1.1_train',
    context: `${town} lies on a river. It was built in ${1200 + i * 7} by ${i + 3} families, who came from the north.`,
    question: `When was ${town} built?`,
    answers: [String(1200 + i * 7)]
  }))
  const paragraph = (i: number): string =>
    `In the year ${1500 + i} the people of ${towns[i % 60]} sold ${i} barrels of salt and bought a bell for the tower of the church.`
  const document = (d: number): string =>
    Array.from({ length: 9 }, (_, i) => paragraph(d * 9 + i)).join('\n\n')
  writeFileSync(at('data', 'qa_train.jsonl'), rows.map(row => JSON.stringify(row)).join('\n'))
  writeFileSync(
    at('data', 'text_train.txt'),
    Array.from({ length: 60 }, (_, d) => document(d)).join('\n<|endoftext|>\n')
  )
  step('xz', at('data', 'qa_train.jsonl'), at('data', 'text_train.txt'))
}

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
})
