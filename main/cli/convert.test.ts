/**
 * training/convert on a made-up Transformer of four layers: its own tests, then every command from the folder of the
 * transformers library to the engine. Skipped, and said so, where PyTorch or a package that reads models is not installed.
 */
import { readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import { relativeError } from '../../gpu/testing/relative-error'
import { cli } from './testing/cli'
import { pythonWith, trainingFolder } from './testing/training'

const withTorch = pythonWith('torch, numpy')
const python = pythonWith('torch, numpy, safetensors, tokenizers')
const { at, step, stopped, writeData } = trainingFolder()

test.skipIf(withTorch === undefined)('its own tests', () => {
  step(withTorch!, 'training/convert/test_convert.py')
  step(withTorch!, 'training/convert/test_upper.py')
  step(withTorch!, 'training/convert/test_own.py')
  step(withTorch!, 'training/convert/test_open.py')
})

describe.skipIf(python === undefined)('a Transformer of four layers becomes a YOCO', () => {
  // Sixteen programs, nine of which load PyTorch: two minutes on a computer that does something else besides.
  const timeout = 400_000
  const logitsOf = async (model: string): Promise<number[][]> => {
    const run = await cli([
      ...['logits', '--model', at(model), '--tokens', at('ids.json')],
      ...['--positions', 'all', '--kv', 'f32']
    ])
    expect(run.code, run.stderr).toBe(0)
    return (run.last('logits') as unknown as { logits: number[][] }).logits
  }
  /** A checkpoint becomes a model for the engine. */
  const exported = (run: string, model: string): string =>
    step(python!, 'training/convert/export_fla.py', at(run, 'state.pt'), at('tokenizer'), at(model))
  const compact = async (model: string): Promise<number[][]> => {
    const made = ['weights', at(`${model}-4`), '--model', at(model), '--weights', 'int4', '--compact']
    expect((await cli(made)).code).toBe(0)
    return logitsOf(`${model}-4`)
  }
  const apart = (a: number[][], b: number[][]) => Math.max(...a.map((row, i) => relativeError(row, b[i])))
  test('vocabulary, start in closed form, training, layout of the engine', { timeout }, async () => {
    writeData()
    step(python!, 'training/convert/testing.py', at('source'))
    const smaller = step(
      python!,
      'training/convert',
      at('source'),
      at('data'),
      at('tokenizer'),
      '--tokens',
      '340'
    )
    expect(smaller).toMatch(/gate D: 340 of 391 entries/)
    step('node', 'training/prepare.mjs', at('data'), at('tokenizer'), at('cut'))
    const sizes = ['--self', '2', '--cross', '2', '--window', '64', '--rows', '8', '--length', '256']
    const said = step(
      python!,
      ...['training/convert', at('source'), at('cut'), at('tokenizer'), at('start')],
      ...[...sizes, '--prompts', '4', '--far', '20']
    )
    expect(said).toMatch(/self-decoder: layers 0 to 1; cross-decoder: layers 2, 3/)
    expect(readFileSync(at('start', 'report.txt'), 'utf8')).toBe(said)

    const train = (...rest: string[]): string =>
      step(
        python!,
        ...['training/train.py', '--data', at('cut'), '--tokenizer', at('tokenizer'), '--to', at('run')],
        ...[
          '--from',
          at('start'),
          '--mixture',
          'answer',
          '--rate',
          '3e-4',
          '--minutes',
          '5',
          '--tokens',
          '512'
        ],
        ...rest
      )
    train('--steps', '2', '--longest', '512')
    train('--steps', '3', '--longest', '512', '--teacher', at('source'), '--frozen', '1', '--workers', '2')
    exported('run', 'model')

    const ids = Array.from({ length: 150 }, (_, i) => (i * 7919 + 13) % 340)
    writeFileSync(at('ids.json'), JSON.stringify(ids))
    const exact = JSON.parse(step(python!, 'training/logits.py', at('run'), at('ids.json'))) as number[][]
    const logits = await logitsOf('model')
    expect(logits).toHaveLength(150)
    expect(apart(logits, exact)).toBeLessThan(1e-4)

    // What learned with weights of 4 bits loses nothing more where these are made of it.
    train('--steps', '4', '--longest', '512', '--rounded')
    exported('run', 'rounded')
    expect(apart(await compact('rounded'), await logitsOf('rounded'))).toBeLessThan(0.01)
    expect(apart(await compact('model'), logits)).toBeGreaterThan(0.1)

    // The cross-decoder alone on kept streams, and what was rounded by GPTQ: it lies on the grids that ship.
    const upper = ['--samples', 'real:512:0.7,find:256:0.3', '--fresh', '1', '--again', '1', '--workers', '2']
    const folders = ['--data', at('cut'), '--tokenizer', at('tokenizer')]
    step(
      python!,
      ...['training/convert/train_upper.py', ...folders, '--from', at('run'), '--to', at('upper')],
      ...[...upper, '--steps', '3', '--rate', '2e-3', '--rising', '2']
    )
    step(
      python!,
      ...['training/convert/gptq.py', ...folders, '--from', at('upper'), '--to', at('gptq'), '--rows', '6']
    )
    for (const name of ['upper', 'gptq']) exported(name, `${name}-model`)
    expect(apart(await logitsOf('upper-model'), logits)).toBeGreaterThan(1e-3)
    expect(apart(await compact('gptq-model'), await logitsOf('gptq-model'))).toBeLessThan(0.01)
  })

  test('a source that is trained first, and a narrower one that learns its stream', { timeout }, () => {
    const folders = ['--data', at('cut'), '--tokenizer', at('tokenizer')]
    const convert = (source: string, to: string, ...rest: string[]): string =>
      step(python!, 'training/convert', at(source), at('cut'), at('tokenizer'), at(to), ...rest)
    expect(convert('source', 'as-it-is', '--as-it-is')).toMatch(/weights, as they are/)
    const train = (from: string, to: string, ...rest: string[]): string =>
      step(
        python!,
        ...['training/train.py', ...folders, '--from', at(from), '--to', at(to), '--point', '0'],
        ...[
          '--tokens',
          '512',
          '--longest',
          '512',
          '--rate',
          '3e-3',
          '--rising',
          '1',
          '--averaged',
          '0.2',
          ...rest
        ]
      )
    train('as-it-is', 'tuned', '--mixture', 'source', '--steps', '10')
    const sizes = ['--self', '2', '--upper', '2,3', '--window', '64', '--rows', '8', '--length', '256']
    const map = ['--prompts', '4', '--far', '20']
    convert('tuned', 'wide', ...sizes, ...map)
    convert('tuned', 'narrow', ...sizes, ...map, '--hidden', '64')
    train('narrow', 'student', '--mixture', 'taught', '--steps', '10', '--like', at('wide'), '--workers', '2')
    expect(() => train('narrow', 'none', '--mixture', 'taught', '--like', at('tuned'))).toThrow(
      /layers of the self-decoder instead of 2/
    )
    const weights = (folder: string): Buffer => readFileSync(at(folder, 'model.safetensors'))
    for (const [one, other] of [
      ['as-it-is', 'tuned'],
      ['narrow', 'student']
    ] as const)
      expect(weights(one).equals(weights(other)), other).toBe(false)
  })

  test('a smaller one that reads through a window and answers with heads open', { timeout }, async () => {
    const folders = ['--data', at('cut'), '--tokenizer', at('tokenizer')]
    const sizes = ['--window', '64', '--rows', '8', '--length', '256', '--prompts', '2']
    const open = (...rest: string[]): string =>
      step(
        python!,
        ...['training/convert', at('tuned'), at('cut'), at('tokenizer'), at('open'), ...sizes, ...rest]
      )
    expect(() => open('--open', '9')).toThrow(/--open is 9, expected 1 to 8/)
    expect(() => open('--open', '3', '--left-out', '0')).toThrow(/expected layers from 1 to 2/)
    expect(open('--open', '3', '--left-out', '1', '--hidden', '64', '--distance', '20')).toMatch(
      /open heads carry .* nats/
    )
    step(
      python!,
      ...['training/train.py', ...folders, '--from', at('open'), '--to', at('opened'), '--mixture', 'taught'],
      ...['--like', at('tuned'), '--alike', '1', '--hinted', '0.5', '--averaged', '0.2', '--steps', '6'],
      ...['--tokens', '512', '--longest', '512', '--rate', '3e-3', '--rising', '1', '--workers', '2']
    )
    exported('opened', 'opened-model')
    const exact = JSON.parse(step(python!, 'training/logits.py', at('opened'), at('ids.json'))) as number[][]
    const logits = await logitsOf('opened-model')
    expect(logits).toHaveLength(150)
    // Training's own weights are kept in halves, the checkpoint's in float32.
    expect(apart(logits, exact)).toBeLessThan(2e-3)

    const rounded = (...rest: string[]): string =>
      step(
        python!,
        ...['training/convert/gptq.py', ...folders, '--from', at('opened'), '--to', at('opened-gptq')],
        ...['--rows', '6', '--length', '256', ...rest]
      )
    expect(() => rounded('--half', 'self')).toThrow(/has open windows and no halves/)
    rounded()
    exported('opened-gptq', 'opened-gptq-model')
    const shipped = await compact('opened-gptq-model')
    expect(apart(shipped, await logitsOf('opened-gptq-model'))).toBeLessThan(0.01)

    // What ships goes back into training's form, and says there what it says in the engine.
    const reopen = (model: string): string =>
      step(python!, 'training/convert/reopen.py', at(model), at('reopened'), '--left-out', '1')
    expect(() => reopen('model')).toThrow(/expected "open_window"/)
    reopen('opened-gptq-model-4')
    const again = JSON.parse(
      step(python!, 'training/logits.py', at('reopened'), at('ids.json'))
    ) as number[][]
    expect(apart(shipped, again)).toBeLessThan(2e-3)
    const scores = step(
      python!,
      ...['training/convert/scores.py', at('cut'), at('tokenizer'), at('reopened'), '--sets', 'near:1,f1:1:1']
    )
    expect(scores).toMatch(/near:1: loss \d.*\nf1:1:1: F1 \d/)
  })

  test('SIGTERM to the training of the cross-decoder alone keeps what was trained', { timeout }, async () => {
    const to = at('stopped')
    // A line every 25 steps.
    await stopped(
      to,
      200_000,
      python!,
      ...['training/convert/train_upper.py', '--data', at('cut'), '--tokenizer', at('tokenizer')],
      ...['--from', at('start'), '--to', to, '--samples', 'real:512:1', '--fresh', '1', '--again', '1'],
      ...['--workers', '2', '--minutes', '60']
    )
  })

  test('what cannot be converted is refused in words', () => {
    step(python!, 'training/convert/testing.py', at('other'), 'qwen3')
    const convert = (): string =>
      step(python!, 'training/convert', at('other'), at('cut'), at('tokenizer'), at('no'))
    expect(convert).toThrow(/q_norm/)
    const narrow = (): string =>
      step(python!, 'training/convert', at('source'), at('cut'), at('tokenizer'), at('no'), '--hidden', '50')
    const smaller = (): string => step(python!, 'training/convert', at('source'), at('cut'), at('none'))
    expect(smaller).toThrow(
      /has no text_train.txt.xz. Name the folder that holds what the model's card names/
    )
    expect(narrow).toThrow(/--hidden is 50, expected a multiple of 32 from 32 to 96/)
    expect(readdirSync(at('no'))).toEqual([])
  })
})
