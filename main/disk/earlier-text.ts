/**
 * What an earlier version of the readers made of a file that has not changed since: it was read, which may have taken hours, so it stays the
 * file's document until a person says otherwise, also where today's readers would give another text.
 */
import type { DocumentRecord } from './document-record'
import { extractorVersion } from './extract/document'
import type { Fingerprint } from './fingerprint'

/** Of the records of a library, newest first; undefined where today's text is to be taken. */
export function earlierOf(
  all: readonly DocumentRecord[],
  path: string,
  files: readonly Fingerprint[],
  bytes: number
): DocumentRecord | undefined {
  return all.find(
    record =>
      record.path === path &&
      record.replacedBy === undefined &&
      (record.extractor ?? 1) < extractorVersion &&
      Object.keys(record.readings).length > 0 &&
      isSame(record, files, bytes)
  )
}

function isSame(record: DocumentRecord, files: readonly Fingerprint[], bytes: number): boolean {
  // The first versions kept nothing but the length.
  if (record.files.length === 0) return record.size === bytes
  const digests = (of: readonly Fingerprint[]): string =>
    of
      .map(({ path, digest }) => `${path} ${digest}`)
      .sort()
      .join('\n')
  return digests(record.files) === digests(files)
}
