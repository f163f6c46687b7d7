/** What tests of reading and answering share: a tiny model on a device, documents of given ids, answers, and the bits behind them. */
import { createHash } from 'node:crypto'
import { Batch } from '../device/batch'
import type { Device } from '../device/device'
import { copyFromBuffer, Staging } from '../device/readback'
import { type ChooseToken, chooseToken, greedy } from '../kernels/choose-token'
import type { PageKind } from '../kernels/page-format'
import { pageRows } from '../kernels/page-layout'
import type { Carry } from '../kv/carry'
import type { PageStore } from '../kv/page-store'
import type { Pages } from '../kv/pages'
import type { Model } from '../model/model'
import { openModelFolder } from '../model-folder'
import type { DecodeOptions } from '../answering'
import type { DecodeEnd } from '../decode'
import type { ModelFiles } from '../text/byte-source'
import { ReadTimeline, type TimelineOptions } from '../timeline'
import { SerialQueue } from '../serial-queue'
import { Random } from './random'
import { tinyGemma } from './tiny-gemma'
import { type TinyKind, tinyModel } from './tiny-model'
import { tinyOpenWindow } from './tiny-open-window'

/** One of each self-decoder. */
export const bothDecoders = ['official-window', 'official-retention'] as const satisfies readonly TinyKind[]

/** And of the families that attend to pages while they read: a document, or the tokens of a question. */
export const allReaders = [...bothDecoders, 'gemma', 'open-window'] as const
export type Reader = TinyKind | 'gemma' | 'open-window'

export function tinyReader(kind: Reader, seed: number): ModelFiles {
  if (kind === 'gemma') return tinyGemma({ seed }).files
  return (kind === 'open-window' ? tinyOpenWindow({ seed, head: 'own' }) : tinyModel(kind, { seed })).files
}

export interface Opened {
  readonly model: Model
  readonly choose: ChooseToken
  readonly queue: SerialQueue
  readonly vocabulary: number
}

export async function openTiny(
  kind: Reader,
  device: Device,
  longest = 96,
  pages?: PageKind
): Promise<Opened> {
  const folder = await openModelFolder(tinyReader(kind, 11))
  const model = await folder.family.load(device, folder.config, folder.tensors, { pages, longest })
  const vocabulary = folder.config.vocabSize
  return { model, choose: await chooseToken(device, vocabulary), queue: new SerialQueue(), vocabulary }
}

export const textOf = (count: number, vocabulary: number, seed = 5): Uint32Array =>
  Uint32Array.from(new Random(seed).tokens(count, vocabulary))

export const identity = { engine: 1, weights: 'w', config: 'c', tokenizer: 't', prefix: '1 6', text: 'x' }

export const read = (
  { model, queue }: Opened,
  ids: Uint32Array,
  store?: PageStore,
  options: TimelineOptions = {}
): Promise<ReadTimeline> =>
  ReadTimeline.open(model, queue, ids, 0, store, identity, { chunk: 64, ...options })

/** Stops a reading, as Ctrl-C does, after the chunk that reaches `position`; returns where that was. */
export async function readUntil(
  opened: Opened,
  ids: Uint32Array,
  store: PageStore,
  position: number,
  chunk: number
): Promise<number> {
  const stop = new AbortController()
  let reached = 0
  const reading = read(opened, ids, store, {
    chunk,
    signal: stop.signal,
    onProgress: ({ tokens }) => {
      reached = tokens
      if (tokens >= position) stop.abort()
    }
  })
  const outcome = await reading.then(
    timeline => {
      timeline.free()
      return 'read to its end'
    },
    (error: Error & { code?: string }) => error.code ?? error.message
  )
  if (outcome !== 'cancelled') throw new Error(`reading should have stopped at ${position}: ${outcome}`)
  return reached
}

export interface Said {
  readonly ids: number[]
  readonly end: DecodeEnd
}

export const decodeOptions: DecodeOptions = {
  mostTokens: 24,
  stopIds: new Set(),
  suppressed: [],
  sampling: greedy
}

export function say(
  opened: Opened,
  timeline: ReadTimeline,
  question: readonly number[],
  options: Partial<DecodeOptions> = {}
): AsyncGenerator<Uint32Array, DecodeEnd> {
  return timeline.answer(opened.choose, Uint32Array.from(question), { ...decodeOptions, ...options })
}

export async function collect(answer: AsyncGenerator<Uint32Array, DecodeEnd>): Promise<Said> {
  const ids: number[] = []
  for (;;) {
    const next = await answer.next()
    if (next.done) return { ids, end: next.value }
    ids.push(...next.value)
  }
}

/** Everything a later answer depends on, bit for bit: the pages of every bank, then the carry. In hexadecimal digests, which differ readably. */
export async function bitsOf(opened: Opened, timeline: ReadTimeline): Promise<string[]> {
  const digest = (bytes: Uint8Array) => createHash('sha256').update(bytes).digest('hex').slice(0, 16)
  const { pages, carry } = await bytesOf(opened.model, timeline)
  const pageBytes = opened.model.layout.pageBytes
  const each = Array.from({ length: pages.length / pageBytes }, (_, i) =>
    digest(pages.subarray(i * pageBytes, (i + 1) * pageBytes))
  )
  return [...each, digest(carry)]
}

/** The pages of all banks one after another, and the carry as it is saved. */
export async function bytesOf(
  { device, layout }: Model,
  { pages, carry }: { readonly pages: Pages; readonly carry: Carry }
): Promise<{ readonly pages: Buffer; readonly carry: Uint8Array }> {
  const banks: Uint8Array[] = []
  for (const { buffer, capacity } of pages.banks)
    banks.push(await copyFromBuffer(device, buffer, 0, (capacity / pageRows) * layout.pageBytes))
  const staging = new Staging(device, carry.savedBytes)
  const batch = new Batch(device)
  carry.save(batch, staging)
  batch.submit()
  const saved = await staging.read(bytes => bytes.slice())
  staging.free()
  return { pages: Buffer.concat(banks), carry: saved }
}
