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
  let of_queries = group.x < HEADS;
  let of_values = group.x >= HEADS + KV_HEADS;
  let kv_head = (group.x + KV_HEADS - HEADS) % KV_HEADS;
  takeHead(at, !of_values, select(KEY_WEIGHT, 0u, of_queries), lane);
  let to = (((params.start + group.y) % params.ring_rows) * KV_HEADS + kv_head) * HEAD4;
  for (var i = lane; i < params.head4; i += LANES) {
    let v = kept(i, group.y, of_values);
    if (of_queries) {
      x[at + i] = v;
    } else if (of_values) {
      values[to + i] = onGrid(v, params.value_step, params.value_inverse);
    } else {
      keys[to + i] = onGrid(v, params.key_step, params.key_inverse);
    }
  }
}
