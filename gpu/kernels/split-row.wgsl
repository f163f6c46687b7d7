// split-row: the product of one row on hardware, bound by reading w; operands are float-operands or code-operands.
// 256 lanes own COLUMNS columns of four outputs, and those that share a column split the inputs: the fewer outputs a matrix has,
// the more lanes share one, so that there is work for all of the GPU; the widest (a head) have a lane for every column.
// Neighbouring lanes read neighbouring columns. Sums meet inside SPAN neighbouring lanes by `across` (shuffles between lanes of
// a subgroup; SPAN is COLUMNS and nothing to do without), then in workgroup memory. No lane leaves or skips a step before
// the sums have met: subgroup operations after a branch that some lanes took come out wrong on some drivers.
const SLICES = 256u / COLUMNS;
const MEETING = 256u / SPAN * COLUMNS;
var<workgroup> met: array<Sum, MEETING>;

@compute @workgroup_size(256)
fn main(@builtin(workgroup_id) group: vec3u, @builtin(local_invocation_index) lane: u32) {
  let own = lane % COLUMNS;
  let column = group.x * COLUMNS + own;
  let read = min(column, params.columns - 1u);
  var sum = Sum();
  for (var start = 0u; start < QUADS; start += SLICES) {
    let quad = start + lane / COLUMNS;
    sum = add(sum, inputs(0u, quad), weightsOf(read, quad));
  }
  sum = across(sum);
  if (lane % SPAN < COLUMNS) { met[lane / SPAN * COLUMNS + own] = sum; }
  workgroupBarrier();
  for (var half = MEETING / 2u; half >= COLUMNS; half /= 2u) {
    if (lane < half) { met[lane] += met[lane + half]; }
    workgroupBarrier();
  }
  if (lane < COLUMNS && column < params.columns) { write(0u, column, met[lane]); }
}
