/** A file → its text, or a refusal that says what the file is and what to do; nothing of a refused file is kept. */
import { stat } from 'node:fs/promises'
import { basename } from 'node:path'
import { failureOfSaid, failureSaying, HostFailure } from '../../contract/failure'
import type { FailureWord } from '../../contract/failure-words'
import { weightsSaid } from '../../contract/weight-files'
import { longestText } from './decode-text'
import { type ExtractedDocument, type Limits, limitsFor } from './extract/document'
import { cancelled, type Extract } from './extract/ask-worker'
import { extractInWorker } from './extract/in-worker'
import { readJson } from './extract/json'
import { readPlain } from './extract/plain'
import { behindJunk, claimedKind, headLength, kindOf, refusal, textFormatOf } from './file-kinds'
import { readFailure } from './io-failure'
import { PositionedFile } from './positioned-file'

export type { ExtractedDocument } from './extract/document'

export interface ExtractOptions {
  /** HTML: the readable text (default), or all of it. */
  readonly html?: 'readable' | 'whole'
  /** Of text and web pages, by a person's word instead of the file's or a guess. */
  readonly encoding?: string
  /** In a unit of the format's own, pages for example; `total` 0: not known. */
  readonly onProgress?: (done: number, total: number) => void
  /** Ends the extraction with `cancelled`. */
  readonly signal?: AbortSignal
  readonly limits?: Partial<Limits>
  /** Where the reading of what is not short and plain goes on; a thread of this process where absent. */
  readonly extract?: Extract
}

/** Decoding that much takes some 10 ms, less than starting a thread for it. */
const smallText = 1 << 20

/** Errors: `unsupported-file`, `unreadable-file`, `empty-document`, `too-long`, `not-found`, `cancelled`. */
export async function extractFile(path: string, options: ExtractOptions = {}): Promise<ExtractedDocument> {
  const name = basename(path)
  const file = await openFile(path)
  try {
    const head = new Uint8Array(Math.min(headLength, file.size))
    await file.read(0, head)
    const weights = weightsSaid(name, head)
    if (weights) throw failureOfSaid('unsupported-file', weights)
    const kind = kindOf(head) ?? behindJunk(head, name)
    // Before the size: of a 3 GB film the useful thing to say is not that it is too long.
    if (kind && kind.format === undefined) throw refusal(name, kind)
    if (!kind) refuseClaim(name, file.size)
    const format = kind?.format ?? textFormatOf(name, head)
    const limits = { ...limitsFor(file.size), ...options.limits }
    const isPlain = !kind && format !== 'archive' && format !== 'html'
    const most = isPlain ? longestText : limits.fileBytes
    if (file.size > most)
      throw isPlain
        ? failureSaying('too-long', 'textTooLong', { name, size: file.size, most })
        : failureSaying('too-long', 'fileTooLong', {
            name,
            what: { name: kind?.what ?? 'kindWebPage', values: {} },
            size: file.size,
            most
          })
    if (options.signal?.aborted) throw cancelled(name)
    if (isPlain && file.size <= smallText) {
      const bytes = new Uint8Array(file.size)
      await file.read(0, bytes)
      const read =
        format === 'json'
          ? await readJson(bytes, name, options)
          : await readPlain(bytes, name, format, options)
      return { ...read, bytes: bytes.length }
    }
    const task = {
      path,
      name,
      format,
      html: options.html ?? 'readable',
      encoding: options.encoding,
      limits
    } as const
    return await (options.extract ?? extractInWorker)(task, options.onProgress, options.signal)
  } catch (error) {
    // What a model's file calls broken is here a text that changes while it is read.
    if (error instanceof HostFailure && error.code === 'broken-model')
      throw failureSaying('unreadable-file', 'cutWhileRead', { path })
    throw error
  } finally {
    await file.close()
  }
}

async function openFile(path: string): Promise<PositionedFile> {
  const found = await stat(path).catch(error => {
    throw readFailure(error, path)
  })
  const refuse = (what: FailureWord) => failureSaying('unsupported-file', what, { path })
  if (found.isDirectory()) throw refuse('isFolder')
  if (found.isFIFO() || found.isSocket()) throw refuse('isPipe')
  if (!found.isFile()) throw refuse('isDevice')
  return PositionedFile.open(path)
}

/** A failed download is often a page of HTML under the name of the file. */
function refuseClaim(name: string, size: number): void {
  const claimed = claimedKind(name)
  if (claimed === undefined || size === 0) return
  throw failureSaying('unsupported-file', 'notAsNamed', { name, what: { name: claimed, values: {} } })
}
