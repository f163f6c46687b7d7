// rms-norm: y[r] = x[r] / sqrt(mean(x[r]^2) + eps) * weight, one workgroup per row.
// The mean is over WIDTH values; rows are padded with zeros to a multiple of four. Rows of y begin every OUT4 elements.
struct Params { eps: f32, inverse: f32 }
var<immediate> params: Params;
@group(0) @binding(0) var<storage, read> x: array<vec4f>;
@group(0) @binding(1) var<storage, read> weight: array<vec4f>;
@group(0) @binding(2) var<storage, read_write> y: array<row4>;
var<workgroup> part: array<f32, LANES>;

@compute @workgroup_size(LANES)
fn main(@builtin(workgroup_id) group: vec3u, @builtin(local_invocation_index) lane: u32) {
  let source = group.x * WIDTH4;
  var sum = 0f;
  for (var i = lane; i < WIDTH4; i += LANES) { sum += dot(x[source + i], x[source + i]); }
  part[lane] = sum;
  workgroupBarrier();
  sum = 0f;
  for (var i = 0u; i < LANES; i++) { sum += part[i]; }
  let scale = 1f / sqrt(sum / WIDTH + params.eps);
  for (var i = lane; i < WIDTH4; i += LANES) {
    y[group.x * OUT4 + i] = packRow(x[source + i] * scale * weight[i], params.inverse);
  }
}
