/** What a YOCO model keeps of a text: one set of keys and values, and a ring or a state for every layer of the lower half. */
import { up4 } from '../device/tensor'
import type { ReadingPlan } from '../model/family'
import type { CarryPart } from '../kv/carry'
import type { ModelConfig } from './config'

export function readingPlan({ self, selfLayers, crossLayers, cross }: ModelConfig): ReadingPlan {
  const head = up4(self.headDim)
  const part: CarryPart =
    self.kind === 'window'
      ? { kind: 'ring', window: self.window, width: self.kvHeads * head }
      : { kind: 'state', rows: self.heads * self.headDim, width: head }
  const { kvHeads, headDim } = cross
  const carry = Array<CarryPart>(selfLayers).fill(part)
  return {
    kept: [{ kvHeads, headDim }],
    carry,
    layers: selfLayers + crossLayers,
    reads: role => /^(self|kv)\./.test(role),
    residentPages: false,
    passesPerToken: crossLayers
  }
}
