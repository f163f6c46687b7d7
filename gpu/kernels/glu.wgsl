// glu: y[r, i] = activation(gate[r, i]) * up[r, i]: the middle of a feed-forward network, and the gate of what a layer gets
// of a token. Gate and up are stretches of rows of their own widths, all counts in vec4; WIDTH4 is the width of y, whose rows
// begin every OUT4 elements.
struct Params { gate_stride: u32, up_first: u32, up_stride: u32, inverse: f32 }
var<immediate> params: Params;
@group(0) @binding(0) var<storage, read> gate: array<vec4f>;
@group(0) @binding(1) var<storage, read> up: array<vec4f>;
@group(0) @binding(2) var<storage, read_write> y: array<row4>;

@compute @workgroup_size(64)
fn main(@builtin(workgroup_id) group: vec3u, @builtin(local_invocation_index) lane: u32) {
  let i = group.x * 64u + lane;
  if (i >= WIDTH4) { return; }
  let v = activation(gate[group.y * params.gate_stride + i]) * up[params.up_first + group.y * params.up_stride + i];
  y[group.y * OUT4 + i] = packRow(v, params.inverse);
}
