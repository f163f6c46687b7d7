// window-values: y[r, h] = sum_j p[h, r, j] v[j] / sum_j p[h, r, j], with SINKS the sink's power and values among them. The shape of linear-tile again: a lane owns four
// columns of a head's values and eight rows; probabilities are read at addresses uniform over the workgroup.
struct Params { rows: u32, padded: u32, start: u32, span: u32, window: u32, ring_rows: u32, out_stride: u32, inverse: f32 }
var<immediate> params: Params;
@group(0) @binding(0) var<storage, read> probabilities: array<vec4f>;
@group(0) @binding(1) var<storage, read> inverse: array<f32>;
@group(0) @binding(2) var<storage, read> values: array<vec4f>;
@group(0) @binding(3) var<storage, read_write> y: array<row4>;
@group(0) @binding(4) var<storage, read> sinkValues: array<vec4f>;

// What stands before the keys' own sum, of a line.
fn begun(line: u32, lines: u32, kv: u32) -> vec4f {
  if (SINKS) { return inverse[lines + line] * sinkValues[kv]; }
  return vec4f();
}

fn step(sum: vec4f, p: vec4f, v0: vec4f, v1: vec4f, v2: vec4f, v3: vec4f) -> vec4f {
  return fma(vec4f(p.w), v3, fma(vec4f(p.z), v2, fma(vec4f(p.y), v1, fma(vec4f(p.x), v0, sum))));
}

@compute @workgroup_size(LANES)
fn main(@builtin(workgroup_id) group: vec3u, @builtin(local_invocation_index) lane: u32) {
  let column = group.x * LANES + lane;
  if (column >= HEAD4) { return; }
  let row = group.y * 8u;
  let head = group.z;
  let position = params.start + row;
  let key = select(0u, position + 1u - params.window, position + 1u > params.window) & ~3u;
  let kv = (head / (HEADS / KV_HEADS)) * HEAD4 + column;
  let line = head * params.padded + row;
  let span = params.span;
  let at = line * span;
  let lines = HEADS * params.padded;
  var s0 = begun(line, lines, kv);
  var s1 = begun(line + 1u, lines, kv);
  var s2 = begun(line + 2u, lines, kv);
  var s3 = begun(line + 3u, lines, kv);
  var s4 = begun(line + 4u, lines, kv);
  var s5 = begun(line + 5u, lines, kv);
  var s6 = begun(line + 6u, lines, kv);
  var s7 = begun(line + 7u, lines, kv);
  // A span is shorter than the ring and wraps at most once; a division per key would cost as much as its products.
  let begin = key % params.ring_rows;
  for (var i = 0u; i < span; i++) {
    var j = begin + i * 4u + vec4u(0u, 1u, 2u, 3u);
    j = select(j, j - params.ring_rows, j >= vec4u(params.ring_rows)) * KV4 + kv;
    let v0 = values[j.x];
    let v1 = values[j.y];
    let v2 = values[j.z];
    let v3 = values[j.w];
    s0 = step(s0, probabilities[at + i], v0, v1, v2, v3);
    s1 = step(s1, probabilities[at + span + i], v0, v1, v2, v3);
    s2 = step(s2, probabilities[at + 2u * span + i], v0, v1, v2, v3);
    s3 = step(s3, probabilities[at + 3u * span + i], v0, v1, v2, v3);
    s4 = step(s4, probabilities[at + 4u * span + i], v0, v1, v2, v3);
    s5 = step(s5, probabilities[at + 5u * span + i], v0, v1, v2, v3);
    s6 = step(s6, probabilities[at + 6u * span + i], v0, v1, v2, v3);
    s7 = step(s7, probabilities[at + 7u * span + i], v0, v1, v2, v3);
  }
  let out = params.out_stride;
  let to = row * out + head * HEAD4 + column;
  let rows = params.rows - row;
  y[to] = packRow(s0 * inverse[line], params.inverse);
  if (rows > 1u) { y[to + out] = packRow(s1 * inverse[line + 1u], params.inverse); }
  if (rows > 2u) { y[to + 2u * out] = packRow(s2 * inverse[line + 2u], params.inverse); }
  if (rows > 3u) { y[to + 3u * out] = packRow(s3 * inverse[line + 3u], params.inverse); }
  if (rows > 4u) { y[to + 4u * out] = packRow(s4 * inverse[line + 4u], params.inverse); }
  if (rows > 5u) { y[to + 5u * out] = packRow(s5 * inverse[line + 5u], params.inverse); }
  if (rows > 6u) { y[to + 6u * out] = packRow(s6 * inverse[line + 6u], params.inverse); }
  if (rows > 7u) { y[to + 7u * out] = packRow(s7 * inverse[line + 7u], params.inverse); }
}
