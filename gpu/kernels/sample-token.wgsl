// sample-token: draws from softmax(logits / temperature) cut to the top k and the top p, without sorting.
// Both cuts are a threshold on the logit, found by bisection over its bits as an ordered integer: the k-th
// largest by counting, the smallest set of mass p by summing. Then a lane's running sum finds the draw.
// probabilities[output] is the choice's share before temperature and cuts, so that it means the same as when greedy.
// token_bits as in top-token. One workgroup: 2 x 32 sweeps over the logits, 200,000 of them in well under a ms on a GPU.
struct Params { vocabulary: u32, output: u32, repetition: f32, temperature: f32, top_k: u32, top_p: f32, draw: f32 }
var<immediate> params: Params;
@group(0) @binding(0) var<storage, read> logits: array<f32>;
@group(0) @binding(1) var<storage, read_write> token_bits: array<u32>;
@group(0) @binding(2) var<storage, read_write> tokens: array<u32>;
@group(0) @binding(3) var<storage, read_write> probabilities: array<f32>;
var<workgroup> part: array<f32, LANES>;
var<workgroup> whole: array<f32, LANES>;

const HIDDEN = -3e38f;

fn scaled(i: u32) -> f32 {
  let bits = token_bits[i];
  if ((bits & 1u) != 0u) { return HIDDEN; }
  var logit = logits[i];
  if ((bits & 2u) != 0u) { logit = select(logit * params.repetition, logit / params.repetition, logit > 0f); }
  return logit / params.temperature;
}

// Floats as unsigned integers of the same order.
fn ordered(value: f32) -> u32 {
  let bits = bitcast<u32>(value);
  return select(bits | 0x80000000u, ~bits, (bits & 0x80000000u) != 0u);
}

fn total(lane: u32, value: f32) -> f32 {
  workgroupBarrier();
  part[lane] = value;
  workgroupBarrier();
  var sum = 0f;
  for (var i = 0u; i < LANES; i++) { sum += part[i]; }
  return sum;
}

@compute @workgroup_size(LANES)
fn main(@builtin(local_invocation_index) lane: u32) {
  var most = HIDDEN;
  for (var i = lane; i < params.vocabulary; i += LANES) { most = max(most, scaled(i)); }
  part[lane] = most;
  workgroupBarrier();
  for (var i = 0u; i < LANES; i++) { most = max(most, part[i]); }

  var floor_k = 0u;
  for (var bit = 0x80000000u; bit > 0u && params.top_k > 0u; bit >>= 1u) {
    let candidate = floor_k | bit;
    var count = 0f;
    for (var i = lane; i < params.vocabulary; i += LANES) {
      if (ordered(scaled(i)) >= candidate) { count += 1f; }
    }
    if (total(lane, count) >= f32(params.top_k)) { floor_k = candidate; }
  }

  var mass = 0f;
  for (var i = lane; i < params.vocabulary; i += LANES) {
    let value = scaled(i);
    if (ordered(value) >= floor_k && value > HIDDEN) { mass += exp(value - most); }
  }
  let wanted = total(lane, mass) * params.top_p;
  var floor_p = floor_k;
  var lower = 0u;
  for (var bit = 0x80000000u; bit > 0u && params.top_p < 1f; bit >>= 1u) {
    let candidate = lower | bit;
    var above = 0f;
    for (var i = lane; i < params.vocabulary; i += LANES) {
      let value = scaled(i);
      if (ordered(value) >= max(candidate, floor_k) && value > HIDDEN) { above += exp(value - most); }
    }
    if (total(lane, above) >= wanted) { lower = candidate; }
  }
  floor_p = max(floor_k, lower);

  // Every lane owns a run of neighbouring tokens, so that the running sum goes in the order of ids.
  let run = (params.vocabulary + LANES - 1u) / LANES;
  var own = 0f;
  for (var i = lane * run; i < min((lane + 1u) * run, params.vocabulary); i++) {
    let value = scaled(i);
    if (ordered(value) >= floor_p && value > HIDDEN) { own += exp(value - most); }
  }
  let all = total(lane, own);
  // The parts are read below: this sum is told in a place of its own.
  var uncut = 0f;
  for (var i = lane; i < params.vocabulary; i += LANES) {
    let value = scaled(i);
    if (value > HIDDEN) { uncut += exp((value - most) * params.temperature); }
  }
  whole[lane] = uncut;
  workgroupBarrier();
  if (lane > 0u) { return; }
  // The parts are subtracted one by one and may leave a trace more than the last of them holds: the last lane with
  // any mass takes what is left, and in it the last token.
  var left = params.draw * all;
  var final_owner = 0u;
  for (var owner = 0u; owner < LANES; owner++) { if (part[owner] > 0f) { final_owner = owner; } }
  var chosen = 0u;
  for (var owner = 0u; owner <= final_owner; owner++) {
    if (left >= part[owner] && owner < final_owner) { left -= part[owner]; continue; }
    for (var i = owner * run; i < min((owner + 1u) * run, params.vocabulary); i++) {
      let value = scaled(i);
      if (ordered(value) < floor_p || value <= HIDDEN) { continue; }
      chosen = i;
      left -= exp(value - most);
      if (left < 0f) { break; }
    }
    break;
  }
  var everything = 0f;
  for (var i = 0u; i < LANES; i++) { everything += whole[i]; }
  probabilities[params.output] = select(0f, exp((scaled(chosen) - most) * params.temperature) / everything, everything > 0f);
  tokens[params.output] = chosen;
  token_bits[chosen] |= 2u;
}
