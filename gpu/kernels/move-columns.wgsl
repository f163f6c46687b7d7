// move-columns: `width4` groups of four neighbouring columns of rows of x, from `first` on, to rows of y from `to` on. A lane per group.
struct Params { first: u32, stride: u32, to: u32, to_stride: u32, width4: u32 }
var<immediate> params: Params;
@group(0) @binding(0) var<storage, read> x: array<vec4f>;
@group(0) @binding(1) var<storage, read_write> y: array<vec4f>;

@compute @workgroup_size(64)
fn main(@builtin(global_invocation_id) id: vec3u) {
  if (id.x >= params.width4) { return; }
  y[id.y * params.to_stride + params.to + id.x] = x[id.y * params.stride + params.first + id.x];
}
