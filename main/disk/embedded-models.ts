/** The models that come with the program: every folder in assets/models that holds one. */
import { readdir } from 'node:fs/promises'
import { join } from 'node:path'
import { embeddedId } from '../../contract/embedded-models'
import { readModelCard } from './model-card'
import { holdsModel } from './models'

export interface EmbeddedModel {
  readonly id: string
  /** What people call it, also in the names of its readings' files. */
  readonly name: string
  readonly folder: string
}

/**
 * The better answers first, as `rank` in their readonce.json tells. `assets`: the program's; READONCE_MODELS names
 * another folder of models, for tests.
 */
export async function embeddedModels(
  assets: string,
  folder = process.env['READONCE_MODELS'] ?? join(assets, 'models')
): Promise<readonly EmbeddedModel[]> {
  const names = (await readdir(folder).catch((): string[] => [])).filter(name => !name.startsWith('.'))
  const found = await Promise.all(names.sort().map(name => embeddedIn(folder, name)))
  return found
    .filter(model => model !== undefined)
    .sort((a, b) => b.rank - a.rank)
    .map(({ id, name, folder }) => ({ id, name, folder }))
}

async function embeddedIn(
  parent: string,
  base: string
): Promise<(EmbeddedModel & { readonly rank: number }) | undefined> {
  const folder = join(parent, base)
  if (!(await holdsModel(folder))) return undefined
  const { card } = await readModelCard(folder)
  // Also without a readonce.json that is whole, what was read with it before is found under this name.
  return { id: embeddedId(base), name: card?.name ?? `readonce-${base}`, folder, rank: card?.rank ?? 0 }
}
