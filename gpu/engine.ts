/** A loaded model on a device: `read` a document into a session, `ask` the session, `close`. Owns all GPU memory. */
import { openSession, type Session, type TextOffsets } from './asking'
import { type Device, type DeviceOptions, openDevice, type Purpose } from './device/device'
import { type KernelTime, Profile } from './device/profile'
import { evaluate, type EvaluateOptions } from './evaluate'
import { EngineFailure } from './failure'
import { bytesPerDocument, bytesPerToken, checkModel, isPrompted } from './inspect'
import { chooseToken, greedy } from './kernels/choose-token'
import { type PageKind, pageRows } from './kernels/page-layout'
import { Pages } from './kv/pages'
import type { PageIdentity, PageStore } from './kv/page-store'
import type { CheckedModel } from './model-folder'
import type { ModelShape } from './model/family'
import type { Model } from './model/model'
import { withPauses } from './pause'
import { measureReading } from './probe'
import { ReadTimeline, type TimelineOptions } from './timeline'
import type { ModelFiles } from './text/byte-source'
import {
  countTokens,
  documentIds,
  documentIdsInPieces,
  type ModelText,
  noTokenizer,
  suppressedIds,
  type TokenCount
} from './text/model-text'
import type { TokenOffsets } from './text/token-offsets'
import { SerialQueue } from './serial-queue'
import { type Precision, precisionOf } from './weights/precision'

/** Changes whenever pages or carries of an older engine must not be used by a newer one. */
const layoutVersion = 1

/** Milliseconds for which a measured speed is believed. */
const probedFor = 60_000

export interface EngineOptions extends DeviceOptions {
  readonly gpu: GPU
  readonly model: ModelFiles
  /** Precision of the shared K/V: half by default; f32 for comparison. */
  readonly pages?: PageKind
  readonly onLoading?: (loadedBytes: number, totalBytes: number) => void
}

export interface DocumentText {
  readonly text: string
  /** Of the text; what is saved belongs to it. */
  readonly digest: string
  /** Where pages are kept; without one everything is read anew each time. */
  readonly pages?: PageStore
}

export interface ReadOptions extends Omit<TimelineOptions, 'onLive' | 'queue' | 'base' | 'savedOnly'> {
  /**
   * What was read of an earlier text of the same file with this model: text before the first change is not read again.
   * Damaged or foreign, it is not used. The caller closes the store.
   */
  readonly base?: { readonly store: PageStore; readonly digest: string }
  /** How far the text is cut into tokens, 0 to 1; told before `onFound`, and only where no ids are saved. */
  readonly onTokenizing?: (done: number) => void
  /** A session on what has been read so far, usable while reading goes on; it ends with the reading. */
  readonly onLive?: (session: Session) => void
}

export interface ModelInfo {
  readonly name: string
  /** Of the most weights. */
  readonly weights: Precision
  /** Of keys and values. */
  readonly pages: PageKind
  readonly config: ModelShape
  /** It has a chat template: it was taught to be asked. */
  readonly prompted: boolean
  /** Bytes on disk per token read and per document besides. */
  readonly bytesPerToken: number
  readonly bytesPerDocument: number
  /** Bytes of GPU memory per token read: its row of K and V. */
  readonly memoryBytesPerToken: number
}

