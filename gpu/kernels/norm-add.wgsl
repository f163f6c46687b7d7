// norm-add: x[r] = (x[r] + y[r] / sqrt(mean(y[r]^2) + eps) * weight) * scalar: a layer's branch, normed behind its last
// product, joins the stream. One workgroup per row; the mean is over WIDTH values, rows are padded with zeros.
struct Params { eps: f32, scalar: f32 }
var<immediate> params: Params;
@group(0) @binding(0) var<storage, read> y: array<vec4f>;
@group(0) @binding(1) var<storage, read> weight: array<vec4f>;
@group(0) @binding(2) var<storage, read_write> x: array<vec4f>;
var<workgroup> part: array<f32, LANES>;

@compute @workgroup_size(LANES)
fn main(@builtin(workgroup_id) group: vec3u, @builtin(local_invocation_index) lane: u32) {
  let row = group.x * WIDTH4;
  var sum = 0f;
  for (var i = lane; i < WIDTH4; i += LANES) { sum += dot(y[row + i], y[row + i]); }
  part[lane] = sum;
  workgroupBarrier();
  sum = 0f;
  for (var i = 0u; i < LANES; i++) { sum += part[i]; }
  let scale = 1f / sqrt(sum / WIDTH + params.eps);
  for (var i = lane; i < WIDTH4; i += LANES) { x[row + i] = (x[row + i] + y[row + i] * scale * weight[i]) * params.scalar; }
}
