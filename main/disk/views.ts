/**
 * Where a person left a document's text, and the plan of its reading that waits for a word. Written while somebody scrolls:
 * beside the record and not in it, without a lock and without waiting for the disk. A broken one is as good as none.
 */
import { z } from 'zod'
import type { DocumentInfo } from '../../contract/document'
import { writeAtomically } from './atomic-write'
import { readJson } from './json-file'
import { viewFile } from './paths'

export type DocumentView = NonNullable<DocumentInfo['view']>

export const DocumentView = z.object({
  place: z.number().nonnegative().max(1e12).optional(),
  plan: z.record(z.string().max(100), z.unknown()).nullable().optional()
}) satisfies z.ZodType<DocumentView>

export async function readView(library: string, id: string): Promise<DocumentView | undefined> {
  const found = await readJson(viewFile(library, id), DocumentView).catch(() => undefined)
  return found?.state === 'whole' ? found.value : undefined
}

export async function writeView(library: string, id: string, change: DocumentView): Promise<void> {
  const now = { ...(await readView(library, id)), ...change }
  await writeAtomically(viewFile(library, id), [Buffer.from(JSON.stringify(now))], undefined, false)
}