export interface Engine {
  readonly model: ModelInfo
  readonly adapter: Device['adapter']
  /** Resolves with the reason when the device goes away; saved pages stay, a new engine goes on from them. */
  readonly lost: Promise<string>
  /** Token ids that reading this text takes, the prompt's few before it included. */
  tokenize(text: string): Uint32Array
  /** How many those are: counted for short texts; for long ones estimated from samples, within some percent. */
  countTokens(text: string): Promise<TokenCount>
  /**
   * Measures for a third of a second how fast this computer reads, saving aside; remembered for a minute, since the load
   * on a computer changes. Waits for its turn beside readings and answers, and gives back all memory that it takes.
   */
  probe(): Promise<{ readonly tokensPerSecond: number }>
  /**
   * Bytes of GPU memory that the pages of so many tokens take, and how many of them the adapter grants just now, tried
   * out for a second at most and given back: they fit when `most` is not less than `bytes`, and what was not refused within
   * that time counts as granted. WebGPU does not tell how much memory is free or there at all, and some drivers grant more
   * than there is: a yes is a good sign and no promise, a no is certain.
   */
  fitsMemory(tokens: number): Promise<{ readonly bytes: number; readonly most: number }>
  /** Makes the document read. Throws EngineFailure 'cancelled' where `onFound` answers false: nothing was read then. */
  read(document: DocumentText, options?: ReadOptions): Promise<Session>
  /** A session on what is saved, without reading on; undefined where nothing is saved of this text with this model. */
  open(document: DocumentText, options?: { readonly signal?: AbortSignal }): Promise<Session | undefined>
  /** Continues bare text greedily, without a prompt around it: the form in which base models are tested. */
  complete(text: string, mostTokens: number): Promise<string>
  encode(text: string): Uint32Array
  /** Names the weights; what is saved belongs to them. Reads every weight once, unless the host remembers. */
  weightsDigest(): Promise<string>
  evaluate(
    ids: Uint32Array,
    options: EvaluateOptions,
    use: (position: number, logits: Float32Array) => void
  ): Promise<void>
  /** Bytes held now by purpose; `peak` in all, `peaks` by purpose. */
  memory(): Record<Purpose, number> & { peak: number; peaks: Record<Purpose, number> }
  liveBuffers(): number
  profile(): Promise<{ kernels: KernelTime[]; dispatches: number; submits: number } | undefined>
  close(): void
}

/** Checks the model's files, then opens the device and loads. Throws EngineFailure with a sentence for people. */
export async function openEngine(options: EngineOptions): Promise<Engine> {
  const { folder, text } = await checkModel(options.model)
  const device = await openDevice(options.gpu, options)
  try {
    device.profile = device.profiled ? new Profile(device) : undefined
    const loadOptions = { pages: options.pages ?? 'f16', onProgress: options.onLoading } as const
    const model = await folder.family.load(device, folder.config, folder.tensors, loadOptions)
    return await assemble(folder, text, device, model)
  } catch (error) {
    device.close()
    throw error
  }
}

