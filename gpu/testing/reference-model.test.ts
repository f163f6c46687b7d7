import { describe, expect, it } from 'vitest'
import { Random } from './random'
import { ReferenceModel } from './reference-model'
import { ReferenceReading } from './reference-reading'
import { relativeError } from './relative-error'
import { tinyKinds, tinyModel } from './tiny-model'

const length = 37

describe.each(tinyKinds)('%s', kind => {
  const { config, tensor } = tinyModel(kind, { seed: 17 })
  const model = new ReferenceModel(config, tensor)
  const tokens = new Random(23).tokens(length, config.vocabSize)
  const full = model.logits(tokens)

  it.each([[1], [7], [5, 1, 16, 3], [length]])('read in chunks of %s is one full pass', (...chunks) => {
    const reading = new ReferenceReading(config, tensor)
    for (let at = 0, n = 0; at < length; n++) {
      const end = Math.min(length, at + chunks[n % chunks.length]!)
      reading.read(tokens.slice(at, end))
      // The cross-decoder ran for this one token only, over rows that earlier chunks left.
      expect(relativeError(reading.lastLogits(), full[end - 1]!)).toBeLessThan(1e-11)
      at = end
    }
  })

  it('does not see the future', () => {
    const shorter = model.logits(tokens.slice(0, 20))
    shorter.forEach((row, t) => expect(relativeError(row, full[t]!)).toBeLessThan(1e-12))
  })

  it('names its intermediate results', () => {
    const seen = model.run(tokens)
    const rows = (name: string) => seen.get(name)!.length / length
    expect(rows(`self.${config.selfLayers - 1}`)).toBe(config.dim)
    expect(rows(`cross.${config.crossLayers - 1}`)).toBe(config.dim)
    expect(rows('k')).toBe(config.cross.kvHeads * config.cross.headDim)
    expect(rows('mass')).toBe(length)
    const total = seen
      .get('mass')!
      .subarray(-length)
      .reduce((a, b) => a + b)
    expect(total).toBeCloseTo(config.crossLayers * config.cross.heads, 10)
    expect(seen.has('self.0.state')).toBe(config.self.kind === 'gated-retention')
  })

  it('every tensor matters', () => {
    const roles = new Set<string>()
    new ReferenceModel(config, role => (roles.add(role), tensor(role))).logits(tokens)
    for (const spoiled of roles) {
      const other = new ReferenceModel(config, role =>
        role === spoiled ? tensor(role).map(x => 1.05 * x + 0.01) : tensor(role)
      )
      const error = relativeError(other.logits(tokens)[length - 1]!, full[length - 1]!)
      expect(error, spoiled).toBeGreaterThan(1e-4)
    }
  })
})

it('shared rows rounded to codes or halves change the logits a little, to f32 hardly', () => {
  const { config, tensor } = tinyModel('official-window', { seed: 17 })
  const tokens = new Random(23).tokens(length, config.vocabSize)
  const exact = new ReferenceModel(config, tensor).logits(tokens)[length - 1]!
  const rounded = (roundKv: 'int8' | 'f16' | 'f32') =>
    relativeError(new ReferenceModel(config, tensor, { roundKv }).logits(tokens)[length - 1]!, exact)
  expect(rounded('int8')).toBeGreaterThan(2 * rounded('f16'))
  expect(rounded('int8')).toBeLessThan(5e-2)
  expect(rounded('f16')).toBeGreaterThan(1e-6)
  expect(rounded('f16')).toBeLessThan(5e-3)
  expect(rounded('f32')).toBeGreaterThan(0)
  expect(rounded('f32')).toBeLessThan(1e-6)
})

it('a wider inner width than the residual stream is allowed', () => {
  const { config } = tinyModel('official-window', { seed: 1 })
  const wide = { ...config, cross: { ...config.cross, headDim: 8 }, self: { ...config.self, headDim: 20 } }
  const random = new Random(9)
  const { dim, ffnDim, vocabSize } = config
  const tensor = (role: string) => {
    if (role === 'embed' || role === 'head') return random.normals(vocabSize * dim, 0.2)
    if (/norm/i.test(role)) return random.normals(dim)
    if (/ffn/.test(role)) return random.normals(dim * ffnDim, 0.2)
    const width = role.startsWith('self') ? 3 * 20 : role.startsWith('kv') ? 3 * 8 : 6 * 8
    return random.normals(width * dim, 0.2)
  }
  const rows = new ReferenceModel(wide, tensor).logits([1, 2, 3])
  expect(rows.map(row => row.length)).toEqual([vocabSize, vocabSize, vocabSize])
  expect(rows.every(row => row.every(Number.isFinite))).toBe(true)
})
