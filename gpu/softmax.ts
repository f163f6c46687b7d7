/** logits (-Infinity: never said) -> shares of the softmax. On the CPU, for a token that is to be looked at and not chosen. */
export function softmax(logits: Float32Array): Float32Array {
  const most = logits.reduce((a, b) => Math.max(a, b))
  const all = logits.reduce((sum, l) => sum + Math.exp(l - most), 0)
  return logits.map(l => Math.exp(l - most) / all)
}
