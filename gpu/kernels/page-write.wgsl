// page-write: shared K and V of a chunk into the pages of a bank, each value rounded to the stored precision by itself.
// A page begins every PAGE groups of four values, its set of keys and values FIRST groups behind that; see page-layout.ts.
// x holds rows of K | V, KV_HEADS * HEAD4 vec4 each.
struct Params { rows: u32, bank_row: u32 }
var<immediate> params: Params;
@group(0) @binding(0) var<storage, read> x: array<vec4f>;
@group(0) @binding(1) var<storage, read_write> bank: array<page4>;

@compute @workgroup_size(64)
fn main(@builtin(workgroup_id) group: vec3u, @builtin(local_invocation_index) lane: u32) {
  let i = group.x * 64u + lane;
  const kv4 = KV_HEADS * HEAD4;
  if (i >= kv4) { return; }
  let to = params.bank_row + group.y;
  let page = (to / PAGE_ROWS) * PAGE + FIRST;
  let row = to % PAGE_ROWS;
  let source = group.y * kv4 * 2u + i;
  let head = i / HEAD4;
  let d = i % HEAD4;
  bank[page + i * PAGE_ROWS + row] = packKeys(x[source]);
  bank[page + PAGE_ROWS * kv4 + (head * PAGE_ROWS + row) * HEAD4 + d] = packValues(x[source + kv4]);
}
