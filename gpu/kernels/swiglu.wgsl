// swiglu: y[r, i] = silu(x[r, i]) * x[r, WIDTH + i], the two halves being the outputs of one product.
struct Params { rows: u32 }
var<immediate> params: Params;
@group(0) @binding(0) var<storage, read> x: array<vec4f>;
@group(0) @binding(1) var<storage, read_write> y: array<vec4f>;

@compute @workgroup_size(64)
fn main(@builtin(workgroup_id) group: vec3u, @builtin(local_invocation_index) lane: u32) {
  let i = group.x * 64u + lane;
  if (i >= WIDTH4) { return; }
  let source = group.y * 2u * WIDTH4 + i;
  let g = x[source];
  y[group.y * WIDTH4 + i] = g / (1f + exp(-g)) * x[source + WIDTH4];
}
