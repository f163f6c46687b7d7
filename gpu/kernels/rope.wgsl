// rope: rotates pairs (a, b) of each head to (a cos - b sin, b cos + a sin), in place.
// Pair i is (i * pair_step, i * pair_step + pair_gap): 2 and 1 interleave, 1 and HEAD_DIM / 2 halve. Of PAIRS pairs, the
// first of a head; the others stay as they are.
// cos and sin come from the CPU, computed in double precision for the rows at hand: WGSL's own lose all
// digits at position 1,000,000. One lane per pair; `first` and `stride` count f32.
struct Params { rows: u32, first: u32, stride: u32, heads: u32, pair_step: u32, pair_gap: u32, table_first: u32 }
var<immediate> params: Params;
@group(0) @binding(0) var<storage, read> table: array<vec2f>;
@group(0) @binding(1) var<storage, read_write> x: array<f32>;

@compute @workgroup_size(64)
fn main(@builtin(workgroup_id) group: vec3u, @builtin(local_invocation_index) lane: u32) {
  let row = group.y;
  let id = group.x * 64u + lane;
  let head = id / PAIRS;
  if (head >= params.heads) { return; }
  let pair = id % PAIRS;
  let a = params.first + row * params.stride + head * HEAD4 * 4u + pair * params.pair_step;
  let b = a + params.pair_gap;
  let turn = table[params.table_first + row * PAIRS + pair];
  let xa = x[a];
  let xb = x[b];
  x[a] = xa * turn.x - xb * turn.y;
  x[b] = xb * turn.x + xa * turn.y;
}
