/** From a document's text to a session on it: what is saved of it is taken up, the rest is read. */
import { openSession, type Session, type TextOffsets } from './session'
import { identityOf } from './kv/identity'
import type { PageIdentity, PageStore } from './kv/page-store'
import type { LoadedModel } from './loaded-model'
import { withPauses } from './pause'
import { documentIdsInPieces, type ModelText } from './text/model-text'
import type { TokenOffsets } from './text/token-offsets'
import { ReadTimeline, type TimelineOptions } from './timeline'

export interface DocumentText {
  readonly text: string
  /** Digest of the text; what is saved belongs to it. */
  readonly digest: string
  /**
   * Where pages are kept; without one everything is read anew each time. Its owner closes it, where the session is streamed
   * not before that was released.
   */
  readonly pages?: PageStore
}

export interface ReadOptions extends Omit<
  TimelineOptions,
  'onLive' | 'queue' | 'base' | 'savedOnly' | 'streamSpeed'
> {
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

/** Undefined as ReadTimeline.openIfWanted is. */
export async function openDocument(
  loaded: LoadedModel,
  { text, digest, pages }: DocumentText,
  options: ReadOptions & Pick<TimelineOptions, 'savedOnly'>
): Promise<Session | undefined> {
  const { model, queue } = loaded
  const modelText = loaded.text()
  const prefix = modelText.chat.documentPrefix()
  // The weights' digest takes a second per GB the first time; without a store nobody asks for it.
  const identity = pages ? await identityOn(loaded, Array.from(prefix), digest) : {}
  const offsetsOf = textOffsets(modelText, text, prefix.length)
  const sessionOf = (timeline: ReadTimeline, close: () => void): Session =>
    openSession(loaded, { text, offsets: offsetsOf(timeline), timeline }, close)
  let live: Session | undefined
  const { onLive, onTokenizing, base, ...rest } = options
  try {
    const timeline = await ReadTimeline.openIfWanted(
      model,
      queue,
      () => documentIdsInPieces(modelText, text, { signal: options.signal, onTokenizing }),
      prefix.length,
      pages,
      identity,
      {
        ...rest,
        streamSpeed: loaded.streamSpeed,
        base: base && { store: base.store, identity: { ...identity, text: base.digest } },
        onLive: onLive && (growing => onLive((live = sessionOf(growing, () => undefined))))
      }
    )
    return timeline && sessionOf(timeline, () => timeline.free())
  } finally {
    live?.close()
  }
}

async function identityOn(loaded: LoadedModel, prefix: number[], text: string): Promise<PageIdentity> {
  return identityOf({ digests: await loaded.digests(), prefix, text, pages: loaded.model.layout.format.name })
}

/** Where the tokens of one document lie in its text. They are found once, also for the session that grows with the reading. */
function textOffsets(modelText: ModelText, text: string, prefix: number) {
  let found: Promise<TokenOffsets> | undefined
  return (timeline: ReadTimeline): TextOffsets => {
    const steps = () => modelText.tokenizer.byteOffsetsInPieces(timeline.ids.subarray(prefix), text)
    return () => (found ??= withPauses(steps()))
  }
}
