// embed: y[r] = table[token[r]] * scale, one lane per four values.
// The table lies in panels as linear-tile reads them, shared with a tied output projection. A table too large for
// one binding comes in parts; each part writes the rows whose token it holds.
struct Params { rows: u32, tokens_first: u32, part_first: u32, part_rows: u32, scale: f32 }
var<immediate> params: Params;
@group(0) @binding(0) var<storage, read> tokens: array<u32>;
@group(0) @binding(1) var<storage, read> w: array<weights>;
@group(0) @binding(2) var<storage, read_write> y: array<vec4f>;

@compute @workgroup_size(64)
fn main(@builtin(workgroup_id) group: vec3u, @builtin(local_invocation_index) lane: u32) {
  let row = group.y;
  let k = group.x * 64u + lane;
  let token = tokens[params.tokens_first + row] - params.part_first;
  if (k >= K4 || token >= params.part_rows) { return; }
  let b = block(token / 4u, k);
  let c = token % 4u;
  y[row * K4 + k] = params.scale * vec4f(b[0][c], b[1][c], b[2][c], b[3][c]);
}
