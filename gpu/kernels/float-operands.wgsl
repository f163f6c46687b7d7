// Operands of workgroup-tile, matrix-tile and split-row where activations are f32: y[r, n] = sum_k x[r, k] * w[n, k].
// A quad is four inputs. Quads behind the last one are zeros of x; the weights read with them are the last ones again.
struct Params { rows: u32, x_first: u32, x_stride: u32, y_first: u32, y_stride: u32, columns: u32 }
var<immediate> params: Params;
@group(0) @binding(0) var<storage, read> x: array<vec4f>;
@group(0) @binding(1) var<storage, read> w: array<weights>;
@group(0) @binding(2) var<storage, read_write> y: array<vec4f>;

alias Quad = vec4f;
alias Block = mat4x4f; // [i]: input i of the quad for the four outputs of a column
alias Sum = vec4f;
const QUADS = K4;

fn inputs(row: u32, quad: u32) -> Quad {
  return select(vec4f(), x[params.x_first + row * params.x_stride + min(quad, QUADS - 1u)], quad < QUADS);
}

fn weightsOf(column: u32, quad: u32) -> Block { return block(column, min(quad, QUADS - 1u)); }

fn add(sum: Sum, v: Quad, b: Block) -> Sum {
  return fma(vec4f(v.w), b[3], fma(vec4f(v.z), b[2], fma(vec4f(v.y), b[1], fma(vec4f(v.x), b[0], sum))));
}

// For matrix-tile: four inputs as they are multiplied.
fn fourInputsOf(row: u32, k4: u32) -> vec4f { return inputs(row, k4); }
fn fourByFour(column: u32, k4: u32) -> mat4x4f { return weightsOf(column, k4); }

fn write(row: u32, column: u32, sum: Sum) { y[row * params.y_stride + params.y_first + column] = sum; }
