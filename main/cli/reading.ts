/** A file read by the engine, whatever state it is in on disk; shared by `read` and `ask`. */
import { HostFailure } from '../../contract/failure'
import { type ReadingTime, secondsPerWord } from '../../contract/reading-time'
import { SerialQueue } from '../../contract/serial-queue'
import { throttle } from '../../contract/throttle'
import { EngineFailure, type Found, type ReadingProgress, type Session } from '../../gpu/index'
import { checkRoom, formatBytes } from '../disk/disk-space'
import type { DocumentRecord } from '../disk/document-record'
import type { Library } from '../disk/library'
import { PageFile } from '../disk/page-file'
import { modelKey } from '../disk/paths'
import { type CliOffer, offersBeside } from './offers'
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

/** Reads `path`, going on from what is on disk; `anew`: today's text, where an earlier version made another one. Ctrl-C saves and ends with HostFailure('cancelled'). */
export async function readFile(
  path: string,
  library: Library,
  { engine, name, which }: OpenedEngine,
  output: Output,
  { chunk, anew }: { readonly chunk?: number; readonly anew?: boolean } = {}
): Promise<ReadDocument> {
  const { document, text, isOlder } = await library.add(path, { anew })
  for (const problem of library.problems) output.note(problem)
  for (const { message } of document.notes) output.note(message)
  if (isOlder)
    output.note(
      `The text of ${document.name} is that of an earlier version, and today's would differ. What was read of it is used; --again reads today's text.`
    )
  const key = modelKey(engine.model.name, await engine.weightsDigest(), engine.model.pages)
  const pages = new PageFile(library.pages(document.id, key))
  const interrupt = interruptable()
  const reading = new FileReading(document, { library, engine, name, which, output, pages, key })
  try {
    const session = await engine.read(
      { text, digest: document.textDigest, pages },
      {
        signal: interrupt.signal,
        chunk,
        onFound: (found, tokensToRead, tokens) => reading.found(found, tokensToRead, tokens),
        onProgress: progress => {
          reading.progress(progress)
          output.progress(progress)
        }
      }
    )
    await reading.done(session)
    const close = async (): Promise<void> => {
      session.close()
      await pages.close()
    }
    return { id: document.id, name: document.name, text, modelKey: key, session, close }
  } catch (error) {
    if (error instanceof EngineFailure && error.code === 'cancelled') throw await reading.stopped()
    await pages.close()
    throw error
  } finally {
    output.endProgress()
    await reading.told()
    await reading.timing.end()
    interrupt.end()
  }
}

/** Ctrl-C once saves and stops; a second time means now. */
function interruptable(): { readonly signal: AbortSignal; end(): void } {
  const stop = new AbortController()
  const interrupt = (): void => {
    if (stop.signal.aborted) process.exit(130)
    stop.abort()
  }
  const signals = ['SIGINT', 'SIGTERM'] as const
  for (const each of signals) process.on(each, interrupt)
  return {
    signal: stop.signal,
    end() {
      for (const each of signals) process.off(each, interrupt)
    }
  }
}

type Reached = Pick<ReadingProgress, 'tokens' | 'total'>

interface ReadingParts {
  readonly library: Library
  readonly engine: OpenedEngine['engine']
  /** Of the model, as it is run. */
  readonly name: string
  readonly which: OpenedEngine['which']
  readonly output: Output
  readonly pages: PageFile
  /** The model's. */
  readonly key: string
}

/** Milliseconds between two notes in the library of how far reading came: what a killed program leaves behind. */
const notePace = 5000

/** What is told and kept of one reading. */
class FileReading {
  readonly timing: ReturnType<typeof readingTiming>
  private reached = 0
  private total = 0
  // One after another: an earlier note must not overtake a later one.
  private readonly notes = new SerialQueue()
  private readonly onTheWay = throttle<Reached>(notePace, ({ tokens, total }) => {
    if (tokens < total) void this.remember('partial', total, tokens).catch(() => undefined)
  })

  constructor(
    private readonly document: DocumentRecord,
    private readonly parts: ReadingParts
  ) {
    this.timing = readingTiming(parts.library, parts.key, parts.engine)
  }

  progress(progress: ReadingProgress): void {
    this.timing.reached(progress)
    this.reached = progress.tokens
    this.total = progress.total
    this.onTheWay.push(progress)
  }

  /** Resolves when the library knows all that was told. */
  told(): Promise<void> {
    return this.notes.idle()
  }

