// linear-tile: y[r, n] = sum_k x[r, k] * w[n, k] for many rows.
// A lane owns four neighbouring outputs and eight rows. Weights lie in panels [n / 32][k][n % 32], so the
// lanes of a workgroup read neighbours; x is read at an address uniform over the workgroup. No shared
// memory: on software adapters it is slower. The eight sums are spelled out, because an array of them
// costs SwiftShader a factor of four. 512 x 768 x 768: 10.5 GFLOP/s on lavapipe, 2.4 on SwiftShader.
struct Params { rows: u32, x_stride: u32, y_stride: u32, y_first: u32, columns: u32 }
var<immediate> params: Params;
@group(0) @binding(0) var<storage, read> x: array<vec4f>;
@group(0) @binding(1) var<storage, read> w: array<weight4>;
@group(0) @binding(2) var<storage, read_write> y: array<vec4f>;

fn step(sum: vec4f, v: vec4f, w0: vec4f, w1: vec4f, w2: vec4f, w3: vec4f) -> vec4f {
  return fma(vec4f(v.w), w3, fma(vec4f(v.z), w2, fma(vec4f(v.y), w1, fma(vec4f(v.x), w0, sum))));
}

@compute @workgroup_size(LANES)
fn main(@builtin(workgroup_id) group: vec3u, @builtin(local_invocation_index) lane: u32) {
  let column = group.x * LANES + lane;
  if (column >= params.columns) { return; }
  let row = group.y * 8u;
  let panel = (column / 8u) * K4 * 32u + column % 8u;
  let stride = params.x_stride;
  let source = row * stride;
  var s0 = vec4f(); var s1 = vec4f(); var s2 = vec4f(); var s3 = vec4f();
  var s4 = vec4f(); var s5 = vec4f(); var s6 = vec4f(); var s7 = vec4f();
  for (var k = 0u; k < K4; k++) {
    let at = panel + k * 32u;
    let w0 = unpackWeight(w[at]);
    let w1 = unpackWeight(w[at + 8u]);
    let w2 = unpackWeight(w[at + 16u]);
    let w3 = unpackWeight(w[at + 24u]);
    s0 = step(s0, x[source + k], w0, w1, w2, w3);
    s1 = step(s1, x[source + stride + k], w0, w1, w2, w3);
    s2 = step(s2, x[source + 2u * stride + k], w0, w1, w2, w3);
    s3 = step(s3, x[source + 3u * stride + k], w0, w1, w2, w3);
    s4 = step(s4, x[source + 4u * stride + k], w0, w1, w2, w3);
    s5 = step(s5, x[source + 5u * stride + k], w0, w1, w2, w3);
    s6 = step(s6, x[source + 6u * stride + k], w0, w1, w2, w3);
    s7 = step(s7, x[source + 7u * stride + k], w0, w1, w2, w3);
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
