// per-layer-input: p[r, l] = (norm(p[r, l] * p_scale) * weight + table_scale * t[r, l]) / sqrt(2) in place, norm being
// x / sqrt(mean(x^2) + eps) over the WIDTH4 * 4 values of a layer. p is the product of the embedded token, t its rows of
// the table of every layer. One workgroup per layer and row.
// The scale before the norm shows only in what eps weighs; it is applied as the definition has it.
struct Params { t_first: u32, eps: f32, p_scale: f32, table_scale: f32 }
var<immediate> params: Params;
@group(0) @binding(0) var<storage, read> t: array<vec4f>;
@group(0) @binding(1) var<storage, read> weight: array<vec4f>;
@group(0) @binding(2) var<storage, read_write> p: array<vec4f>;
var<workgroup> part: array<f32, LANES>;

@compute @workgroup_size(LANES)
fn main(@builtin(workgroup_id) group: vec3u, @builtin(num_workgroups) layers: vec3u, @builtin(local_invocation_index) lane: u32) {
  let at = (group.y * layers.x + group.x) * WIDTH4;
  var sum = 0f;
  for (var i = lane; i < WIDTH4; i += LANES) {
    let value = p[at + i] * params.p_scale;
    sum += dot(value, value);
  }
  part[lane] = sum;
  workgroupBarrier();
  sum = 0f;
  for (var i = 0u; i < LANES; i++) { sum += part[i]; }
  let scale = 1f / sqrt(sum / f32(WIDTH4 * 4) + params.eps);
  for (var i = lane; i < WIDTH4; i += LANES) {
    let normed = p[at + i] * params.p_scale * scale * weight[i];
    p[at + i] = (normed + params.table_scale * t[params.t_first + at + i]) * 0.70710678f;
  }
}
