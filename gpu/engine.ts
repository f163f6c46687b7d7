/** A loaded model on a device: `read` a document into a session, `ask` the session, `close`. Owns all GPU memory. */
import { type Device, type DeviceOptions, openDevice, type Purpose } from './device/device'
import { type KernelTime, Profile } from './device/profile'
import { EngineFailure } from './failure'
import { checkQuotations, type Quotation, type Span, strongestSpans, wholeSentences } from './highlight'
import { chooseToken, greedy, type Sampling } from './kernels/choose-token'
import type { PageKind } from './kernels/elements'
import { pageRows } from './kernels/page-attention'
import type { PageIdentity, PageStore } from './kv/page-store'
import { type CheckedModel, openModelFolder } from './model-folder'
import { evaluate, type EvaluateOptions } from './evaluate'
import { ReadTimeline, type TimelineOptions } from './session'
import type { ModelFiles } from './text/byte-source'
import { type Chat, type ChatTurn, openChat } from './text/chat-template'
import { charOffsets } from './text/token-offsets'
import { readTokenizerConfig } from './text/tokenizer-config'
import { checkVocabulary, openTokenizer, type Tokenizer } from './text/tokenizer'
import { Turns } from './turns'
import { savedCarryBytes } from './yoco/carry'
import type { ModelConfig } from './yoco/config'
import { loadModel, type Model } from './yoco/model'

/** Changes whenever pages or carries of an older engine must not be used by a newer one. */
const layoutVersion = 1

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

export interface Question {
  readonly text: string
  readonly history?: readonly ChatTurn[]
  readonly sampling?: Partial<Sampling>
  readonly mostTokens?: number
  readonly signal?: AbortSignal
}

/** A piece of a streaming answer. */
export type Part =
  | { readonly type: 'text'; readonly text: string }
  | {
      readonly type: 'end'
      readonly text: string
      readonly tokens: number
      readonly stop: 'end' | 'length' | 'aborted'
      readonly firstTokenSeconds: number
      readonly tokensPerSecond: number
      readonly sources: readonly Span[]
      readonly quotations: readonly Quotation[]
    }

export interface Session {
  /** Tokens of the document, the prompt's few before it included; all of them are in view of every answer. */
  readonly tokens: number
  readonly reused: number
  readonly computed: number
  readonly seconds: number
  readonly pageFileBytes: number
  ask(question: Question): AsyncGenerator<Part, void>
  /** Frees the pages on the GPU; what is on disk stays. */
  close(): void
}

export interface ModelInfo {
  readonly name: string
  readonly config: ModelConfig
  /** It has a chat template: it was taught to be asked. */
  readonly prompted: boolean
  /** Bytes on disk per token read and per document besides. */
  readonly bytesPerToken: number
  readonly bytesPerDocument: number
}

export interface Engine {
  readonly model: ModelInfo
  readonly adapter: Device['adapter']
  /** Resolves with the reason when the device goes away; saved pages stay, a new engine goes on from them. */
  readonly lost: Promise<string>
  /** Token ids that reading this text takes, the prompt's few before it included. */
  tokenize(text: string): Uint32Array
  read(document: DocumentText, options?: TimelineOptions): Promise<Session>
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
  const folder = await openModelFolder(options.model)
  const text = openText(folder)
  const device = await openDevice(options.gpu, options)
  try {
    const profile = device.profiled ? new Profile(device) : undefined
    const loadOptions = { pages: options.pages ?? 'f16', onProgress: options.onLoading } as const
    const model = await loadModel(device, folder.config, folder.tensors, loadOptions, profile)
    return await assemble(folder, text, device, model, profile)
  } catch (error) {
    device.close()
    throw error
  }
}

interface Text {
  readonly tokenizer: Tokenizer
  readonly chat: Chat
  /** Begins a sequence, where the model has such a token. */
  readonly bos: number | undefined
}

function openText(folder: CheckedModel): Text | undefined {
  if (folder.tokenizerJson === undefined) return undefined
  const tokenizer = openTokenizer(folder.tokenizerJson, folder.tokenizerConfig, folder.eosIds)
  checkVocabulary(tokenizer, folder.config.vocabSize)
  const { bos } = readTokenizerConfig(folder.tokenizerConfig)
  return {
    tokenizer,
    chat: openChat(tokenizer, folder.tokenizerConfig),
    bos: bos === undefined ? undefined : tokenizer.specialId(bos)
  }
}

