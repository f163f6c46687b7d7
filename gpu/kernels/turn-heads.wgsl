// turn-heads: heads of rows of x, normed and turned in place; see head.wgsl. A workgroup per head and row.
struct Params { first: u32, stride: u32, table_first: u32, head4: u32, eps: f32 }
var<immediate> params: Params;
@group(0) @binding(0) var<storage, read> weight: array<vec4f>;
@group(0) @binding(1) var<storage, read> table: array<vec2f>;
@group(0) @binding(2) var<storage, read_write> x: array<vec4f>;

@compute @workgroup_size(LANES)
fn main(@builtin(workgroup_id) group: vec3u, @builtin(local_invocation_index) lane: u32) {
  let at = params.first + group.y * params.stride + group.x * HEAD4;
  takeHead(at, true, 0u, lane);
  for (var i = lane; i < params.head4; i += LANES) { x[at + i] = turned(i, group.y); }
}
