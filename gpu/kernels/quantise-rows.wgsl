// quantise-rows: code[r, k] = clamp(round(x[r, k] / step), -128, 127), four to a word, half to even.
// The quotient is a product with 1 / step made on the CPU: a division may be 2.5 units off, a product is exact to half a
// one, and for steps that are powers of two the ties of the file stay ties. Words behind the inputs become zero.
struct Params { x_first: u32, x_stride: u32, words: u32, inverse: f32 }
var<immediate> params: Params;
@group(0) @binding(0) var<storage, read> x: array<vec4f>;
@group(0) @binding(1) var<storage, read_write> codes: array<u32>;

@compute @workgroup_size(64)
fn main(@builtin(workgroup_id) group: vec3u, @builtin(local_invocation_index) lane: u32) {
  let i = group.x * 64u + lane;
  if (i >= params.words) { return; }
  var word = 0u;
  if (i < params.x_stride) {
    let v = x[params.x_first + group.y * params.x_stride + i];
    word = pack4xI8(vec4i(clamp(round(v * params.inverse), vec4f(-128f), vec4f(127f))));
  }
  codes[group.y * params.words + i] = word;
}
