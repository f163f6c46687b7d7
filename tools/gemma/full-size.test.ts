/**
 * Mobile checkpoints of the real sizes, made up byte by byte as they are asked for: inspected, planned, loaded and run on
 * Dawn's null backend, which computes nothing but checks every pipeline, binding, size and limit. With
 * READONCE_FULL_SIZE=1 E2B is computed as well: 2 GB, 256 tokens read and 8 answered, memory by purpose and time by kernel.
 */
import { describe, expect, it, vi } from 'vitest'
import { Batch } from '../../gpu/device/batch'
import { type Device, openDevice } from '../../gpu/device/device'
import { Profile } from '../../gpu/device/profile'
import { chooseToken, greedy } from '../../gpu/kernels/choose-token'
import type { PageKind } from '../../gpu/kernels/page-format'
import { Pages } from '../../gpu/kv/pages'
import { layoutOf } from '../../gpu/model/family'
import { type Model, newCarry } from '../../gpu/model/model'
import { openModelFolder } from '../../gpu/model-folder'
import { openDawn } from '../../gpu/node/dawn'
import { readChunk } from '../../gpu/prefill'
import { mib, openDry } from '../../gpu/testing/dry-device'
import type { ByteSource, ModelFiles } from '../../gpu/text/byte-source'
import { precisionOf } from '../../gpu/weights/precision'
import { mobileConfig, mobileTensors, safetensors } from './mobile-folder.mjs'

type Size = 'e2b' | 'e4b'
const sizes: readonly Size[] = ['e2b', 'e4b']

/** The folder, and how many bytes of its weights were asked for. */
function folderOf(size: Size) {
  const weights = safetensors(mobileTensors(size))
  const config = new TextEncoder().encode(JSON.stringify(mobileConfig(size)))
  const asked = { bytes: 0 }
  const sources: Record<string, ByteSource> = {
    'config.json': {
      size: config.length,
      read: async (offset, into) => into.set(config.subarray(offset, offset + into.length))
    },
    'model.safetensors': {
      size: weights.size,
      read: (offset, into) => {
        asked.bytes += into.length
        return weights.read(offset, into)
      }
    }
  }
  const files: ModelFiles = {
    name: size,
    list: async () => Object.keys(sources),
    open: async name => sources[name]!,
    digest: async name => name
  }
  return { files, asked, bytes: weights.size }
}

const byPurpose = (memory: Readonly<Record<string, number>>): string =>
  Object.entries(memory)
    .map(([purpose, bytes]) => `${purpose} ${mib(bytes)}`)
    .join(', ')

const load = async (size: Size, device: Device, pages: PageKind, blank: boolean): Promise<Model> => {
  const { files } = folderOf(size)
  const { family, config, tensors } = await openModelFolder(files)
  return family.load(device, config, tensors, { pages, blank })
}

type Phase = 'reading' | 'answering'

/** Reads tokens as the end of a document and answers some, whose ids are given from outside. */
async function readAndAnswer(
  model: Model,
  ids: Uint32Array<ArrayBuffer>,
  at: number,
  answers: number,
  done: (phase: Phase, milliseconds: number) => Promise<void> = async () => {}
) {
  const { device } = model
  const pages = await Pages.allocate(device, at + ids.length + answers, model.layout.pageBytes)
  const carry = newCarry(model)
  const all = new Uint32Array(at + ids.length)
  all.set(ids, at)
  const reading = performance.now()
  for (let from = at; from < all.length;) {
    const rows = Math.min(model.longest, all.length - from, pages.roomAt(from))
    await readChunk(model, { ids: all, at: from, rows, carry, pages })
    await device.idle()
    from += rows
  }
  await done('reading', performance.now() - reading)

  const scratch = model.allocateScratch(
    1,
    pages.view(all.length + answers, 0).map(bank => bank.rows)
  )
  const scratchOf = (name: string, bytes: number) => device.buffer('scratch', name, bytes)
  const choices = {
    bits: scratchOf('bits', model.vocabSize * 4),
    tokens: scratchOf('chosen', answers * 4),
    probabilities: scratchOf('probabilities', answers * 4)
  }
  const choose = await chooseToken(device, model.vocabSize)
  const answering = performance.now()
  for (let i = 0; i < answers; i++) {
    const start = all.length + i
    const tokens = Uint32Array.of(1000 + i)
    const tokenRows = await model.tokenRows?.answering.rows(tokens)
    const batch = new Batch(device)
    model.read(
      batch,
      { start, row: start, rows: 1, tokens, tokenRows, pages, answering: true, scratch },
      carry
    )
    const banks = pages.view(start + 1, 0)
    await model.answer(batch, start, 1, { carry, banks, visible: start + 1, scratch })
    choose(batch, model.logits, choices, i, greedy)
    batch.submit()
    await device.idle()
  }
  await done('answering', performance.now() - answering)
}

