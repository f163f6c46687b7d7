/** What a model with open windows keeps of a text: keys and values of its open heads, and the last ones of every layer. */
import type { CarryPart } from '../kv/carry'
import type { ReadingPlan } from '../model/family'
import { kvWidth, openedLayers, type OpenWindowConfig } from './config'

export function readingPlan(config: OpenWindowConfig): ReadingPlan {
  const { window, headDim } = config.attention
  const opened = [...openedLayers(config).values()]
  return {
    kept: opened.map(({ kvHeads }) => ({ kvHeads: kvHeads.length, headDim })),
    carry: Array<CarryPart>(config.layers).fill({ kind: 'ring', window, width: kvWidth(config) }),
    layers: config.layers,
    reads: role => role.startsWith('layer.'),
    // Not a document: the tokens of a question.
    residentPages: true,
    looksInRead: true,
    passesPerToken: opened.length
  }
}
