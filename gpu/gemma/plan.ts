/**
 * What a Gemma 4 model keeps of a text: a set of keys and values for every full layer that owns some, and the last
 * keys and values of every sliding one. Layers above the owners keep nothing.
 */
import type { CarryPart } from '../kv/carry'
import { gridPages } from '../kernels/grid-pages'
import type { ReadingPlan } from '../model/family'
import { type GemmaConfig, kvWidth, ownersOf } from './config'

export function readingPlan(config: GemmaConfig): ReadingPlan {
  const { kvHeads, headDim } = config.full
  const ring: CarryPart = { kind: 'ring', window: config.sliding.window, width: kvWidth(config.sliding) }
  return {
    kept: ownersOf(config, 'full').map(() => ({ kvHeads, headDim })),
    int8: config.quantisation && gridPages(),
    carry: ownersOf(config, 'sliding').map(() => ring),
    layers: config.layers.length,
    reads: role => readingPasses(config, role),
    inFile: ['embed.perLayer'],
    residentPages: true,
    attendsWhileReading: true,
    passesPerToken: config.layers.filter(kind => kind === 'full').length
  }
}

/** Of the layers that own keys and values all but the last run whole while reading; of that one only its keys and values do. */
function readingPasses({ own }: GemmaConfig, role: string): boolean {
  const [, layer, part] = /^layer\.(\d+)\.(.+)$/.exec(role) ?? []
  if (layer === undefined) return role === 'perLayer.project'
  return Number(layer) < own - 1 || (Number(layer) === own - 1 && (part === 'k' || part === 'v'))
}
