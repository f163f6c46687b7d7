/** Data that is handed beside the checkout and not kept in it: tests that need it are skipped, in words, where it is not there. */
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'

/** READONCE_SHARED: where it lies instead of ../shared. */
const shared = join(process.env['READONCE_SHARED'] ?? join(import.meta.dirname, '../../../shared'), 'data')

/** Files of a folder by name; undefined where it is not there. */
export function sharedFolder(...path: readonly string[]): ReadonlyMap<string, Uint8Array> | undefined {
  const folder = join(shared, ...path)
  if (!existsSync(folder)) return undefined
  const files = readdirSync(folder, { withFileTypes: true }).filter(entry => entry.isFile())
  return new Map(files.map(({ name }) => [name, Uint8Array.from(readFileSync(join(folder, name)))]))
}
