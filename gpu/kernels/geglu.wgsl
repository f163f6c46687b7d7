// geglu: y[r, i] = gelu(gate[r, i]) * up[r, i], gelu(z) = z / 2 (1 + tanh(u)), u = sqrt(2 / pi) (z + 0.044715 z^3).
// Written as z / (1 + e^(-2u)), which is the same: WGSL's own tanh may err by 1e-5, and 1 + tanh(u) loses what is small
// below zero. Beyond 80 the power would leave f32, and the result is 0 long before.
// Gate and up are stretches of rows of their own widths, all counts in vec4; WIDTH4 is the width of y.
struct Params { gate_stride: u32, up_first: u32, up_stride: u32 }
var<immediate> params: Params;
@group(0) @binding(0) var<storage, read> gate: array<vec4f>;
@group(0) @binding(1) var<storage, read> up: array<vec4f>;
@group(0) @binding(2) var<storage, read_write> y: array<vec4f>;

@compute @workgroup_size(64)
fn main(@builtin(workgroup_id) group: vec3u, @builtin(local_invocation_index) lane: u32) {
  let i = group.x * 64u + lane;
  if (i >= WIDTH4) { return; }
  let z = gate[group.y * params.gate_stride + i];
  let u = 0.7978845608f * (z + 0.044715f * z * z * z);
  y[group.y * WIDTH4 + i] = z / (1f + exp(min(-2f * u, vec4f(80f)))) * up[params.up_first + group.y * params.up_stride + i];
}