// The backend is chosen once per process: the null one, or one that computes.
const computed = process.env['READONCE_FULL_SIZE'] !== undefined

describe.skipIf(computed).each(sizes)('a mobile %s of the real size', size => {
  it('is inspected and planned from its header alone', async () => {
    const { files, asked, bytes } = folderOf(size)
    const { family, config, tensors } = await openModelFolder(files)
    expect(family.name).toBe('gemma')
    expect(asked.bytes).toBeLessThan(300_000)
    // As counted of the published files, less what the text does not need of them.
    expect(bytes).toBeGreaterThan({ e2b: 2_118_056_254, e4b: 3_175_558_524 }[size])
    expect(precisionOf(tensors)).toBe(size === 'e2b' ? 'int2' : 'int4')
    const plan = family.plan(config)
    expect(plan.kept).toHaveLength(size === 'e2b' ? 3 : 4)
    expect(layoutOf(plan, 'f16').rowBytes).toBe({ e2b: 6144, e4b: 16_384 }[size])
    expect(layoutOf(plan, 'int8').rowBytes).toBe({ e2b: 3072, e4b: 8192 }[size])
  })

  it.each([
    ['software', 'int8', true],
    ['hardware', 'f16', false]
  ] as const)(
    'workgroups of %s, %s keys and values: reads, answers and chooses without a complaint',
    async (shape, kv, software) => {
      const device = await openDry(software)
      const model = await load(size, device, kv, true)
      const runs = vi.spyOn(Batch.prototype, 'run')
      const counted: number[] = []
      // At the end of the longest text it was trained for.
      await readAndAnswer(
        model,
        new Uint32Array(300).map((_, i) => i * 873),
        131_072 - 310,
        2,
        async () => {
          counted.push(runs.mock.calls.length)
          runs.mockClear()
        }
      )
      runs.mockRestore()
      const memory = device.memory()
      console.info(
        `${size}, ${shape}, ${kv}: dispatches of all chunks and of two tokens ${counted.join(', ')}`
      )
      console.info(`${size}, ${shape}, ${kv}: chunk ${model.longest}, ${byPurpose(memory)}`)
      // Without the table of every layer, which stays in its file, the head, which is the embedding, and dead keys and values.
      const weights = { e2b: 796_000_000 + 30_000_000, e4b: 2_230_000_000 + 60_000_000 }[size]
      expect(memory.weights).toBeLessThan(weights)
      expect(memory.weights).toBeGreaterThan(weights * 0.9)
      expect(memory.pages).toBe(131_072 * model.layout.rowBytes)
      expect(memory.scratch).toBeLessThan(128 << 20)
      device.close()
    }
  )
})

describe.skipIf(!computed)('E2B, computed', () => {
  it('reads 256 tokens and answers 8', { timeout: 1_200_000 }, async () => {
    const device = await openDevice(openDawn(), { profile: true })
    const begun = performance.now()
    const model = await load('e2b', device, 'int8', false)
    console.info(`loaded in ${((performance.now() - begun) / 1000).toFixed(1)} s`)
    const ids = new Uint32Array(256).map((_, i) => (i * 7919) % model.vocabSize)
    device.profile = new Profile(device)
    await readAndAnswer(model, ids, 0, 8, async (phase, milliseconds) => {
      console.info(`${device.adapter.name}, ${phase}: ${(milliseconds / 1000).toFixed(2)} s`)
      for (const { kernel, dispatches, milliseconds } of await device.profile!.kernelTimes())
        console.info(`  ${kernel}: ${milliseconds.toFixed(1)} ms in ${dispatches}`)
      device.profile = new Profile(device)
    })
    console.info(`chunk ${model.longest}; ${byPurpose(device.memory('peak'))}`)
    device.close()
  })
})
