// ring-write: rows of q | k | v of x: queries are normed and turned in place, keys likewise and values normed without a weight
// into a window layer's ring, row p of the text at p % ring_rows. See head.wgsl; a workgroup per head and row. Keys and
// values lie on a grid of 8 bits where their step is above zero, halves to even.
struct Params { first: u32, stride: u32, table_first: u32, head4: u32, eps: f32, start: u32, ring_rows: u32, key_step: f32, key_inverse: f32, value_step: f32, value_inverse: f32 }
var<immediate> params: Params;
@group(0) @binding(0) var<storage, read> weight: array<vec4f>;
@group(0) @binding(1) var<storage, read> table: array<vec2f>;
@group(0) @binding(2) var<storage, read_write> x: array<vec4f>;
@group(0) @binding(3) var<storage, read_write> keys: array<vec4f>;
@group(0) @binding(4) var<storage, read_write> values: array<vec4f>;

fn onGrid(v: vec4f, step: f32, inverse: f32) -> vec4f {
  return select(v, clamp(round(v * inverse), vec4f(-128f), vec4f(127f)) * step, step > 0f);
}

@compute @workgroup_size(LANES)
fn main(@builtin(workgroup_id) group: vec3u, @builtin(local_invocation_index) lane: u32) {
  let at = params.first + group.y * params.stride + group.x * HEAD4;
  if (group.x < HEADS) {
    takeHead(at, true, 0u, lane);
    for (var i = lane; i < params.head4; i += LANES) { x[at + i] = turned(i, group.y); }
    return;
  }
  let to = ((params.start + group.y) % params.ring_rows) * KV_HEADS * HEAD4;
  if (group.x < HEADS + KV_HEADS) {
    takeHead(at, true, KEY_WEIGHT, lane);
    let key = to + (group.x - HEADS) * HEAD4;
    for (var i = lane; i < params.head4; i += LANES) {
      keys[key + i] = onGrid(turned(i, group.y), params.key_step, params.key_inverse);
    }
    return;
  }
  takeHead(at, false, 0u, lane);
  let value = to + (group.x - HEADS - KV_HEADS) * HEAD4;
  for (var i = lane; i < params.head4; i += LANES) {
    values[value + i] = onGrid(held(i), params.value_step, params.value_inverse);
  }
}
