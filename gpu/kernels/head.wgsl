// head: one head of one row, taken by a workgroup: its norm, its rotation. Text for kernels that do something with such heads
// (turn-heads, ring-write, page-write); they have the bindings x, weight and table and the parameters eps, head4 and
// table_first. Constants: NORM, whether heads are normed; PAIRS that turn and GAP between the two of a pair.
// x / sqrt(mean(x^2) + eps) * weight, the mean over HEAD_DIM values, summed in the order of the values whatever LANES is.
// Pair i is (i, i + GAP), or (2 i, 2 i + 1) with INTERLEAVED; (a, b) becomes (a cos - b sin, b cos + a sin). cos and sin
// come from the CPU, computed in double precision for the rows at hand: WGSL's own lose all digits at position 1,000,000.
// head4 is HEAD4 as a parameter, where it bounds a loop: unrolled, heads of 64 took lavapipe 6 s to compile, now 0.2 s.
var<workgroup> head: array<f32, HEAD4 * 4u>;
var<workgroup> squares: array<f32, HEAD4>;

// The head of x that begins at the group of four `at`, normed; its weights begin at `weight_at`, or it has none.
fn takeHead(at: u32, weighted: bool, weight_at: u32, lane: u32) {
  var scale = 1f;
  if (NORM) {
    for (var i = lane; i < params.head4; i += LANES) { squares[i] = dot(x[at + i], x[at + i]); }
    workgroupBarrier();
    var sum = 0f;
    for (var i = 0u; i < params.head4; i++) { sum += squares[i]; }
    scale = 1f / sqrt(sum / HEAD_DIM + params.eps);
  }
  for (var i = lane; i < params.head4; i += LANES) {
    var v = x[at + i];
    if (NORM) {
      var factor = vec4f(scale);
      if (weighted) { factor *= weight[weight_at + i]; }
      v *= factor;
    }
    head[i * 4u] = v.x;
    head[i * 4u + 1u] = v.y;
    head[i * 4u + 2u] = v.z;
    head[i * 4u + 3u] = v.w;
  }
  workgroupBarrier();
}

fn held(i: u32) -> vec4f { return vec4f(head[i * 4u], head[i * 4u + 1u], head[i * 4u + 2u], head[i * 4u + 3u]); }

fn turnedValue(e: u32, row: u32) -> f32 {
  let v = head[e];
  let leads = select(e < GAP, (e & 1u) == 0u, INTERLEAVED);
  let pair = select(select(e - GAP, e, leads), e / 2u, INTERLEAVED);
  if (pair >= PAIRS || e >= HEAD_DIM) { return v; }
  let other = head[select(e - GAP, e + GAP, leads)];
  let turn = table[params.table_first + row * PAIRS + pair];
  if (leads) { return v * turn.x - other * turn.y; }
  return v * turn.x + other * turn.y;
}

// Group of four `i` of the head, turned as row `row` of the table says.
fn turned(i: u32, row: u32) -> vec4f {
  let e = i * 4u;
  return vec4f(turnedValue(e, row), turnedValue(e + 1u, row), turnedValue(e + 2u, row), turnedValue(e + 3u, row));
}

// The same of queries and keys; values do not turn. Kernels that have all three take a head in one place and write it in
// one, whatever it is: all of this is compiled where it is called.
fn kept(i: u32, row: u32, of_values: bool) -> vec4f {
  if (of_values) { return held(i); }
  return turned(i, row);
}
