/** Files → documents: journey A's steps on the host's side, and the same again for a file that has changed. */
import { sep } from 'node:path'
import type { DocumentInfo, FileSource, ImportOptions, ImportResult } from '../../contract/document'
import { failureSaying } from '../../contract/failure'
import type { HostCalls, HostEvents, RefreshOptions } from '../../contract/host'
import { throttle } from '../../contract/throttle'
import type { DocumentRecord } from '../disk/document-record'
import type { AddedDocument, TextOrigin } from '../disk/documents'
import {
  findFiles,
  type ImportFilesOptions,
  refusal,
  type Text,
  textAgain,
  textOfFile,
  textOfFiles
} from '../disk/import-files'
import { replaceDocument } from '../disk/replace-document'
import { infoOf, recordOf } from './document-info'
import { prepareWorker } from '../disk/extract/in-worker'
import type { HostParts } from './parts'

/** Texts that begin with this many same characters are taken for versions of one another. */
const sameBeginning = 500

export function addingCalls(
  parts: HostParts
): Pick<HostCalls, 'prepareToAdd' | 'addDocuments' | 'refreshDocument'> {
  const options = {
    signal: parts.closing,
    onProgress: progressTo(parts.send),
    extract: parts.options.extract
  }
  return {
    prepareToAdd: async () => (parts.options.prepareExtract ?? prepareWorker)(),
    addDocuments: (source, how) => parts.busy(() => addDocuments(parts, source, how, options)),
    refreshDocument: (id, how) => parts.busy(() => refreshDocument(parts, id, how, options))
  }
}

async function addDocuments(
  parts: HostParts,
  { grants = [], drop }: FileSource,
  { asOne, html }: ImportOptions,
  options: ImportFilesOptions
): Promise<ImportResult> {
  const granted = grants.map(grant => parts.grants.path(grant))
  const sent = drop === undefined ? [] : await parts.drops.picked(drop)
  const picked = [...granted, ...sent]
  const isSent = (path: string): boolean => sent.some(each => path === each || path.startsWith(each + sep))
  const added: ImportResult['added'][number][] = []
  try {
    // Once for all of them: a folder may hold thousands of files, and so may the library.
    const known = await parts.library().list()
    const keep = async (name: string, from: string[], text: Text): Promise<void> => {
      const origin = from.some(isSent) ? undefined : { picked: from, asOne, html }
      const { document: record, isNew } = await keepText(parts, text, { name, origin }, known)
      const document = await infoOf(parts, record)
      added.push({ document, isNew })
      parts.send('documentChanged', document)
    }
    const { files, refused, ignored } = await findFiles(picked, options.signal)
    if (asOne !== undefined) {
      const text = await textOfFiles(asOne, files, { ...options, html })
      refused.push(...text.refused)
      await keep(asOne, picked, text)
    } else
      for (const file of files)
        try {
          const text = await textOfFile(file, { ...options, html })
          await keep(file.name.split('/').at(-1) ?? file.name, [file.path], text)
        } catch (error) {
          refused.push(refusal(file.name, error))
        }
    return { added, refused, ignored }
  } finally {
    if (drop !== undefined) await parts.drops.remove(drop)
  }
}

/** A changed file that is added anew may use what was read of its earlier text, which stays as it is. */
async function keepText(
  { library }: HostParts,
  text: Text,
  from: Omit<TextOrigin, 'files'>,
  known: readonly DocumentRecord[]
): Promise<AddedDocument> {
  const added = await library().keep(text.extracted, { ...from, files: text.files })
  const earlier = added.isNew && known.find(each => isEarlier(each, added.document))
  if (!earlier) return added
  // It may have been removed meanwhile.
  const before = await library()
    .text(earlier.id)
    .catch(() => undefined)
  if (before === undefined || !added.text.startsWith(before.slice(0, sameBeginning))) return added
  const document = await library().change(added.document.id, before => ({ ...before, replaces: earlier.id }))
  return { ...added, document }
}

async function refreshDocument(
  parts: HostParts,
  id: string,
  how: RefreshOptions | undefined,
  options: ImportFilesOptions
): Promise<DocumentInfo> {
  const { library, pages, watch, send } = parts
  const old = await recordOf(parts, id)
  const { document } = await (how?.drop === undefined
    ? fromOrigin(parts, old, how, options)
    : fromDrop(parts, old, how.drop, how, options))
  let record = document
  if (document.id !== id) {
    const { next, gone } = await replaceDocument(library(), old, document.id, each => pages.closeAll(each))
    record = next
    for (const each of gone) watch.forget(each)
    watch.forget(id)
    send('documentRemoved', id)
  }
  const info = await infoOf(parts, record)
  send('documentChanged', info)
  return info
}

/** From where it was added. */
async function fromOrigin(
  { library }: HostParts,
  old: DocumentRecord,
  how: RefreshOptions | undefined,
  options: ImportFilesOptions
): Promise<AddedDocument> {
  if (!old.origin && old.path === '') throw failureSaying('not-found', 'originUnknown', { name: old.name })
  const known = old.origin ?? { picked: [old.path] }
  const origin = how?.encoding === undefined ? known : { ...known, encoding: how.encoding }
  const text = await textAgain(origin, options)
  return library().keep(text.extracted, { name: old.name, origin, files: text.files })
}

/** From what the page sent again; where that lies is not kept, as when it was added. */
async function fromDrop(
  parts: HostParts,
  old: DocumentRecord,
  drop: string,
  { encoding, html, asOne }: RefreshOptions,
  options: ImportFilesOptions
): Promise<AddedDocument> {
  try {
    const picked = await parts.drops.picked(drop)
    const text = await textAgain({ picked, asOne, html, encoding }, options)
    const added = await parts.library().keep(text.extracted, { name: old.name, files: text.files })
    if (encoding === undefined) return added
    const document = await parts
      .library()
      .change(added.document.id, before => ({ ...before, isEncodingChosen: true }))
    return { ...added, document }
  } finally {
    await parts.drops.remove(drop)
  }
}

const isEarlier = (each: DocumentRecord, { id, name, path }: DocumentRecord) =>
  each.id !== id &&
  (path === '' ? each.name === name : each.path === path) &&
  Object.keys(each.readings).length > 0

/** Ten times a second at most; the first and the last of a file always. */
function progressTo(send: HostParts['send']): (name: string, done: number, total: number) => void {
  const news = throttle<HostEvents['extracting']>(100, now => send('extracting', now))
  return (name, done, total) => {
    news.push({ name, done, total })
    if (done === 0 || done === total) news.flush()
  }
}
