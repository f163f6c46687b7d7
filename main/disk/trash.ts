/**
 * What a person took away, until it is erased: a folder of its own in the library's trash/, with entry.json that says what it
 * is and where it lay. Moving is one rename a file, so a crash leaves each of them in one place or the other.
 */
import { randomUUID } from 'node:crypto'
import { readdir, rename, rm, stat } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { z } from 'zod'
import { failureSaying } from '../../contract/failure'
import { makeFolder } from './atomic-write'
import { Reading } from './document-record'
import { codeOf, writeFailure } from './io-failure'
import { readJson, writeJson } from './json-file'
import { trashEntryFile, trashEntryFolder, trashFolder } from './paths'

const TrashEntry = z.looseObject({
  id: z.string(),
  what: z.enum(['document', 'reading', 'chat', 'model']),
  /** Of the document, the conversation or the model. */
  name: z.string(),
  bytes: z.number(),
  /** ISO 8601: erased from then on. */
  until: z.string(),
  /** Of what is no model. */
  documentId: z.string().optional(),
  /** Of a reading, with what the document's record said of it. */
  modelKey: z.string().optional(),
  reading: Reading.optional(),
  /** Files and folders below the library, with "/" between; the n-th lies here under the name n. */
  moved: z.array(z.string().regex(/^(?!.*(^|\/)\.{1,2}(\/|$))[^\\\0]+$/))
})
export type TrashEntry = z.infer<typeof TrashEntry>

/** Long enough to see what one did; short enough that what is to be gone is gone. */
const keptFor = 5 * 60_000

/** Returns what can be brought back by its `id`. What is not there is left out; on a failure all is where it was. */
export async function putAway(
  library: string,
  about: Omit<TrashEntry, 'id' | 'until' | 'moved'>,
  paths: readonly string[]
): Promise<TrashEntry> {
  const id = randomUUID()
  const until = new Date(Date.now() + keptFor).toISOString()
  const entry: TrashEntry = { ...about, id, until, moved: [...paths] } as TrashEntry
  const folder = trashEntryFolder(library, id)
  await makeFolder(folder)
  await writeJson(trashEntryFile(library, id), entry)
  const done: [from: string, to: string][] = []
  try {
    for (const [i, path] of paths.entries()) {
      const [from, to] = [join(library, path), join(folder, String(i))]
      if (await moved(from, to)) done.push([from, to])
    }
  } catch (error) {
    for (const [from, to] of done.reverse()) await moved(to, from).catch(() => false)
    await rm(folder, { recursive: true, force: true })
    throw await writeFailure(error, folder, 0)
  }
  // Our own locks were moved along: brought back they would keep everybody out.
  for (const [, to] of done) await removeLocks(to)
  return entry
}

/** Puts back what is not there again meanwhile. Rejects with not-found for what was erased. */
export async function bringBack(library: string, id: string): Promise<TrashEntry> {
  const entry = await entryOf(library, id)
  const folder = trashEntryFolder(library, id)
  for (const [i, path] of entry.moved.entries()) await putBack(join(folder, String(i)), join(library, path))
  await rm(folder, { recursive: true, force: true })
  return entry
}

export async function entryOf(library: string, id: string): Promise<TrashEntry> {
  const found = /^[0-9a-f-]{36}$/.test(id)
    ? await readJson(trashEntryFile(library, id), TrashEntry)
    : undefined
  if (found?.state === 'whole') return found.value
  throw failureSaying('not-found', 'erasedMeanwhile', {})
}

/** What can be brought back, in the order of its end. */
export async function listTrash(library: string): Promise<TrashEntry[]> {
  const entries: TrashEntry[] = []
  for (const id of await readdir(trashFolder(library)).catch((): string[] => [])) {
    const entry = await entryOf(library, id).catch(() => undefined)
    if (entry) entries.push(entry)
  }
  return entries.sort((a, b) => (a.until < b.until ? -1 : 1))
}

/** Erases what is over at `now` (milliseconds since 1970), and what a crash left without an entry. */
export async function emptyTrash(library: string, now = Date.now()): Promise<void> {
  for (const id of await readdir(trashFolder(library)).catch((): string[] => [])) {
    const entry = await entryOf(library, id).catch(() => undefined)
    if (entry && Date.parse(entry.until) > now) continue
    // The entry first: what is half erased must not be brought back.
    await rm(join(trashFolder(library), id, 'entry.json'), { force: true }).catch(() => undefined)
    await rm(join(trashFolder(library), id), { recursive: true, force: true }).catch(() => undefined)
  }
}

async function moved(from: string, to: string): Promise<boolean> {
  try {
    await rename(from, to)
    return true
  } catch (error) {
    if (codeOf(error) === 'ENOENT') return false
    throw error
  }
}

async function putBack(from: string, to: string): Promise<void> {
  const [here, there] = await Promise.all([from, to].map(path => stat(path).catch(() => undefined)))
  if (!here) return
  if (!there) {
    await makeFolder(dirname(to))
    await rename(from, to).catch(async error => {
      throw await writeFailure(error, to, 0)
    })
  } else if (here.isDirectory() && there.isDirectory())
    for (const name of await readdir(from)) await putBack(join(from, name), join(to, name))
}

async function removeLocks(path: string): Promise<void> {
  for (const name of await readdir(path).catch((): string[] => []))
    if (name.endsWith('.lock')) await rm(join(path, name), { force: true })
}
