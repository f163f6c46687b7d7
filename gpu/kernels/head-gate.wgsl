// head-gate: x = norm(x) * silu(g), in place, per row and head, norm being x / sqrt(mean(x^2) + eps) over HEAD_DIM
// values without a weight: the end of gated retention. One lane per head.
// HEAD4 comes as a parameter where it bounds a loop: unrolled, heads of 64 took lavapipe 6 s to compile, now 0.2 s.
// WIDTH4 is the width of x; g lies `gate_first` into rows of `gate_stride`, all in vec4.
struct Params { rows: u32, gate_first: u32, gate_stride: u32, eps: f32, head4: u32 }
var<immediate> params: Params;
@group(0) @binding(0) var<storage, read> gate: array<vec4f>;
@group(0) @binding(1) var<storage, read_write> x: array<vec4f>;

@compute @workgroup_size(64)
fn main(@builtin(global_invocation_id) id: vec3u) {
  let row = id.x / HEADS;
  if (row >= params.rows) { return; }
  let head = (id.x % HEADS) * HEAD4;
  let at = row * WIDTH4 + head;
  let source = row * params.gate_stride + params.gate_first + head;
  var sum = 0f;
  for (var i = 0u; i < params.head4; i++) { sum += dot(x[at + i], x[at + i]); }
  let scale = 1f / sqrt(sum / HEAD_DIM + params.eps);
  for (var i = 0u; i < params.head4; i++) {
    let g = gate[source + i];
    x[at + i] *= scale * (g / (1f + exp(-g)));
  }
}
