/** A loaded model on a device: `read` a document into a session, `ask` the session, `close`. Owns all GPU memory. */
import type { Session } from './session'
import { complete } from './complete'
import { type Device, type DeviceOptions, openDevice, type Purpose } from './device/device'
import { type KernelTime, Profile } from './device/profile'
import { evaluate, type EvaluateOptions } from './evaluate'
import { EngineFailure } from './failure'
import { bytesPerDocument, bytesPerToken, checkModel, isPrompted } from './inspect'
import type { Sampling } from './kernels/choose-token'
import { kernelChoice } from './kernels/kernel-choice'
import type { PageKind } from './kernels/page-format'
import { fitPages, type MemoryFit as PagesFit } from './kv/open-pages'
import { type LoadedModel, loadedModel } from './loaded-model'
import type { ModelShape } from './model/family'
import { onceFor } from './once'
import { type DocumentText, openDocument, type ReadOptions } from './open-document'
import { measureReading } from './probe'
import type { ModelFiles } from './text/byte-source'
import { countTokens, documentIds, type TokenCount } from './text/model-text'
import { type Precision, precisionOf } from './weights/precision'

/** Milliseconds for which a measured speed is believed. */
const probedFor = 60_000

export interface EngineOptions extends DeviceOptions {
  readonly gpu: GPU
  readonly model: ModelFiles
  /** Precision of keys and values; the model's own by default. */
  readonly pages?: PageKind
  /** Stands before the document and every question, where the model's chat template takes such a message. */
  readonly system?: string
  readonly onLoading?: (loadedBytes: number, totalBytes: number) => void
}

export interface ModelInfo {
  readonly name: string
  /** The precision that most weights have. */
  readonly weights: Precision
  /** The precision of keys and values: the name of a page format. */
  readonly pages: string
  readonly config: ModelShape
  /** It has a chat template: it was taught to be asked. */
  readonly prompted: boolean
  /** How its makers choose tokens, where they say so. Questions about a document are answered greedily. */
  readonly sampling?: Partial<Sampling>
  /** Bytes on disk per token read and per document besides. */
  readonly bytesPerToken: number
  readonly bytesPerDocument: number
  /** Bytes of GPU memory per token read: its row of K and V. */
  readonly memoryBytesPerToken: number
}

/** How a document of so many tokens would lie in graphics memory. */
export interface MemoryFit extends Pick<PagesFit, 'bytes' | 'most' | 'kept'> {
  /** Where a part of it is brought from disk: seconds that this adds to every token of an answer, about; otherwise 0. */
  readonly streamingSecondsPerToken: number
}

interface Profiled {
  readonly kernels: KernelTime[]
  readonly dispatches: number
  readonly submits: number
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
   * Whether the pages of so many tokens fit into graphics memory just now, tried out for a second at most and given back;
   * what was not refused within that time counts as granted. WebGPU does not tell how much memory is free or there at all,
   * and some drivers grant more than there is: that all of it fits is a good sign and no promise, the opposite is certain.
   */
  fitsMemory(tokens: number): Promise<MemoryFit>
  /** Makes the document read. Throws EngineFailure 'cancelled' where `onFound` answers false: nothing was read then. */
  read(document: DocumentText, options?: ReadOptions): Promise<Session>
  /** A session on what is saved, without reading on; undefined where nothing is saved of this text with this model. */
  open(
    document: DocumentText,
    options?: Pick<ReadOptions, 'signal' | 'onShort'>
  ): Promise<Session | undefined>
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
  profile(): Promise<Profiled | undefined>
  close(): void
}

/** Checks the model's files, then opens the device and loads. Throws EngineFailure with a sentence for people. */
export async function openEngine(options: EngineOptions): Promise<Engine> {
  const { folder, text } = await checkModel(options.model, { system: options.system })
  const device = await openDevice(options.gpu, options)
  try {
    device.profile = device.profiled ? new Profile(device) : undefined
    await kernelChoice(device)
    const model = await folder.family.load(device, folder.config, folder.tensors, {
      pages: options.pages,
      attentionTemperature: folder.generation.attentionTemperature,
      onProgress: options.onLoading
    })
    checkLimit(folder.name, device)
    return engineOf(await loadedModel(folder, text, device, model))
  } catch (error) {
    device.close()
    throw error
  }
}

/** Which weights a family uploads is known when it has: tables may stay on disk. */
function checkLimit(name: string, { liveBytes, memoryLimit, adapter }: Device): void {
  if (liveBytes < memoryLimit) return
  throw new EngineFailure(
    'gpu-lacking',
    `${name} takes ${mib(liveBytes)} of graphics memory before it reads anything, and ${mib(memoryLimit)} may be used (${adapter.name}). ` +
      'Allow more, or take a smaller model or weights of fewer bits.'
  )
}

const mib = (bytes: number): string => `${Math.ceil(bytes / (1 << 20)).toLocaleString('en')} MiB`

function engineOf(loaded: LoadedModel): Engine {
  const { device, model, queue } = loaded
  const probe = onceFor(probedFor, () => measureReading(model, queue))
  return {
    model: infoOf(loaded),
    adapter: device.adapter,
    lost: device.lost,
    tokenize: text => documentIds(loaded.text(), text),
    encode: text => loaded.text().tokenizer.encodeText(text).ids,
    countTokens: async text => countTokens(loaded.text(), text),
    probe: async () => ({ tokensPerSecond: await probe() }),
    fitsMemory: async tokens => {
      const { streamedBytesPerToken, ...fit } = await fitPages(model, tokens)
      return { ...fit, streamingSecondsPerToken: loaded.streamSpeed.secondsFor(streamedBytesPerToken) }
    },
    async read(document, options = {}) {
      const session = await openDocument(loaded, document, options)
      if (session) return session
      throw new EngineFailure('cancelled', 'Reading was not begun.')
    },
    open: (document, { signal, onShort } = {}) =>
      openDocument(loaded, document, { signal, onShort, savedOnly: true }),
    complete: (text, mostTokens) => complete(loaded, text, mostTokens),
    weightsDigest: async () => (await loaded.digests()).weights,
    evaluate: (ids, options, use) => evaluate(model, ids, options, use),
    memory: () => ({ ...device.memory(), peak: device.peakBytes, peaks: device.memory('peak') }),
    liveBuffers: () => device.liveBuffers,
    profile: async () => device.profile && profiled(device.profile),
    close: () => device.close()
  }
}

function infoOf({ folder, model }: LoadedModel): ModelInfo {
  return {
    name: folder.name,
    weights: precisionOf(folder.tensors),
    pages: model.layout.format.name,
    config: folder.config,
    prompted: isPrompted(folder),
    sampling: folder.generation.sampling,
    bytesPerToken: bytesPerToken(model.plan, model.layout),
    bytesPerDocument: bytesPerDocument(model.plan),
    memoryBytesPerToken: model.layout.rowBytes
  }
}

const profiled = async (profile: Profile): Promise<Profiled> => ({
  kernels: await profile.kernelTimes(),
  dispatches: profile.dispatches,
  submits: profile.submits
})
