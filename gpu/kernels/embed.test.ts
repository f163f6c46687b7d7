import { it } from 'vitest'
import {
  asStored,
  bufferOf,
  describeGpu,
  deviceWith,
  expectRows,
  matrixOf,
  padded,
  poisoned,
  run
} from '../testing/gpu-testing'
import { Random } from '../testing/random'
import { embed as reference } from '../testing/reference'
import { embed } from './embed'
import type { WeightKind } from './weight-format'

describeGpu('embed', () => {
  const kinds: WeightKind[] = ['f16', 'bf16', 'f32']

  // Vocabularies of no multiple of 4 and of several panels; 64 lanes of four values.
  it.each(
    kinds.flatMap(kind =>
      [
        [33, 6],
        [101, 256],
        [70, 260]
      ].map(([vocab, dim]) => [kind, vocab!, dim!] as const)
    )
  )('%s, %i tokens of %i, whole and in parts', async (kind, vocab, dim) => {
    const random = new Random(vocab)
    const device = deviceWith('software')
    const table = asStored(random.normals(vocab * dim), kind)
    const ids = [0, 1, 31, 32, vocab - 1, 0, 5, ...random.tokens(10, vocab)]
    // Unused ids would be found: they lie far outside the table.
    const tokens = bufferOf(Uint32Array.of(4e9, 4e9, ...ids, 4e9))
    for (const panels of [Infinity, 1, 2]) {
      const rows = await embed(device, matrixOf(table, dim, kind, panels), Math.sqrt(dim))
      const y = poisoned(ids.length + 2, Math.ceil(dim / 4) * 4)
      await run(batch => rows(batch, tokens, 2, ids.length, y), device)
      await expectRows(y, padded(reference(ids, table, dim), dim), 2e-7, `${panels} panels a part`)
    }
  })
})
