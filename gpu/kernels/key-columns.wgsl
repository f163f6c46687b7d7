// key-columns: keys of a ring turned from rows into columns, for window-scores: columns[d][key] for the positions
// base, base + 1, ... Four keys and four values a lane. Keys of positions not yet read are whatever the ring
// holds there; window-scores hides them.
struct Params { base: u32, slots: u32, ring_rows: u32 }
var<immediate> params: Params;
@group(0) @binding(0) var<storage, read> keys: array<vec4f>;
@group(0) @binding(1) var<storage, read_write> columns: array<vec4f>;

@compute @workgroup_size(64)
fn main(@builtin(workgroup_id) group: vec3u, @builtin(local_invocation_index) lane: u32) {
  let slot = group.x * 64u + lane;
  if (slot >= params.slots) { return; }
  let key = ((params.base + slot * 4u + vec4u(0u, 1u, 2u, 3u)) % params.ring_rows) * KV4 + group.y;
  let a = keys[key.x];
  let b = keys[key.y];
  let c = keys[key.z];
  let d = keys[key.w];
  let to = group.y * 4u * params.slots + slot;
  columns[to] = vec4f(a.x, b.x, c.x, d.x);
  columns[to + params.slots] = vec4f(a.y, b.y, c.y, d.y);
  columns[to + 2u * params.slots] = vec4f(a.z, b.z, c.z, d.z);
  columns[to + 3u * params.slots] = vec4f(a.w, b.w, c.w, d.w);
}
