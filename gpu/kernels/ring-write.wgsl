// ring-write: keys and values of a chunk into a window layer's ring, row p of the text at p % ring_rows.
// x holds rows of q | k | v; k starts at `first`, v follows; all counts in vec4. KV4 is the width of k.
struct Params { rows: u32, first: u32, stride: u32, start: u32, ring_rows: u32 }
var<immediate> params: Params;
@group(0) @binding(0) var<storage, read> x: array<vec4f>;
@group(0) @binding(1) var<storage, read_write> keys: array<vec4f>;
@group(0) @binding(2) var<storage, read_write> values: array<vec4f>;

@compute @workgroup_size(64)
fn main(@builtin(workgroup_id) group: vec3u, @builtin(local_invocation_index) lane: u32) {
  let i = group.x * 64u + lane;
  if (i >= KV4) { return; }
  let source = group.y * params.stride + params.first + i;
  let to = ((params.start + group.y) % params.ring_rows) * KV4 + i;
  keys[to] = x[source];
  values[to] = x[source + KV4];
}
