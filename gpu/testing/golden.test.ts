import { createHash } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { describe, expect, it } from 'vitest'
import { goldenModel, goldenTiny } from './golden-files'
import { ReferenceModel } from './reference-model'
import { ReferenceReading } from './reference-reading'
import { ranking } from './reference-sampling'
import { relativeError } from './relative-error'
import { storedModel } from './stored-model'
import { tinyKinds, tinyModel } from './tiny-model'

describe('the reference computes what PyTorch computes', () => {
  it.each(tinyKinds)('every logit of a random model: %s', kind => {
    const golden = goldenTiny(kind)
    const { config, tensor } = tinyModel(kind, golden.options)
    const logits = new ReferenceModel(config, tensor).logits(golden.tokens)
    logits.forEach((row, t) => expect(relativeError(row, golden.logits[t]!), `token ${t}`).toBeLessThan(1e-9))
  })

  const folder = fileURLToPath(new URL('../../assets/models/small', import.meta.url))

  it('belongs to the embedded model', () => {
    const digest = createHash('sha256')
      .update(readFileSync(`${folder}/model.safetensors`))
      .digest('hex')
    expect(digest, 'the embedded model is another: run golden/make_golden.py again').toBe(
      goldenModel().weights
    )
  })

  it.each(['one sentence', 'within the window'])('answers of the embedded model, in one pass: %s', name => {
    const golden = goldenModel().answers.find(answer => answer.name === name)!
    const { config, tensor } = storedModel(folder)
    const rows = new ReferenceModel(config, tensor).logits([...golden.tokens, ...golden.greedy.slice(0, -1)])
    const answer = rows.slice(golden.tokens.length - 1)
    const top = golden.topIds.map(id => answer[0]![id]!)
    expect(relativeError(top, golden.topLogits)).toBeLessThan(1e-7)
    expect(ranking(answer[0]!).slice(0, 16)).toEqual(golden.topIds)
    expect(answer.map(row => ranking(row)[0])).toEqual(golden.greedy)
  })

  it('an answer beyond the window, read in chunks with early exit', () => {
    const golden = goldenModel().answers.find(answer => answer.name === 'beyond the window')!
    const { config, tensor } = storedModel(folder)
    const reading = new ReferenceReading(config, tensor)
    for (let at = 0; at < golden.tokens.length; at += 100) reading.read(golden.tokens.slice(at, at + 100))
    const logits = reading.lastLogits()
    expect(
      relativeError(
        golden.topIds.map(id => logits[id]!),
        golden.topLogits
      )
    ).toBeLessThan(1e-7)
    expect(reading.greedy(8)).toEqual(golden.greedy.slice(0, 8))
  })
})
