/**
 * The grid of 8 bits on which keys and values of a mobile checkpoint may be kept: the steps of its file in sliding layers, a
 * sixteenth of them in full ones, whose range they were trained for in 4 bits. So the files that run on devices have it.
 */
import type { GridSteps } from '../kernels/grid-pages'
import { unsupported } from '../text/json'
import type { WeightLoader } from '../weights/weight-loader'
import { type GemmaConfig, ownersOf } from './config'

export interface KvGrid {
  /** Of full layers that own keys and values, as pages have them. */
  readonly pages: readonly GridSteps[]
  /** Of sliding layers that own keys and values; 0 rounds nothing. */
  readonly rings: readonly GridSteps[]
}

const partOfFull = 1 / 16

/** Throws broken-model for steps that are none, unsupported-model where a full layer has none. */
export async function loadKvGrid(config: GemmaConfig, load: WeightLoader): Promise<KvGrid> {
  const stepsOf = async (layer: number): Promise<GridSteps> => ({
    keys: await load.step(`layer.${layer}.kStep`),
    values: await load.step(`layer.${layer}.vStep`)
  })
  const pages: GridSteps[] = []
  for (const layer of ownersOf(config, 'full')) {
    const { keys, values } = await stepsOf(layer)
    if (keys === 0 || values === 0)
      throw unsupported(
        `The weights have no steps for keys and values of layer ${layer} (k_cache_scale, v_cache_scale), so they cannot be ` +
          'kept in 8 bits. Choose f16 keys and values.'
      )
    pages.push({ keys: keys * partOfFull, values: values * partOfFull })
  }
  const rings: GridSteps[] = []
  for (const layer of ownersOf(config, 'sliding')) rings.push(await stepsOf(layer))
  return { pages, rings }
}
