// page-write: rows of q | k | v of x: queries are normed and turned in place, keys likewise and values normed without a weight
// into the pages of a bank, in the pages' precision. See head.wgsl; a workgroup per head and row. A page begins every PAGE
// groups of four values, its set of keys and values FIRST groups behind that; see page-layout.ts. Where rows have scales, a
// head's is made of its largest magnitude, which no order of looking changes.
struct Params { first: u32, stride: u32, table_first: u32, head4: u32, eps: f32, bank_row: u32 }
var<immediate> params: Params;
@group(0) @binding(0) var<storage, read> weight: array<vec4f>;
@group(0) @binding(1) var<storage, read> table: array<vec2f>;
@group(0) @binding(2) var<storage, read_write> x: array<vec4f>;
@group(0) @binding(3) var<storage, read_write> bank: array<page4>;
var<workgroup> lane_most: array<f32, LANES>;

@compute @workgroup_size(LANES)
fn main(@builtin(workgroup_id) group: vec3u, @builtin(local_invocation_index) lane: u32) {
  let at = params.first + group.y * params.stride + group.x * HEAD4;
  let of_queries = group.x < HEADS;
  let of_values = group.x >= HEADS + KV_HEADS;
  let kv_head = (group.x + KV_HEADS - HEADS) % KV_HEADS;
  takeHead(at, !of_values, select(KEY_WEIGHT, 0u, of_queries), lane);
  let to = params.bank_row + group.y;
  let page = (to / PAGE_ROWS) * PAGE + FIRST;
  let row = to % PAGE_ROWS;
  var scale = 1f;
  if (ROW_SCALES) {
    var most = 0f;
    for (var i = lane; i < params.head4; i += LANES) {
      let v = abs(kept(i, group.y, of_values));
      most = max(most, max(max(v.x, v.y), max(v.z, v.w)));
    }
    lane_most[lane] = most;
    workgroupBarrier();
    for (var i = 0u; i < LANES; i++) { most = max(most, lane_most[i]); }
    scale = scaleOf(most);
    if (lane == 0u && !of_queries) {
      bank[page + select(u32(KEY_SCALES), u32(VALUE_SCALES), of_values) + kv_head * PAGE_ROWS + row] = packScale(scale);
    }
  }
  // Keys: from one group of four to the next a line of rows. Values: the groups of a row side by side.
  let key = page + kv_head * HEAD4 * PAGE_ROWS + row;
  let value = page + PAGE_ROWS * KV_HEADS * HEAD4 + (kv_head * PAGE_ROWS + row) * HEAD4;
  for (var i = lane; i < params.head4; i += LANES) {
    let v = kept(i, group.y, of_values);
    if (of_queries) {
      x[at + i] = v;
    } else if (of_values) {
      bank[value + i] = packValues(v, scale);
    } else {
      bank[key + i * PAGE_ROWS] = packKeys(v, scale);
    }
  }
}
