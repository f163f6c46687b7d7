/** From files that a person chose to texts: one document a file, or all of them as one. Nothing is kept here. */
import { stat } from 'node:fs/promises'
import { basename } from 'node:path'
import { failureSaying, HostFailure } from '../../contract/failure'
import type { Said } from '../../contract/failure-words'
import type { Origin } from './document-record'
import { type ExtractedDocument, extractFile } from './extract-text'
import type { Extract } from './extract/ask-worker'
import { joinFiles } from './extract/join-files'
import { type Fingerprint, fingerprintOf } from './fingerprint'
import { gatherFiles } from './gather-files'
import { readFailure } from './io-failure'

interface FoundFile {
  readonly path: string
  /** For people: below the folder that was chosen, with "/" between folders. */
  readonly name: string
}

interface Refused {
  readonly name: string
  readonly code: string
  readonly message: string
  readonly said?: Said
}

export interface ImportFilesOptions {
  readonly html?: 'readable' | 'whole'
  /** Of text and web pages, by a person's word. */
  readonly encoding?: string
  /** `total` 0: not known. */
  readonly onProgress?: (name: string, done: number, total: number) => void
  readonly signal?: AbortSignal
  /** Where files are read; a thread of this process where absent. */
  readonly extract?: Extract
}

export interface Text {
  readonly extracted: ExtractedDocument
  readonly files: readonly Fingerprint[]
}

/** All files behind what was picked; folders are looked through. */
export async function findFiles(
  picked: readonly string[],
  signal?: AbortSignal
): Promise<{ files: FoundFile[]; refused: Refused[]; ignored: number }> {
  const files: FoundFile[] = []
  const refused: Refused[] = []
  let ignored = 0
  for (const path of picked) {
    try {
      const found = await stat(path).catch(error => {
        throw readFailure(error, path)
      })
      if (!found.isDirectory()) {
        files.push({ path, name: basename(path) })
        continue
      }
      const gathered = await gatherFiles(path, { signal })
      ignored += gathered.ignored
      files.push(...gathered.files)
    } catch (error) {
      refused.push(refusal(basename(path), error))
    }
  }
  return { files, refused, ignored }
}

export async function textOfFile(file: FoundFile, options: ImportFilesOptions): Promise<Text> {
  const { html, encoding, signal, extract, onProgress } = options
  const print = await fingerprintOf(file.path).catch(error => {
    throw readFailure(error, file.path)
  })
  onProgress?.(file.name, 0, 0)
  const extracted = await extractFile(file.path, {
    html,
    encoding,
    signal,
    extract,
    onProgress: (done, total) => onProgress?.(file.name, done, total)
  })
  onProgress?.(file.name, 1, 1)
  return { extracted, files: [print] }
}

/** Several files as one text. What cannot be read is left out and told; nothing readable at all is a failure. */
export async function textOfFiles(
  name: string,
  files: readonly FoundFile[],
  options: ImportFilesOptions
): Promise<Text & { readonly refused: readonly Refused[] }> {
  const parts: { name: string; document: ExtractedDocument }[] = []
  const prints: Fingerprint[] = []
  const refused: Refused[] = []
  for (const [i, file] of files.entries()) {
    options.onProgress?.(name, i, files.length)
    try {
      const { extracted, files: own } = await textOfFile(file, { ...options, onProgress: undefined })
      parts.push({ name: file.name, document: extracted })
      prints.push(...own)
    } catch (error) {
      refused.push(refusal(file.name, error))
    }
  }
  options.onProgress?.(name, files.length, files.length)
  if (parts.length === 0)
    throw files.length === 0
      ? failureSaying('empty-document', 'noFileToRead', { name })
      : failureSaying('empty-document', 'noneOfFiles', {
          name,
          files: files.length,
          first: refused[0]?.said ?? refused[0]?.message ?? ''
        })
  return { extracted: joinFiles(name, parts), files: prints, refused }
}

/** What was chosen once, taken in again: for a file that has changed. */
export async function textAgain(origin: Origin, options: ImportFilesOptions): Promise<Text> {
  const how = { ...options, html: origin.html, encoding: origin.encoding }
  const [path] = origin.picked
  if (origin.asOne === undefined && path !== undefined) return textOfFile({ path, name: basename(path) }, how)
  const { files } = await findFiles(origin.picked, how.signal)
  return textOfFiles(origin.asOne ?? basename(path ?? ''), files, how)
}

/** Only what a person can act on; a mistake of ours is thrown on, and so is the end of the program. */
export function refusal(name: string, error: unknown): Refused {
  if (!(error instanceof HostFailure) || error.code === 'cancelled') throw error
  const { code, message, said } = error
  return { name, code, message, ...(said && { said }) }
}
