// code-tile: y[r, n] = rounded(input step * scale[n] * sum_k code[r, k] * value[n, k], output step[n]) for many rows of codes.
// The sum is one of whole numbers and exact in 32 bits (131,072 inputs of 8 bits would be the first that are not), so a row
// has the same bits whatever kernel and order it is summed in. The shape is linear-tile's: a lane owns four neighbouring
// outputs and eight rows, activations are read at addresses uniform over the workgroup, sums are spelled out.
struct Params { rows: u32, x_stride: u32, y_stride: u32, first: u32, columns: u32, inverses: u32, input_step: f32 }
var<immediate> params: Params;
@group(0) @binding(0) var<storage, read> x: array<u32>;
@group(0) @binding(1) var<storage, read> w: array<weights>;
@group(0) @binding(2) var<storage, read> steps: array<vec4f>;
@group(0) @binding(3) var<storage, read_write> y: array<vec4f>;

fn add(sum: vec4i, v: u32, b: vec4u) -> vec4i {
  return sum + vec4i(dot4I8Packed(v, b.x), dot4I8Packed(v, b.y), dot4I8Packed(v, b.z), dot4I8Packed(v, b.w));
}

fn rounded(sum: vec4i, scale: vec4f, step: vec4f, inverse: vec4f) -> vec4f {
  let v = vec4f(sum) * scale;
  return select(v, clamp(round(v * inverse), vec4f(-128f), vec4f(127f)) * step, step > vec4f());
}

@compute @workgroup_size(LANES)
fn main(@builtin(workgroup_id) group: vec3u, @builtin(local_invocation_index) lane: u32) {
  let own = group.x * LANES + lane;
  if (own >= params.columns) { return; }
  let column = params.first + own;
  let row = group.y * 8u;
  let stride = params.x_stride;
  let source = row * stride;
  var s0 = vec4i(); var s1 = vec4i(); var s2 = vec4i(); var s3 = vec4i();
  var s4 = vec4i(); var s5 = vec4i(); var s6 = vec4i(); var s7 = vec4i();
  for (var at = 0u; at < GROUPS; at++) {
    let word = words(own, at);
    for (var p = 0u; p < PARTS; p++) {
      let b = signedBytes(word, p);
      let k = source + at * PARTS + p;
      s0 = add(s0, x[k], b);
      s1 = add(s1, x[k + stride], b);
      s2 = add(s2, x[k + 2u * stride], b);
      s3 = add(s3, x[k + 3u * stride], b);
      s4 = add(s4, x[k + 4u * stride], b);
      s5 = add(s5, x[k + 5u * stride], b);
      s6 = add(s6, x[k + 6u * stride], b);
      s7 = add(s7, x[k + 7u * stride], b);
    }
  }
  let scale = scales(own) * params.input_step;
  let step = steps[column];
  let inverse = steps[params.inverses + column];
  let out = params.y_stride;
  let to = row * out + column;
  let rows = params.rows - row;
  y[to] = rounded(s0, scale, step, inverse);
  if (rows > 1u) { y[to + out] = rounded(s1, scale, step, inverse); }
  if (rows > 2u) { y[to + 2u * out] = rounded(s2, scale, step, inverse); }
  if (rows > 3u) { y[to + 3u * out] = rounded(s3, scale, step, inverse); }
  if (rows > 4u) { y[to + 4u * out] = rounded(s4, scale, step, inverse); }
  if (rows > 5u) { y[to + 5u * out] = rounded(s5, scale, step, inverse); }
  if (rows > 6u) { y[to + 6u * out] = rounded(s6, scale, step, inverse); }
  if (rows > 7u) { y[to + 7u * out] = rounded(s7, scale, step, inverse); }
}
