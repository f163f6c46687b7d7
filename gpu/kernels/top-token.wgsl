// top-token: the greedy choice, the largest logit that is not suppressed; the lowest id wins a tie.
// token_bits: 1 suppressed, never to be chosen; 2 seen before (repetition penalty). One workgroup.
// probabilities[output] is the choice's share of the softmax over the logits as they were compared: each lane sums
// exp(logit - its largest so far) in the one sweep that finds the largest (online softmax, arXiv 1805.02867).
struct Params { vocabulary: u32, output: u32, repetition: f32 }
var<immediate> params: Params;
@group(0) @binding(0) var<storage, read> logits: array<f32>;
@group(0) @binding(1) var<storage, read_write> token_bits: array<u32>;
@group(0) @binding(2) var<storage, read_write> tokens: array<u32>;
@group(0) @binding(3) var<storage, read_write> probabilities: array<f32>;
var<workgroup> best_value: array<f32, LANES>;
var<workgroup> best_token: array<u32, LANES>;
var<workgroup> sums: array<f32, LANES>;

@compute @workgroup_size(LANES)
fn main(@builtin(local_invocation_index) lane: u32) {
  var value = -3e38f;
  var token = 0u;
  var sum = 0f;
  for (var i = lane; i < params.vocabulary; i += LANES) {
    let bits = token_bits[i];
    var logit = logits[i];
    if ((bits & 2u) != 0u) { logit = select(logit * params.repetition, logit / params.repetition, logit > 0f); }
    if ((bits & 1u) != 0u) { continue; }
    if (logit > value) {
      sum = sum * exp(value - logit) + 1f;
      value = logit;
      token = i;
    } else {
      sum += exp(logit - value);
    }
  }
  best_value[lane] = value;
  best_token[lane] = token;
  sums[lane] = sum;
  workgroupBarrier();
  if (lane > 0u) { return; }
  for (var i = 1u; i < LANES; i++) {
    if (best_value[i] > value || (best_value[i] == value && best_token[i] < token)) {
      value = best_value[i];
      token = best_token[i];
    }
  }
  // Where every token is suppressed every sum is 0.
  var all = 0f;
  for (var i = 0u; i < LANES; i++) { all += sums[i] * exp(best_value[i] - value); }
  probabilities[params.output] = select(0f, 1f / all, all > 0f);
  tokens[params.output] = token;
  token_bits[token] |= 2u;
}
