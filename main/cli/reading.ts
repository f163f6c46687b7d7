/** A file read by the engine, whatever state it is in on disk; shared by `read` and `ask`. */
import { EngineFailure, type Session } from '../../gpu/index'
import { HostFailure } from '../../contract/failure'
import { checkRoom, formatBytes } from '../disk/disk-space'
import type { Library } from '../disk/library'
import { PageFile } from '../disk/page-file'
import { modelKey } from '../disk/paths'
import type { OpenedEngine } from './open'
import { duration, durations, grouped, type Output } from './output'
import { readingTiming } from './reading-timing'

export interface ReadDocument {
  readonly id: string
  readonly name: string
  readonly text: string
  readonly modelKey: string
  readonly session: Session
  close(): Promise<void>
}

/** Reads `path`, going on from what is on disk. Ctrl-C saves and ends with HostFailure('cancelled'). */
export async function readFile(
  path: string,
  library: Library,
  { engine }: OpenedEngine,
  output: Output,
  chunk?: number
): Promise<ReadDocument> {
  const { document, text } = await library.add(path)
  for (const problem of library.problems) output.note(problem)
  for (const { message } of document.notes) output.note(message)
  const key = modelKey(engine.model.name, await engine.weightsDigest())
  const pages = new PageFile(library.pages(document.id, key))
  const stop = new AbortController()
  const interrupt = (): void => {
    // Once saves and stops; a second time means now.
    if (stop.signal.aborted) process.exit(130)
    stop.abort()
  }
  process.on('SIGINT', interrupt)
  process.on('SIGTERM', interrupt)
  const timing = readingTiming(library, key, engine)
  let [reached, total] = [0, 0]
  const remember = (
    state: 'partial' | 'complete',
    tokens: number,
    read: number,
    pageFileBytes: number
  ): Promise<unknown> =>
    library.setReading(document.id, key, { modelName: engine.model.name, tokens, read, pageFileBytes, state })
  try {
    const session = await engine.read(
      { text, digest: document.textDigest, pages },
      {
        signal: stop.signal,
        chunk,
        onFound: async (found, tokensToRead, tokens) => {
          total = tokens
          if (found.state === 'foreign') {
            output.note(
              `What was saved of ${document.name} belongs to something else (${found.differs.join(', ')} changed): reading it again.`
            )
          }
          const { trainedLength } = engine.model.config
          if (trainedLength !== undefined && total > trainedLength) {
            output.note(
              `${engine.model.name} was trained for ${grouped(trainedLength)} tokens and this text has ${grouped(total)}: all of it is in view, but expect worse answers than on short texts.`
            )
          }
          const bytes = tokensToRead * engine.model.bytesPerToken + engine.model.bytesPerDocument
          if (tokensToRead > 0) {
            await checkRoom(pages.path, bytes, 'noRoomToRead', document.name)
            const time = await timing.found(tokensToRead)
            output.record({ type: 'plan', tokensToRead, bytes: Math.ceil(bytes), ...time })
            output.note(
              `${document.name}: ${grouped(tokensToRead)} tokens to read, about ${formatBytes(bytes)} on disk and ${durations(time)}.`
            )
          }
        },
        onProgress: progress => {
          timing.reached(progress)
          reached = progress.tokens
          total = progress.total
          output.progress(progress)
        }
      }
    )
    await remember('complete', session.tokens, session.tokens, pages.bytes)
    output.record({
      type: 'read',
      tokens: session.tokens,
      reused: session.reused,
      computed: session.computed,
      seconds: session.seconds,
      pageFileBytes: pages.bytes,
      document: document.id
    })
    const { tokens, reused, computed, seconds } = session
    output.note(
      computed === 0
        ? `Reopened ${document.name}: ${grouped(reused)} of ${grouped(tokens)} tokens from disk in ${duration(seconds)}, none read again.`
        : `Read ${document.name}: ${grouped(tokens)} tokens (${grouped(reused)} reused, ${grouped(computed)} read) in ${duration(seconds)}, ${formatBytes(pages.bytes)} on disk.`
    )
    return {
      id: document.id,
      name: document.name,
      text,
      modelKey: key,
      session,
      async close() {
        session.close()
        await pages.close()
      }
    }
  } catch (error) {
    if (error instanceof EngineFailure && error.code === 'cancelled') {
      await remember('partial', total, reached, pages.bytes)
      await pages.close()
      output.record({ type: 'stopped', tokens: reached, total, pageFileBytes: pages.bytes })
      throw new HostFailure(
        'cancelled',
        `Stopped at ${grouped(reached)} of ${grouped(total)} tokens; they are saved. Run the same command again to go on from there.`
      )
    }
    await pages.close()
    throw error
  } finally {
    await timing.end()
    process.off('SIGINT', interrupt)
    process.off('SIGTERM', interrupt)
  }
}
