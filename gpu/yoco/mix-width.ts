import { up4 } from '../device/tensor'
import type { ModelConfig } from './config'

/** f32 values in a row of q | k | v (| g | gate logits), heads padded to 4: what one self-decoder layer projects. */
export function mixWidth({ self }: ModelConfig): number {
  const head = up4(self.headDim)
  if (self.kind === 'gated-retention') return 4 * self.heads * head + up4(self.heads)
  return (self.heads + 2 * self.kvHeads) * head
}
