// head-norm: per row and head, x = x / sqrt(mean(x^2) + eps) * weight over HEAD_DIM values, in place.
// The queries of an FLA cross layer with `qk_norm`, a few dozen values a head; queries, keys and values of Gemma 4, 256 or 512.
// One lane per head.
// HEAD4 comes as a parameter where it bounds a loop: unrolled, heads of 64 took lavapipe 6 s to compile, now 0.2 s.
struct Params { rows: u32, first: u32, stride: u32, heads: u32, eps: f32, head4: u32 }
var<immediate> params: Params;
@group(0) @binding(0) var<storage, read> weight: array<vec4f>;
@group(0) @binding(1) var<storage, read_write> x: array<vec4f>;

@compute @workgroup_size(64)
fn main(@builtin(global_invocation_id) id: vec3u) {
  let row = id.x / params.heads;
  if (row >= params.rows) { return; }
  let at = row * params.stride + params.first + (id.x % params.heads) * HEAD4;
  var sum = 0f;
  for (var i = 0u; i < params.head4; i++) { sum += dot(x[at + i], x[at + i]); }
  let scale = 1f / sqrt(sum / HEAD_DIM + params.eps);
  for (var i = 0u; i < params.head4; i++) { x[at + i] *= scale * weight[i]; }
}
