// linear-tile: y[r, n] = sum_k x[r, k] * w[n, k] for many rows.
// A lane owns four neighbouring outputs and eight rows. Weights lie in panels of 32 outputs, so the
// lanes of a workgroup read neighbours; x is read at an address uniform over the workgroup. No shared
// memory: on software adapters it is slower. The eight sums are spelled out, because an array of them
// costs SwiftShader a factor of four. 512 x 768 x 768: 10.5 GFLOP/s on lavapipe, 2.4 on SwiftShader.
struct Params { rows: u32, x_first: u32, x_stride: u32, y_first: u32, y_stride: u32, columns: u32 }
var<immediate> params: Params;
@group(0) @binding(0) var<storage, read> x: array<vec4f>;
@group(0) @binding(1) var<storage, read> w: array<weights>;
@group(0) @binding(2) var<storage, read_write> y: array<vec4f>;

fn step(sum: vec4f, v: vec4f, b: mat4x4f) -> vec4f {
  return fma(vec4f(v.w), b[3], fma(vec4f(v.z), b[2], fma(vec4f(v.y), b[1], fma(vec4f(v.x), b[0], sum))));
}

@compute @workgroup_size(LANES)
fn main(@builtin(workgroup_id) group: vec3u, @builtin(local_invocation_index) lane: u32) {
  let column = group.x * LANES + lane;
  if (column >= params.columns) { return; }
  let row = group.y * 8u;
  let stride = params.x_stride;
  let source = params.x_first + row * stride;
  var s0 = vec4f(); var s1 = vec4f(); var s2 = vec4f(); var s3 = vec4f();
  var s4 = vec4f(); var s5 = vec4f(); var s6 = vec4f(); var s7 = vec4f();
  for (var k = 0u; k < K4; k++) {
    let b = block(column, k);
    s0 = step(s0, x[source + k], b);
    s1 = step(s1, x[source + stride + k], b);
    s2 = step(s2, x[source + 2u * stride + k], b);
    s3 = step(s3, x[source + 3u * stride + k], b);
    s4 = step(s4, x[source + 4u * stride + k], b);
    s5 = step(s5, x[source + 5u * stride + k], b);
    s6 = step(s6, x[source + 6u * stride + k], b);
    s7 = step(s7, x[source + 7u * stride + k], b);
  }
  let out = params.y_stride;
  let to = row * out + params.y_first + column;
  let rows = params.rows - row;
  y[to] = s0;
  if (rows > 1u) { y[to + out] = s1; }
  if (rows > 2u) { y[to + 2u * out] = s2; }
  if (rows > 3u) { y[to + 3u * out] = s3; }
  if (rows > 4u) { y[to + 4u * out] = s4; }
  if (rows > 5u) { y[to + 5u * out] = s5; }
  if (rows > 6u) { y[to + 6u * out] = s6; }
  if (rows > 7u) { y[to + 7u * out] = s7; }
}