  /** Before it begins. Rejects with `disk-full`. */
  async found(found: Found, tokensToRead: number, tokens: number): Promise<void> {
    const { document, timing } = this
    const { output, pages, engine } = this.parts
    const { name, config, bytesPerToken, bytesPerDocument } = engine.model
    this.total = tokens
    if (found.state === 'foreign')
      output.note(
        `What was saved of ${document.name} belongs to something else (${found.differs.join(', ')} changed): reading it again.`
      )
    const { trainedLength } = config
    if (trainedLength !== undefined && tokens > trainedLength)
      output.note(
        `${name} was trained for ${grouped(trainedLength)} tokens and this text has ${grouped(tokens)}: all of it is in view, but expect worse answers than on short texts.`
      )
    const streamed = this.streaming(found, tokens)
    if (tokensToRead === 0) return
    const bytes = tokensToRead * bytesPerToken + bytesPerDocument
    await checkRoom(pages.path, bytes, 'noRoomToRead', document.name)
    const time = await timing.found(tokensToRead)
    const offers = await this.offers(tokens, tokensToRead, time)
    output.record({
      ...{ type: 'plan', tokensToRead, bytes: Math.ceil(bytes), ...time, ...streamed },
      ...(offers && { offers })
    })
    output.note(
      `${document.name}: ${grouped(tokensToRead)} tokens to read, about ${formatBytes(bytes)} on disk and ${durations(time)}.`
    )
    if (offers)
      output.note(
        `The better answers first: ${offers.map(({ model, name, seconds }) => `${name} (--model ${model}): ${seconds > 0 ? `about ${duration(seconds)}` : 'read already'}`).join('; ')}.`
      )
  }

  /** What the models that came with the program take for it; what cannot be told stops no reading. */
  private offers(
    tokens: number,
    toRead: number,
    time: ReadingTime
  ): Promise<readonly CliOffer[] | undefined> {
    const { document } = this
    const { library, engine, which } = this.parts
    const known = { folder: which.folder, adapter: engine.adapter.name, document, tokens, toRead, time }
    return offersBeside(which.embedded, library, known).catch(() => undefined)
  }

  /** What answers cost where a part of the document stays on disk, told before reading and before reopening. */
  private streaming({ streamingSecondsPerToken: perToken }: Found, tokens: number) {
    if (perToken === undefined) return undefined
    const streamingSecondsPerWord = secondsPerWord(perToken, tokens, this.document.characters)
    this.parts.output.note(
      `${this.document.name} is larger than the graphics memory: a part of it stays on disk, and answers will be slower, by about ${perWord(streamingSecondsPerWord)} a word.`
    )
    return { streamingSecondsPerToken: perToken, streamingSecondsPerWord }
  }

  async done({ tokens, reused, computed, seconds }: Session): Promise<void> {
    const { document } = this
    const { output, pages } = this.parts
    await this.remember('complete', tokens, tokens)
    const pageFileBytes = pages.bytes
    output.record({
      ...{ type: 'read', tokens, reused, computed, seconds, pageFileBytes },
      document: document.id
    })
    output.note(
      computed === 0
        ? `Reopened ${document.name}: ${grouped(reused)} of ${grouped(tokens)} tokens from disk in ${duration(seconds)}, none read again.`
        : `Read ${document.name}: ${grouped(tokens)} tokens (${grouped(reused)} reused, ${grouped(computed)} read) in ${duration(seconds)}, ${formatBytes(pageFileBytes)} on disk.`
    )
  }

  /** Closes the page file, and returns what the command fails with. */
  async stopped(): Promise<HostFailure> {
    const { reached, total } = this
    const { output, pages } = this.parts
    await this.remember('partial', total, reached)
    await pages.close()
    output.record({ type: 'stopped', tokens: reached, total, pageFileBytes: pages.bytes })
    return new HostFailure(
      'cancelled',
      `Stopped at ${grouped(reached)} of ${grouped(total)} tokens; they are saved. Run the same command again to go on from there.`
    )
  }

  private remember(state: 'partial' | 'complete', tokens: number, read: number): Promise<void> {
    const { library, name: modelName, pages, key } = this.parts
    return this.notes.run(async () => {
      const reading = { modelName, tokens, read, pageFileBytes: pages.bytes, state }
      await library.setReading(this.document.id, key, reading)
    })
  }
}

const perWord = (seconds: number): string =>
  seconds < 0.1 ? 'a tenth of a second or less' : duration(seconds)
