/** The embedded model on the engine says what PyTorch said, in float64 (testing/golden/make_golden.py). */
import { createHash } from 'node:crypto'
import { readdirSync, readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { beforeAll, expect, it } from 'vitest'
import { decode } from './decode'
import { evaluate } from './evaluate'
import { type ChooseToken, chooseToken, greedy } from './kernels/choose-token'
import type { PageKind } from './kernels/page-format'
import { Pages } from './kv/pages'
import { type Model, newCarry } from './model/model'
import { openModelFolder } from './model-folder'
import { prefill } from './prefill'
import { describeGpu, device } from './testing/gpu-testing'
import { goldenModel } from './testing/golden-files'
import { memoryFiles } from './testing/memory-files'
import { relativeError } from './testing/relative-error'
import { SerialQueue } from './serial-queue'

const { weights, answers } = goldenModel()
const folder = fileURLToPath(new URL('../assets/models/small', import.meta.url))
const files = new Map(
  readdirSync(folder).map(name => [name, Uint8Array.from(readFileSync(`${folder}/${name}`))])
)

// `margin`: by how much a token must have won for its choice to be beyond rounding.
for (const { pages, most, margin } of [
  { pages: 'f32', most: 1e-4, margin: 1e-3 },
  { pages: 'f16', most: 5e-3, margin: 0.05 }
] as const satisfies { pages: PageKind; most: number; margin: number }[])
  describeGpu(`the embedded model, ${pages} keys and values`, () => {
    let model: Model
    let choose: ChooseToken

    beforeAll(async () => {
      const digest = createHash('sha256').update(files.get('model.safetensors')!).digest('hex')
      expect(digest, 'the embedded model is another: run testing/golden/make_golden.py again').toBe(weights)
      const opened = await openModelFolder(memoryFiles('embedded', files))
      model = await opened.family.load(device, opened.config, opened.tensors, { pages })
      choose = await chooseToken(device, opened.config.vocabSize)
    })

    it.each(answers.map(answer => [answer.name, answer.tokens.length, answer] as const))(
      '%s (%i tokens): the largest logits of the first token',
      async (_name, count, { tokens, topIds, topLogits }) => {
        let found: Float32Array | undefined
        const options = { positions: [count - 1], chunk: 100 }
        await evaluate(model, Uint32Array.from(tokens), options, (_, logits) => (found = logits.slice()))
        expect(
          relativeError(
            topIds.map(id => found![id]!),
            topLogits
          )
        ).toBeLessThan(most)
        expect([...found!.keys()].reduce((best, id) => (found![id]! > found![best]! ? id : best), 0)).toBe(
          topIds[0]
        )
      }
    )

    it.each(answers.map(answer => [answer.name, answer.tokens.length, answer] as const))(
      '%s (%i tokens): the same 32 greedy tokens, read and asked in two cuts',
      async (_name, count, { tokens, greedy: said, margins }) => {
        const doubtful = margins.findIndex(won => won < margin)
        const sure = doubtful < 0 ? said.length : doubtful
        // One prompt that is in doubt early would prove nothing.
        expect(sure).toBeGreaterThan(2)
        for (const asked of [1, Math.ceil(count * 0.6)]) {
          const rows = count - asked
          const document = {
            pages: await Pages.allocate(device, rows, model.layout.pageBytes),
            carry: newCarry(model),
            rows,
            prefix: 0
          }
          await prefill(model, { ids: Uint32Array.from(tokens.slice(0, rows)), from: 0, ...document })
          const options = {
            mostTokens: said.length,
            stopIds: new Set<number>(),
            suppressed: [],
            sampling: greedy
          }
          const ids: number[] = []
          const by = { model, choose, queue: new SerialQueue() }
          const question = Uint32Array.from(tokens.slice(rows))
          for await (const part of decode(by, document, question, options)) ids.push(...part)
          document.pages.free()
          document.carry.free()
          expect(ids).toHaveLength(said.length)
          expect(ids.slice(0, sure), `question of ${asked}`).toEqual(said.slice(0, sure))
        }
      }
    )

    it('several prompts are beyond doubt to their last token', () => {
      expect(answers.filter(answer => Math.min(...answer.margins) >= margin).length).toBeGreaterThan(
        answers.length / 2
      )
    })
  })
