/**
 * Small JSON files: checked when read, replaced as a whole when written. One that is broken is put aside
 * under the name "….broken" with a reason, so that nothing is lost and nobody trips over it twice.
 */
import { sentenceOf } from '../../contract/failure'
import { readFile, rename } from 'node:fs/promises'
import { basename } from 'node:path'
import { z } from 'zod'
import type { Said } from '../../contract/failure-words'
import { writeAtomically } from './atomic-write'
import { codeOf, readFailure } from './io-failure'
import { calledOwn } from './paths'

type JsonFile<T> = { state: 'absent' } | { state: 'broken'; reason: Said } | { state: 'whole'; value: T }

export async function readJson<T>(path: string, schema: z.ZodType<T>): Promise<JsonFile<T>> {
  const bytes = await readFile(path).catch(error => {
    if (codeOf(error) === 'ENOENT') return undefined
    throw readFailure(error, path)
  })
  if (bytes === undefined) return { state: 'absent' }
  const checked = check(bytes, schema)
  if (typeof checked !== 'string') return { state: 'whole', value: checked.value }
  // Another process may have put a whole file in its place meanwhile.
  const still = await readFile(path).catch(() => undefined)
  if (still === undefined || !still.equals(bytes)) return readJson(path, schema)
  await rename(path, `${path}.broken`).catch(() => undefined)
  return {
    state: 'broken',
    reason: {
      name: 'putAside',
      values: { what: calledOwn(path), aside: `${basename(path)}.broken`, why: checked }
    }
  }
}

function check<T>(bytes: Buffer, schema: z.ZodType<T>): { value: T } | string {
  try {
    const found = schema.safeParse(JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(bytes)))
    return found.success ? { value: found.data } : z.prettifyError(found.error).replaceAll('\n', ' ')
  } catch (error) {
    return sentenceOf(error)
  }
}

export async function writeJson(path: string, value: unknown): Promise<void> {
  await writeAtomically(path, [Buffer.from(JSON.stringify(value, null, 2) + '\n')])
}
