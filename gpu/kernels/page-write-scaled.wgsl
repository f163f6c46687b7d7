// page-write-scaled: shared K and V of a chunk into the pages of a bank, as codes with one scale for every head of a row.
// A workgroup takes the keys or the values of one head of one row: the largest magnitude, which no order of looking changes,
// then the codes. Places are those of page-write; the scales lie behind keys and values, see page-layout.ts.
// x holds rows of K | V, KV_HEADS * HEAD4 vec4 each.
struct Params { rows: u32, bank_row: u32 }
var<immediate> params: Params;
@group(0) @binding(0) var<storage, read> x: array<vec4f>;
@group(0) @binding(1) var<storage, read_write> bank: array<page4>;

var<workgroup> lane_most: array<f32, LANES>;

@compute @workgroup_size(LANES)
fn main(@builtin(workgroup_id) group: vec3u, @builtin(local_invocation_index) lane: u32) {
  const kv4 = KV_HEADS * HEAD4;
  let head = group.x % KV_HEADS;
  let of_values = group.x >= KV_HEADS;
  let to = params.bank_row + group.y;
  let page = (to / PAGE_ROWS) * PAGE + FIRST;
  let row = to % PAGE_ROWS;
  let source = group.y * kv4 * 2u + group.x * HEAD4;
  var most = 0f;
  for (var d = lane; d < HEAD4; d += LANES) {
    let v = abs(x[source + d]);
    most = max(most, max(max(v.x, v.y), max(v.z, v.w)));
  }
  lane_most[lane] = most;
  workgroupBarrier();
  for (var i = 0u; i < LANES; i++) { most = max(most, lane_most[i]); }
  let scale = scaleOf(most);
  // Keys: from one group of four to the next a line of rows. Values: the groups of a row side by side.
  let first = select(page + head * HEAD4 * PAGE_ROWS + row, page + PAGE_ROWS * kv4 + (head * PAGE_ROWS + row) * HEAD4, of_values);
  let step = select(PAGE_ROWS, 1u, of_values);
  for (var d = lane; d < HEAD4; d += LANES) { bank[first + d * step] = packCodes(x[source + d], scale); }
  if (lane == 0u) {
    bank[page + select(u32(KEY_SCALES), u32(VALUE_SCALES), of_values) + head * PAGE_ROWS + row] = bitcast<page4>(scale);
  }
}
