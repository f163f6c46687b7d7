// add: x[r, i] += y[r, i] over rows of the same width.
struct Params { count: u32 }
var<immediate> params: Params;
@group(0) @binding(0) var<storage, read> y: array<vec4f>;
@group(0) @binding(1) var<storage, read_write> x: array<vec4f>;

@compute @workgroup_size(64)
fn main(@builtin(workgroup_id) group: vec3u, @builtin(local_invocation_index) lane: u32) {
  let i = (group.y * 65535u + group.x) * 64u + lane;
  if (i < params.count) { x[i] += y[i]; }
}