async function assemble(
  folder: CheckedModel,
  text: ModelText | undefined,
  device: Device,
  model: Model
): Promise<Engine> {
  const { config } = folder
  const { profile } = device
  const queue = new SerialQueue()
  const choose = await chooseToken(device, config.vocabSize)
  const textOf = (): ModelText => {
    if (text) return text
    throw noTokenizer(folder.name)
  }
  let foundSuppressed: readonly number[] | undefined
  const suppressed = (): readonly number[] => (foundSuppressed ??= suppressedIds(textOf(), config.vocabSize))

  let probed: { readonly at: number; readonly speed: Promise<number> } | undefined
  const probeOnce = (): Promise<number> => {
    if (probed && performance.now() - probed.at < probedFor) return probed.speed
    const speed = measureReading(model, queue).catch(error => {
      probed = undefined
      throw error
    })
    probed = { at: performance.now(), speed }
    return speed
  }

  // The weights that count are those on the GPU, so what their files say later changes nothing.
  let digests: ReturnType<CheckedModel['digests']> | undefined
  const digestsOnce = (): ReturnType<CheckedModel['digests']> =>
    (digests ??= folder.digests().catch(error => {
      digests = undefined
      throw error
    }))

  async function identityOf(digest: string, prefix: Uint32Array): Promise<PageIdentity> {
    const { weights, config: configDigest, tokenizer } = await digestsOnce()
    return {
      engine: layoutVersion,
      weights,
      config: configDigest,
      tokenizer,
      prefix: Array.from(prefix).join(' '),
      text: digest,
      pages: model.layout.kind,
      pageRows
    }
  }

  return {
    model: {
      name: folder.name,
      weights: precisionOf(folder.tensors),
      pages: model.layout.kind,
      config,
      prompted: isPrompted(folder),
      bytesPerToken: bytesPerToken(model.plan, model.layout),
      bytesPerDocument: bytesPerDocument(model.plan),
      memoryBytesPerToken: model.layout.rowBytes
    },
    adapter: device.adapter,
    lost: device.lost,
    tokenize: text => documentIds(textOf(), text),
    encode: text => textOf().tokenizer.encodeText(text).ids,
    countTokens: async text => countTokens(textOf(), text),
    probe: async () => ({ tokensPerSecond: await probeOnce() }),
    fitsMemory: tokens => Pages.fit(device, tokens, model.layout.pageBytes),
    async read(document, options = {}) {
      const session = await sessionOn(document, options)
      if (session) return session
      throw new EngineFailure('cancelled', 'Reading was not begun.')
    },
    open: (document, { signal } = {}) => sessionOn(document, { signal, savedOnly: true }),
    async complete(text, mostTokens) {
      const { tokenizer, bos } = textOf()
      const own = tokenizer.encodeText(text, { atStart: true }).ids
      const ids = bos === undefined ? own : Uint32Array.from([bos, ...own])
      if (ids.length < 2)
        throw new EngineFailure(
          'broken-model',
          'There is nothing to continue: the text has less than two tokens.'
        )
      const timeline = await ReadTimeline.open(model, queue, ids.subarray(0, -1), 0, undefined, {})
      try {
        const decodeOptions = {
          mostTokens,
          stopIds: tokenizer.stopIds,
          suppressed: suppressed(),
          sampling: greedy
        }
        const stream = tokenizer.decoder()
        let said = ''
        for await (const part of timeline.answer(choose, ids.slice(-1), decodeOptions))
          for (const id of part) said += stream.push(id)
        return said + stream.flush()
      } finally {
        timeline.free()
      }
    },
    weightsDigest: async () => (await digestsOnce()).weights,
    evaluate: (ids, options, use) => evaluate(model, ids, options, use),
    memory: () => ({ ...device.memory(), peak: device.peakBytes, peaks: device.memory('peak') }),
    liveBuffers: () => device.liveBuffers,
    async profile() {
      if (!profile) return undefined
      return {
        kernels: await profile.kernelTimes(),
        dispatches: profile.dispatches,
        submits: profile.submits
      }
    },
    close: () => device.close()
  }

  /** Undefined as ReadTimeline.openIfWanted is. */
  async function sessionOn(
    document: DocumentText,
    options: ReadOptions & Pick<TimelineOptions, 'savedOnly'>
  ): Promise<Session | undefined> {
    const { text, digest, pages } = document
    const opened = textOf()
    const prefix = opened.chat.documentPrefix()
    // The weights' digest takes a second per GB the first time; without a store nobody asks for it.
    const identity = pages ? await identityOf(digest, Uint32Array.from(prefix)) : {}
    let placed: Promise<TokenOffsets> | undefined
    const offsetsOf = (timeline: ReadTimeline): TextOffsets => {
      const steps = () => opened.tokenizer.byteOffsetsInPieces(timeline.ids.subarray(prefix.length), text)
      return () => (placed ??= withPauses(steps()))
    }
    const sessionOf = (timeline: ReadTimeline, close: () => void): Session => {
      const asking = { text: opened, choose, suppressed: suppressed() }
      return openSession(asking, text, offsetsOf(timeline), timeline, close)
    }
    let live: Session | undefined
    const { onLive, onTokenizing, base, ...rest } = options
    try {
      const timeline = await ReadTimeline.openIfWanted(
        model,
        queue,
        () => documentIdsInPieces(opened, text, { signal: options.signal, onTokenizing }),
        prefix.length,
        pages,
        identity,
        {
          ...rest,
          base: base && { store: base.store, identity: { ...identity, text: base.digest } },
          onLive: onLive && (growing => onLive((live = sessionOf(growing, () => undefined))))
        }
      )
      return timeline && sessionOf(timeline, () => timeline.free())
    } finally {
      live?.close()
    }
  }
}
