/** One answer's own memory: a copy of the document's carry, a bank for its rows, the tokens chosen so far, what it looked at. */
import type { Answering, DecodeOptions, Timeline } from './answering'
import { Batch } from './device/batch'
import { Staging } from './device/readback'
import { EngineFailure } from './failure'
import type { Carry } from './kv/carry'
import { Pages } from './kv/pages'
import { type ChooseToken, tokenBits, type Sampling } from './kernels/choose-token'
import type { AttentionScratch, BankRows } from './kernels/page-attention'
import { type Model, newCarry } from './model/model'

/** Tokens that are read back together, at most: a read-back costs 0.7 ms in Chromium, a stop token wastes at most 7 steps. */
export const mostPerBatch = 8

export interface AnswerMemory {
  readonly model: Model
  readonly choose: ChooseToken
  readonly sampling: Sampling
  readonly document: Timeline
  /** Rows of the document when this answer began; more may be read while it goes on. */
  readonly documentRows: number
  readonly documentBanks: readonly BankRows[]
  readonly carry: Carry
  readonly pages: Pages
  readonly scratch: AttentionScratch
  readonly tokens: GPUBuffer
  /** f32, one per token of `tokens`. */
  readonly probabilities: GPUBuffer
  readonly bits: GPUBuffer
  readonly mass: GPUBuffer
  /** The mass as it stood before each step of the last batch: what is computed behind a stop token must not count. */
  readonly massBefore: GPUBuffer
  readonly staging: Staging
}

/** For `rows` of question and answer. In the document's turn: its carry must not move while it is copied. Throws EngineFailure 'nothing-read'. */
export async function answerMemory(
  { model, choose }: Answering,
  document: Timeline,
  rows: number,
  { sampling, suppressed, signal }: DecodeOptions
): Promise<AnswerMemory> {
  const { device, vocabSize, layout } = model
  const documentRows = document.carry.position
  if (documentRows <= document.prefix)
    throw new EngineFailure(
      'nothing-read',
      'Nothing of this document has been read yet. Ask again in a moment.'
    )
  const pages = await Pages.allocate(device, rows, layout.pageBytes)
  const carry = newCarry(model)
  const batch = new Batch(device)
  document.carry.copyTo(batch, carry)
  if (document.apart) carry.startFresh(batch)
  batch.submit()
  const bankRows = [...document.pages.bankRows(documentRows), pages.capacity]
  const scratch = model.allocateScratch(1, bankRows)
  const bits = device.buffer('scratch', 'token bits', vocabSize * 4)
  const initial = new Uint32Array(vocabSize)
  for (const id of suppressed) initial[id] = tokenBits.suppressed
  device.raw.queue.writeBuffer(bits, 0, initial)
  const mass = device.buffer('scratch', 'span mass', model.spanCount(bankRows) * 4)
  const massBefore = device.buffer('scratch', 'span mass before', mass.size * mostPerBatch)
  const tokens = device.buffer('scratch', 'answer tokens', (rows + 1) * 4)
  const probabilities = device.buffer('scratch', 'answer probabilities', tokens.size)
  return {
    model,
    choose,
    sampling,
    document,
    documentRows,
    documentBanks: document.pages.view(documentRows, document.prefix, signal),
    carry,
    pages,
    scratch,
    tokens,
    probabilities,
    bits,
    mass,
    massBefore,
    staging: new Staging(device, mostPerBatch * 8)
  }
}

export function freeAnswerMemory(memory: AnswerMemory): void {
  const { model, carry, pages, staging, scratch, tokens, probabilities, bits, mass, massBefore } = memory
  for (const each of [carry, pages, staging, scratch]) each.free()
  for (const buffer of [tokens, probabilities, bits, mass, massBefore]) model.device.free(buffer)
}
