// quantise-rows: code[r, k] = clamp(round(x[r, k] / step), -128, 127), four to a word, as row-output.ts says.
// Rows of codes begin every `stride` words; what lies behind the inputs is left as it is.
struct Params { x_first: u32, x_stride: u32, stride: u32, inverse: f32 }
var<immediate> params: Params;
@group(0) @binding(0) var<storage, read> x: array<vec4f>;
@group(0) @binding(1) var<storage, read_write> codes: array<row4>;

@compute @workgroup_size(64)
fn main(@builtin(workgroup_id) group: vec3u, @builtin(local_invocation_index) lane: u32) {
  let i = group.x * 64u + lane;
  if (i >= params.x_stride) { return; }
  codes[group.y * params.stride + i] = packRow(x[params.x_first + group.y * params.x_stride + i], params.inverse);
}
