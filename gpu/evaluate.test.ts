/** The whole model against the reference in double precision, at every position, in both layouts and all types. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type Device, openDevice } from './device/device'
import { evaluate } from './evaluate'
import type { PageKind } from './kernels/elements'
import { openModelFolder } from './model-folder'
import { openDawn } from './node/dawn'
import { ReferenceModel } from './testing/reference-model'
import { relativeError } from './testing/relative-error'
import { type RandomModel, type TinyKind, tinyKinds, tinyModel } from './testing/tiny-model'
import { loadModel, type Model } from './yoco/model'

let device: Device
beforeAll(async () => {
  device = await openDevice(openDawn())
})
afterAll(() => device.close())

const tokens = (count: number, vocabulary: number): number[] => Array.from({ length: count }, (_, i) => (i * 7919 + 13) % vocabulary)

async function open(random: RandomModel, pages: PageKind, longest = 64): Promise<Model> {
  const folder = await openModelFolder(random.files)
  return loadModel(device, folder.config, folder.tensors, { pages, longest })
}

async function logitsOf(model: Model, ids: number[], chunk: number, positions: number[], mostBankBytes?: number): Promise<Float32Array[]> {
  const rows: Float32Array[] = []
  await evaluate(model, Uint32Array.from(ids), { chunk, positions, mostBankBytes }, (_, logits) => rows.push(logits.slice()))
  return rows
}

const every = (n: number): number[] => Array.from({ length: n }, (_, i) => i)

describe.each(tinyKinds)('%s', (kind: TinyKind) => {
  it.each(['F32', 'F16', 'BF16', 'mixed'] as const)('%s weights agree with the reference at every position', async dtype => {
    const random = tinyModel(kind, { seed: 7, dtype })
    const ids = tokens(70, random.config.vocabSize)
    const exact = new ReferenceModel(random.config, random.tensor).logits(ids)
    const model = await open(random, 'f32')
    const rows = await logitsOf(model, ids, 24, every(ids.length))
    const worst = Math.max(...rows.map((row, i) => relativeError(row, exact[i])))
    expect(rows).toHaveLength(ids.length)
    expect(worst).toBeLessThan(1e-4)
  })
})
