// Operands of workgroup-tile, matrix-tile and split-row where activations are codes of 8 bits: what code-tile computes, exact in any order.
// A quad is sixteen inputs, four to a word. Behind the inputs weights are zeros, those of the last quad too: there x may be anything.
struct Params { rows: u32, x_stride: u32, y_stride: u32, first: u32, columns: u32, inverses: u32, input_step: f32 }
var<immediate> params: Params;
@group(0) @binding(0) var<storage, read> x: array<vec4u>;
@group(0) @binding(1) var<storage, read> w: array<weights>;
@group(0) @binding(2) var<storage, read> steps: array<vec4f>;
@group(0) @binding(3) var<storage, read_write> y: array<vec4f>;

alias Quad = vec4u;
alias Block = array<vec4u, 4>; // [i]: word i of the quad for the four outputs of a column
alias Sum = vec4i;
const QUADS = (K4 + 3u) / 4u;

fn inputs(row: u32, quad: u32) -> Quad {
  return select(vec4u(), x[row * (params.x_stride / 4u) + min(quad, QUADS - 1u)], quad < QUADS);
}

fn fourInputs(column: u32, at: u32) -> vec4u {
  let i = at / PARTS;
  return select(vec4u(), signedBytes(words(column, min(i, GROUPS - 1u)), at % PARTS), i < GROUPS);
}
fn weightsOf(column: u32, quad: u32) -> Block {
  let at = quad * 4u;
  return Block(fourInputs(column, at), fourInputs(column, at + 1u), fourInputs(column, at + 2u), fourInputs(column, at + 3u));
}

fn dots(v: u32, b: vec4u) -> vec4i {
  return vec4i(dot4I8Packed(v, b.x), dot4I8Packed(v, b.y), dot4I8Packed(v, b.z), dot4I8Packed(v, b.w));
}
fn add(sum: Sum, v: Quad, b: Block) -> Sum {
  return sum + dots(v.x, b[0]) + dots(v.y, b[1]) + dots(v.z, b[2]) + dots(v.w, b[3]);
}

// For matrix-tile: four inputs as they are multiplied, whole numbers as floats.
fn fourInputsOf(row: u32, k4: u32) -> vec4f { return vec4f(unpack4xI8(inputs(row, k4 / 4u)[k4 % 4u])); }
fn fourByFour(column: u32, k4: u32) -> mat4x4f {
  let p = fourInputs(column, k4);
  return transpose(mat4x4f(vec4f(unpack4xI8(p.x)), vec4f(unpack4xI8(p.y)), vec4f(unpack4xI8(p.z)), vec4f(unpack4xI8(p.w))));
}

fn write(row: u32, column: u32, sum: Sum) {
  let v = vec4f(sum) * (scales(column) * params.input_step);
  let at = params.first + column;
  let step = steps[at];
  let rounded = clamp(round(v * steps[params.inverses + at]), vec4f(-128f), vec4f(127f)) * step;
  y[row * params.y_stride + at] = select(v, rounded, step > vec4f());
}