async function assemble(
  folder: CheckedModel,
  openedText: Text | undefined,
  device: Device,
  model: Model,
  profile: Profile | undefined
): Promise<Engine> {
  const { config } = folder
  const turns = new Turns()
  const choose = await chooseToken(device, config.vocabSize)
  const textOf = (): Text => {
    if (openedText) return openedText
    throw new EngineFailure(
      'unsupported-model',
      `${folder.name} has no tokenizer.json, so it can compute logits but not read text. Add the tokenizer.json that belongs to it.`
    )
  }
  const idsOf = (text: string): Uint32Array => {
    const { tokenizer, chat } = textOf()
    const prefix = chat.documentPrefix()
    const { ids } = tokenizer.encodeText(text, { atStart: prefix.length === 0 })
    const all = new Uint32Array(prefix.length + ids.length)
    all.set(prefix)
    all.set(ids, prefix.length)
    return all
  }
  // Ids without a token, and control tokens that end nothing, must not come out of a sampler.
  const neverSaid = (): number[] => {
    const { tokenizer } = textOf()
    return Array.from({ length: config.vocabSize }, (_, id) => id).filter(
      id => id >= tokenizer.size || (tokenizer.isSpecial(id) && !tokenizer.stopIds.has(id))
    )
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
      pages: model.pageKind,
      pageRows
    }
  }

  return {
    model: {
      name: folder.name,
      config,
      prompted: readTokenizerConfig(folder.tokenizerConfig).template !== undefined,
      bytesPerToken: model.pages.pageBytes / pageRows + 4,
      bytesPerDocument: 2 * savedCarryBytes(config) + 4096
    },
    adapter: device.adapter,
    lost: device.lost,
    tokenize: idsOf,
    encode: text => textOf().tokenizer.encodeText(text).ids,
    async read(document, options = {}) {
      const prefix = textOf().chat.documentPrefix()
      // The weights' digest takes a second per GB the first time; without a store nobody asks for it.
      const identity = document.pages ? await identityOf(document.digest, Uint32Array.from(prefix)) : {}
      const timeline = await ReadTimeline.open(
        model,
        turns,
        () => idsOf(document.text),
        prefix.length,
        document.pages,
        identity,
        options
      )
      return session(document.text, timeline)
    },
    async complete(text, mostTokens) {
      const { tokenizer, bos } = textOf()
      const own = tokenizer.encodeText(text, { atStart: true }).ids
      const ids = bos === undefined ? own : Uint32Array.from([bos, ...own])
      if (ids.length < 2)
        throw new EngineFailure(
          'broken-model',
          'There is nothing to continue: the text has less than two tokens.'
        )
      const timeline = await ReadTimeline.open(model, turns, ids.subarray(0, -1), 0, undefined, {})
      try {
        const decodeOptions = {
          mostTokens,
          stopIds: tokenizer.stopIds,
          neverSaid: neverSaid(),
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

  function session(text: string, timeline: ReadTimeline): Session {
    const { tokenizer, chat } = textOf()
    let offsets: Uint32Array | undefined
    const sourcesOf = (mass: Float32Array): Span[] => {
      const own = timeline.ids.subarray(timeline.prefix)
      offsets ??= tokenizer.byteOffsets(own, text).starts
      return toSpans(text, strongestSpans(mass, timeline.rows, 3), timeline.prefix, offsets)
    }
    return {
      tokens: timeline.rows,
      reused: timeline.reused,
      computed: timeline.rows - timeline.reused,
      seconds: timeline.seconds,
      pageFileBytes: timeline.pageFileBytes,
      async *ask(question) {
        const begun = performance.now()
        const ids = chat.documentSuffixAndTurns(question.history ?? [], question.text)
        const answer = timeline.answer(choose, ids, {
          mostTokens: question.mostTokens ?? 256,
          stopIds: tokenizer.stopIds,
          neverSaid: neverSaid(),
          sampling: { ...greedy, ...question.sampling },
          signal: question.signal
        })
        const stream = tokenizer.decoder()
        let [said, tokens, first] = ['', 0, 0]
        for (;;) {
          const next = await answer.next()
          if (first === 0) first = performance.now()
          const piece = next.done ? stream.flush() : Array.from(next.value, id => stream.push(id)).join('')
          // Most templates leave a space between the turn's mark and its first word.
          const shown = said === '' ? piece.trimStart() : piece
          said += shown
          if (shown !== '') yield { type: 'text', text: shown }
          if (!next.done) {
            tokens += next.value.length
            continue
          }
          const seconds = (performance.now() - first) / 1000
          const trimmed = said.trimEnd()
          yield {
            type: 'end',
            text: trimmed,
            tokens,
            stop: next.value.stop,
            firstTokenSeconds: (first - begun) / 1000,
            tokensPerSecond: tokens > 1 && seconds > 0 ? (tokens - 1) / seconds : 0,
            sources: sourcesOf(next.value.mass),
            quotations: checkQuotations(trimmed, text)
          }
          return
        }
      },
      close: () => timeline.free()
    }
  }
}

function toSpans(
  text: string,
  spans: readonly { first: number; end: number; score: number }[],
  prefix: number,
  offsets: Uint32Array
): Span[] {
  const bytes = spans.map(span => [
    offsets[Math.max(0, span.first - prefix)],
    offsets[Math.max(0, span.end - prefix)]
  ])
  const order = Array.from(spans.keys()).sort((a, b) => bytes[a][0] - bytes[b][0])
  const starts = charOffsets(
    text,
    order.map(i => bytes[i][0]),
    'down'
  )
  const ends = charOffsets(
    text,
    order.map(i => bytes[i][1]),
    'up'
  )
  const found: Span[] = []
  for (const [at, i] of order.entries()) {
    const [start, end] = wholeSentences(text, starts[at], ends[at])
    const encoder = new TextEncoder()
    const startByte = bytes[i][0] - encoder.encode(text.slice(start, starts[at])).length
    const passage = text.slice(start, end)
    found[i] = {
      start,
      end,
      startByte,
      endByte: startByte + encoder.encode(passage).length,
      score: spans[i].score,
      text: passage
    }
  }
  return found
}
