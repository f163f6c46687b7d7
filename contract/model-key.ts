/** How a model, run in one of its precisions, is called: by people, and in file names. */
import type { ModelPrecision } from './settings'

/** What people read: the model, and how it is run where a person chose that. */
export function runName(name: string, { weights, pages }: ModelPrecision = {}): string {
  const chosen = [weights, pages && `K/V ${pages}`].filter(each => each !== undefined)
  return chosen.length === 0 ? name : `${name} (${chosen.join(', ')})`
}

/**
 * A name for a model that can stand in a file name: readable, and different for different weights (`weightsDigest` is
 * hexadecimal). What was read of a document is kept under it, so page and command line must agree. Keys and values of
 * another precision than half (`pages`) are another reading.
 */
export function modelKey(name: string, weightsDigest: string, pages = 'f16'): string {
  const readable = name
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, '-')
    .replace(/^-+|-+$/g, '')
    .slice(0, 40)
  return `${readable || 'model'}-${weightsDigest.slice(0, 12)}${pages === 'f16' ? '' : `-${pages}`}`
}
