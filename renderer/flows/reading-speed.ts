/** What this computer's speed is known by: a probe of now, and the host's memory of earlier readings, which each reading adds to. */
import type { ReadingSpeed } from '../../contract/reading-time'
import type { ReadingProgress } from '../../gpu/index'
import type { RemoteEngine } from '../engine/remote-engine'
import { currentHost } from './running-engine'

/** By engine, which is one model on one adapter: what the last probe said. */
const probes = new WeakMap<RemoteEngine, number>()

/** Tokens a second. */
export async function probe(engine: RemoteEngine): Promise<number> {
  const { tokensPerSecond } = await engine.probe()
  probes.set(engine, tokensPerSecond)
  return tokensPerSecond
}

/** What its last probe said. */
export const probedOf = (engine: RemoteEngine): number | undefined => probes.get(engine)

/** Of this model on this adapter. Without the host's memory the probe alone counts. */
export const speedsOf = ({ modelKey: own, adapter }: RemoteEngine, modelKey = own): Promise<ReadingSpeed[]> =>
  currentHost()
    .readingSpeeds(modelKey, adapter.name)
    .catch(() => [])

interface ReadingClock {
  /** The text is cut into tokens, and so many are to be read. */
  found(toRead: number): void
  reached(progress: Pick<ReadingProgress, 'tokens'>): void
  /** However it ended: the host remembers how fast it went. */
  end(): void
}

/** Begins now. Time before the first token counts by the share that was read: it serves all of the text. */
export function readingClock(engine: RemoteEngine): ReadingClock {
  const begun = performance.now()
  let [prepared, toRead] = [0, 0]
  let first: { readonly tokens: number; readonly at: number } | undefined
  let last = first
  return {
    found(tokens) {
      toRead = tokens
      prepared = performance.now() - begun
    },
    reached({ tokens }) {
      last = { tokens, at: performance.now() }
      first ??= last
    },
    end() {
      if (!first || !last || last.tokens <= first.tokens) return
      const tokens = last.tokens - first.tokens
      const ms = last.at - first.at + prepared * Math.min(1, tokens / Math.max(1, toRead))
      const { modelKey, adapter } = engine
      const probed = probes.get(engine)
      void currentHost()
        .noteSpeed({
          modelKey,
          adapter: adapter.name,
          tokens,
          seconds: ms / 1000,
          ...(probed !== undefined && { probed })
        })
        .catch(() => undefined)
    }
  }
}
