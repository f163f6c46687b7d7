/** What was read of a document with one model, as files: how large they are, and how they go. */
import { stat, unlink } from 'node:fs/promises'
import { takeLock } from './file-lock'
import { codeOf, writeFailure } from './io-failure'
import { lockFile, pagesLocation, readingFiles } from './paths'

/** Bytes on disk; 0 when nothing was saved. */
export async function readingBytes(library: string, id: string, modelKey: string): Promise<number> {
  let bytes = 0
  for (const path of readingFiles(pagesLocation(library, id, modelKey)))
    bytes += await stat(path).then(
      ({ size }) => size,
      () => 0
    )
  return bytes
}

/** Rejects with `in-use` while a program has the page file open. Returns the bytes freed. */
export async function eraseReading(library: string, id: string, modelKey: string): Promise<number> {
  const pages = pagesLocation(library, id, modelKey)
  const release = await takeLock(lockFile(pages), { name: 'ownThisReading', values: {} })
  try {
    const bytes = await readingBytes(library, id, modelKey)
    // The pages go last: a checkpoint without its pages is nothing, and is seen as such.
    for (const path of readingFiles(pages).reverse())
      await unlink(path).catch(async error => {
        if (codeOf(error) !== 'ENOENT') throw await writeFailure(error, path, 0)
      })
    return bytes
  } finally {
    await release()
  }
}
