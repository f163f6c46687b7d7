/**
 * What `readonce bench` measures below the level of documents: the reading loop on a model of any size, with its own
 * or with random weights, a Transformer run by the same kernels among them. No part of the product calls it.
 */
import { decode } from './decode'
import { Batch } from './device/batch'
import { openDevice } from './device/device'
import { chooseToken, greedy } from './kernels/choose-token'
import type { PageKind } from './kernels/page-format'
import type { Carry } from './kv/carry'
import { Pages } from './kv/pages'
import type { ReadingPlan, Tensors } from './model/family'
import { newCarry } from './model/model'
import { type CheckedModel, openModelFolder } from './model-folder'
import { prefill } from './prefill'
import type { ByteSource, ModelFiles } from './text/byte-source'
import { SerialQueue } from './serial-queue'
import type { ModelConfig } from './yoco/config'
import { yoco } from './yoco/family'
import type { TensorLocation } from './weights/tensor-location'
import { type TensorRole, tensorTable } from './yoco/tensor-table'

export interface BenchReader {
  readonly name: string
  /** What is kept of a text, and how often an answer goes through it. */
  readonly plan: ReadingPlan
  /** Of a YOCO. */
  readonly yoco?: ModelConfig
  /** Weights that every token is multiplied with while it is read. */
  readonly weightsPerToken: number
  /** Keys and values of one token. */
  readonly rowBytes: number
  /** Begins anew at position 0. */
  restart(): void
  /** Reads on to `position` as the product does, without saving; returns seconds. */
  readTo(position: number): Promise<number>
  /** The logits of the last row; returns seconds. A Transformer's need its final norm and projection alone. */
  project(): Promise<number>
  /** Remembers the place reached; returns its number. */
  keep(): number
  /** Reads `tokens` more behind a kept place in chunks of `chunk`, as often as wanted; returns seconds. */
  again(kept: number, tokens: number, chunk: number): Promise<number>
  /** Answers `tokens` tokens behind a kept place and a question of 16. */
  answer(kept: number, tokens: number): Promise<TimedAnswer>
  close(): void
}

/** Seconds to the first and to the last token, and how many rows of the text every token looked at. */
export interface TimedAnswer {
  readonly first: number
  readonly all: number
  readonly rows: number
}

interface BenchReaderOptions {
  readonly mostTokens: number
  /** Rows of the longest chunk, where the default would be too careful with memory. */
  readonly longest?: number
  /** Precision of the shared K/V; the model's own by default. */
  readonly kv?: PageKind
}

/** A reader with a device of its own: `of` is a model's files, or a configuration that gets random weights. */
export async function openBenchReader(
  gpu: GPU,
  of: ModelConfig | ModelFiles,
  { mostTokens, longest, kv }: BenchReaderOptions
): Promise<BenchReader> {
  const { name, family, config, tensors } = 'list' in of ? await openModelFolder(of) : ofRandom(of)
  const device = await openDevice(gpu)
  const model = await family.load(device, config, tensors, { pages: kv, longest })
  const pages = await Pages.allocate(device, mostTokens, model.layout.pageBytes)
  const ids = Uint32Array.from({ length: mostTokens }, (_, i) => (i * 40503) % model.vocabSize)
  let carry = newCarry(model)
  const scratch = newCarry(model)
  const kept: Carry[] = []
  const choose = await chooseToken(device, model.vocabSize)
  const queue = new SerialQueue()
  const timed = async (work: () => Promise<void>): Promise<number> => {
    const begun = performance.now()
    await work()
    return (performance.now() - begun) / 1000
  }
  const copied = (from: Carry, to: Carry): Carry => {
    const batch = new Batch(device)
    from.copyTo(batch, to)
    batch.submit()
    return to
  }
  return {
    name,
    plan: model.plan,
    ...(family.name === yoco.name && { yoco: config as ModelConfig }),
    weightsPerToken: weightsPerToken(model.plan, tensors),
    rowBytes: model.layout.rowBytes,
    restart() {
      carry.free()
      carry = newCarry(model)
    },
    readTo: position =>
      timed(() => prefill(model, { ids: ids.subarray(0, position), from: carry.position, carry, pages })),
    project: () =>
      timed(async () => {
        const batch = new Batch(device)
        const { position } = carry
        const banks = pages.view(position, 0)
        const working = model.allocateScratch(
          1,
          banks.map(bank => bank.rows)
        )
        await model.answer(batch, position - 1, 1, { carry, banks, visible: position, scratch: working })
        batch.submit()
        await device.idle()
        working.free()
      }),
    keep: () => kept.push(copied(carry, newCarry(model))) - 1,
    async again(index, tokens, chunk) {
      copied(kept[index], scratch)
      await device.idle()
      const from = scratch.position
      return timed(() =>
        prefill(model, { ids: ids.subarray(0, from + tokens), from, carry: scratch, pages }, { chunk })
      )
    },
    async answer(index, tokens) {
      const place = kept[index]
      // A vocabulary without a stop token: the answer has the length that was asked for.
      const options = { mostTokens: tokens, stopIds: new Set<number>(), suppressed: [], sampling: greedy }
      const document = { pages, carry: place, prefix: 0 }
      const begun = performance.now()
      let first = 0
      for (const answer = decode({ model, choose, queue }, document, ids.slice(0, 16), options); ;) {
        const { done, value } = await answer.next()
        first ||= performance.now()
        if (!done) continue
        const rows = value.answeredFrom ?? value.rows
        return { first: (first - begun) / 1000, all: (performance.now() - begun) / 1000, rows }
      }
    },
    close: () => device.close()
  }
}

type Weights = Pick<CheckedModel, 'name' | 'family' | 'config' | 'tensors'>

const ofRandom = (config: ModelConfig): Weights => ({
  name: 'random weights',
  family: yoco,
  config,
  tensors: random(config)
})

/** Matrices that a token goes through while it is read. */
function weightsPerToken({ reads }: ReadingPlan, tensors: Tensors): number {
  let sum = 0
  for (const [role, { shape }] of tensors) if (reads(role) && shape.length === 2) sum += shape[0] * shape[1]
  return sum
}

/**
 * F16 weights of plausible size: every magnitude lies in one binade around 1 / sqrt(inputs), norms are 1. What the
 * numbers are makes no difference to the time, as long as none becomes infinite or denormal.
 */
function random(config: ModelConfig): ReadonlyMap<TensorRole, TensorLocation> {
  const tensors = new Map<TensorRole, TensorLocation>()
  let seed = 1
  for (const { role, name, shape } of tensorTable(config)) {
    const bytes = shape.reduce((a, b) => a * b, 2)
    const exponent = shape.length === 1 ? 15 : 15 - Math.ceil(Math.log2(shape[1]) / 2)
    const source = halves(bytes, exponent, shape.length === 1 ? undefined : seed++)
    tensors.set(role, { source, file: 'random', name, dtype: 'F16', shape, start: 0, end: bytes })
  }
  return tensors
}

function halves(size: number, exponent: number, seed: number | undefined): ByteSource {
  return {
    size,
    read(offset, into) {
      const words = new Uint16Array(into.buffer, into.byteOffset, into.byteLength / 2)
      for (let i = 0; i < words.length; i++) {
        const bits = seed === undefined ? 0 : Math.imul((offset / 2 + i) ^ (seed << 20), 0x9e3779b1) >>> 16
        // Sign and fraction are drawn, the exponent is not.
        words[i] = (bits & 0x83ff) | (exponent << 10)
      }
      return Promise.resolve()
    }
  }
}
