/**
 * The goldens once more by the product kernels for hardware, asked for on whatever adapter is there. READONCE_KERNELS=NAME runs
 * all tests of a model by them: golden.test.ts and those in gemma/.
 */
import { readdirSync, readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { expect, it } from 'vitest'
import { decode } from './decode'
import { chooseToken, greedy } from './kernels/choose-token'
import { openModelFolder } from './model-folder'
import { SerialQueue } from './serial-queue'
import { goldenModel } from './testing/golden-files'
import { describeGpu, deviceWith } from './testing/gpu-testing'
import { memoryFiles } from './testing/memory-files'
import { goldenFiles, goldenRun, missingGoldens, mobileGoldens } from './testing/mobile-goldens'
import { bitsLeft, logitsOf, openModel, readWhole } from './testing/open-model'
import { Random } from './testing/random'
import { referenceGemma } from './testing/reference-gemma-model'
import { relativeError } from './testing/relative-error'
import { tinyGemma } from './testing/tiny-gemma'

const folder = fileURLToPath(new URL('../assets/models/small', import.meta.url))

for (const kernels of ['tiles', 'subgroups'] as const)
  describeGpu(`models by the product kernels "${kernels}"`, () => {
    const device = deviceWith(kernels)

    it('the embedded model: logits, greedy answers, any chunking the same bits', async () => {
      const files = new Map(
        readdirSync(folder).map(name => [name, Uint8Array.from(readFileSync(`${folder}/${name}`))])
      )
      const opened = await openModelFolder(memoryFiles('embedded', files))
      const model = await opened.family.load(device, opened.config, opened.tensors, { pages: 'f32' })
      const choose = await chooseToken(device, opened.config.vocabSize)
      for (const { tokens, topIds, topLogits, greedy: said, margins } of goldenModel().answers.slice(0, 4)) {
        const positions = [tokens.length - 1]
        const [found] = await logitsOf(model, tokens, { positions, chunk: 100 })
        expect(
          relativeError(
            topIds.map(id => found![id]!),
            topLogits
          )
        ).toBeLessThan(1e-4)
        expect(await logitsOf(model, tokens, { positions, chunk: 37 })).toEqual([found])
        const doubtful = margins.findIndex(won => won < 1e-3)
        const sure = doubtful < 0 ? said.length : doubtful
        expect(sure).toBeGreaterThan(2)
        const rows = Math.ceil(tokens.length / 2)
        const { carry, pages } = await readWhole(model, tokens.slice(0, rows))
        const options = { mostTokens: sure, stopIds: new Set<number>(), suppressed: [], sampling: greedy }
        const question = Uint32Array.from(tokens.slice(rows))
        const timeline = { pages, carry, rows, prefix: 0 }
        const ids: number[] = []
        const by = { model, choose, queue: new SerialQueue() }
        for await (const part of decode(by, timeline, question, options)) ids.push(...part)
        expect(ids).toEqual(said.slice(0, sure))
        pages.free()
        carry.free()
      }
    })

    it('a plain model of Gemma’s family', async () => {
      const tiny = tinyGemma({ seed: 2, dtype: 'BF16' })
      const tokens = new Random(2).tokens(150, tiny.config.vocabSize)
      const positions = [0, 17, 63, 64, 149]
      const model = await openModel(tiny.files, device, 'f32', 96)
      const { logits } = referenceGemma(tiny.config, tiny.tensor, tokens, { ...tiny, pages: 'f32' })
      const found = await logitsOf(model, tokens, { positions })
      const flat = (rows: readonly Float64Array[]) => rows.flatMap(row => [...row])
      expect(relativeError(flat(found), flat(positions.map(at => logits[at]!)))).toBeLessThan(1e-4)
      expect(await logitsOf(model, tokens, { positions, chunk: 13 })).toEqual(found)
    })

    it.skipIf(missingGoldens !== undefined).each(mobileGoldens)('%s', async name => {
      for (const [pages, grid] of [['f32'], ['int8', 'kv8']] as const) {
        const model = await openModel(goldenFiles(name), device, pages, 192)
        const { tokens, positions, logits } = goldenRun(name, grid)
        const found = await logitsOf(model, tokens, { positions })
        expect(Math.max(...found.map((row, i) => relativeError(row, logits[i]!)))).toBeLessThan(1e-4)
        const whole = await bitsLeft(model, await readWhole(model, tokens))
        expect((await bitsLeft(model, await readWhole(model, tokens, { chunk: 13 }))).equals(whole)).toBe(
          true
        )
      }
    })
  })
