// merge-attention: joins the splits of page-attention: y = sum_s e^(m_s - m) o_s / sum_s e^(m_s - m) l_s.
// One workgroup per row and head, a lane four columns; rows of y begin every `out_stride` elements. Leaves (m, l) in `total` for
// span-scores.
struct Params { splits: u32, out_stride: u32, inverse: f32 }
var<immediate> params: Params;
@group(0) @binding(0) var<storage, read> sums: array<vec4f>;
@group(0) @binding(1) var<storage, read> peaks: array<vec2f>;
@group(0) @binding(2) var<storage, read_write> y: array<row4>;
@group(0) @binding(3) var<storage, read_write> total: array<vec2f>;

@compute @workgroup_size(32)
fn main(@builtin(workgroup_id) group: vec3u, @builtin(local_invocation_index) lane: u32) {
  let at = group.x * params.splits;
  let to = (group.x / HEADS) * params.out_stride + (group.x % HEADS) * HEAD4;
  var most = -3e38f;
  for (var s = 0u; s < params.splits; s++) { most = max(most, peaks[at + s].x); }
  var weight = 0f;
  for (var s = 0u; s < params.splits; s++) { weight += peaks[at + s].y * exp(peaks[at + s].x - most); }
  for (var column = lane; column < HEAD4; column += 32u) {
    var sum = vec4f();
    for (var s = 0u; s < params.splits; s++) { sum += sums[(at + s) * HEAD4 + column] * exp(peaks[at + s].x - most); }
    y[to + column] = packRow(sum / weight, params.inverse);
  }
  if (lane == 0u) { total[group.x] = vec2f(most, weight); }
}
