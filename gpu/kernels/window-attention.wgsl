// window-attention: y[r, h] = softmax over the window of (q[r, h] . k[j]) / sqrt(D), times v[j].
// Row r stands at position start + r and sees WINDOW positions up to itself, in a ring of keys and values.
// A lane owns a row and SLICE4 of the head's value columns; the lanes of a workgroup are neighbouring rows
// of one head and walk over the union of their windows together, so every key is read at an address
// uniform over the workgroup. Four keys share one correction of the running maximum (online softmax in
// f32). Lanes beyond HEAD_DIM / 4 / SLICE4 slices repeat the scores: cheaper than keeping more in registers.
struct Params { rows: u32, start: u32, q_stride: u32, ring_rows: u32, window: u32, scale: f32 }
var<immediate> params: Params;
@group(0) @binding(0) var<storage, read> q: array<vec4f>;
@group(0) @binding(1) var<storage, read> keys: array<vec4f>;
@group(0) @binding(2) var<storage, read> values: array<vec4f>;
@group(0) @binding(3) var<storage, read_write> y: array<vec4f>;

const HIDDEN = -3e38f;

@compute @workgroup_size(LANES)
fn main(@builtin(workgroup_id) group: vec3u, @builtin(local_invocation_index) lane: u32) {
  let head = group.y;
  let slice = group.z * SLICE4;
  let first_row = group.x * LANES;
  let row = min(first_row + lane, params.rows - 1u);
  let position = params.start + row;
  let kv = (head / (HEADS / KV_HEADS)) * HEAD4;
  var query: array<vec4f, HEAD4>;
  for (var d = 0u; d < HEAD4; d++) { query[d] = q[row * params.q_stride + head * HEAD4 + d] * params.scale; }
  var sum: array<vec4f, SLICE4>;
  for (var d = 0u; d < SLICE4; d++) { sum[d] = vec4f(); }
  var most = HIDDEN;
  var weight = 0f;
  let first_position = params.start + first_row;
  let last = params.start + min(first_row + LANES, params.rows) - 1u;
  // Groups of four begin at multiples of four, wherever a chunk begins: a row gives the same bits in any chunk.
  var j = select(0u, first_position + 1u - params.window, first_position + 1u > params.window) & ~3u;
  // `oldest` may wrap below zero as unsigned; compared as distance source the row instead.
  for (; j <= last; j += 4u) {
    var at = vec4u(j, j + 1u, j + 2u, j + 3u);
    let seen = (at <= vec4u(position)) & ((vec4u(position) - at) < vec4u(params.window));
    at = (at % params.ring_rows) * KV4 + kv;
    var score = vec4f();
    for (var d = 0u; d < HEAD4; d++) {
      let v = query[d];
      score += vec4f(dot(v, keys[at.x + d]), dot(v, keys[at.y + d]), dot(v, keys[at.z + d]), dot(v, keys[at.w + d]));
    }
    score = select(vec4f(HIDDEN), score, seen);
    let higher = max(max(most, max(score.x, score.y)), max(score.z, score.w));
    let keep = exp(most - higher);
    let p = select(vec4f(), exp(score - higher), seen);
    weight = weight * keep + p.x + p.y + p.z + p.w;
    most = higher;
    for (var d = 0u; d < SLICE4; d++) {
      let i = slice + d;
      sum[d] = sum[d] * keep + p.x * values[at.x + i] + p.y * values[at.y + i] + p.z * values[at.z + i] + p.w * values[at.w + i];
    }
  }
  if (first_row + lane >= params.rows) { return; }
  for (var d = 0u; d < SLICE4; d++) {
    if (slice + d < HEAD4) { y[row * HEADS * HEAD4 + head * HEAD4 + slice + d] = sum[d] / weight; }
  }
}
