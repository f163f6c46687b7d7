/** How long a reading will take, told before it begins, and how long it took, kept for the next one. */
import { type ReadingTime, readingTime } from '../../contract/reading-time'
import type { Engine, ReadingProgress } from '../../gpu/index'
import type { Library } from '../disk/library'
import { noteSpeed, readingSpeeds } from '../disk/reading-speeds'

interface ReadingTiming {
  /** The text is cut into tokens, and so many are to be read. */
  found(toRead: number): Promise<ReadingTime>
  reached(progress: Pick<ReadingProgress, 'tokens'>): void
  /** However it ended. Never rejects: a note that cannot be kept is nothing to fail by. */
  end(): Promise<void>
}

/** Begins now. Time before the first token counts by the share that was read: it serves all of the text. */
export function readingTiming({ folder }: Library, modelKey: string, engine: Engine): ReadingTiming {
  const begun = performance.now()
  const adapter = engine.adapter.name
  let [prepared, toRead, probed] = [0, 0, 0]
  let first: { readonly tokens: number; readonly at: number } | undefined
  let last = first
  return {
    async found(tokens) {
      toRead = tokens
      prepared = performance.now() - begun
      probed = (await engine.probe()).tokensPerSecond
      return readingTime(tokens, probed, await readingSpeeds(folder, modelKey, adapter))
    },
    reached({ tokens }) {
      last = { tokens, at: performance.now() }
      first ??= last
    },
    async end() {
      if (!first || !last || last.tokens <= first.tokens || probed === 0) return
      const tokens = last.tokens - first.tokens
      const ms = last.at - first.at + prepared * Math.min(1, tokens / Math.max(1, toRead))
      const speed = { modelKey, adapter, tokens, seconds: ms / 1000, probed }
      await noteSpeed(folder, speed).catch(() => undefined)
    }
  }
}
