// page-values: y[r, h] = keep * y[r, h] + sum_j p[h, r, j] v[j], page by page over some pages of a bank; behind the last
// of them divided by the sum of the exponentials. The shape of window-values: a lane owns four columns of a head's values
// and eight rows; probabilities are read at addresses uniform over the workgroup.
// What lies behind the rows that the tile's last row may see was perhaps never written: it is not read as a value.
struct Params { rows: u32, padded: u32, visible: i32, bank_rows: u32, first: u32, span: u32, fresh: u32, last: u32 }
var<immediate> params: Params;
@group(0) @binding(0) var<storage, read> probabilities: array<vec4f>;
@group(0) @binding(1) var<storage, read> state: array<vec2f>;
@group(0) @binding(2) var<storage, read> keep: array<f32>;
@group(0) @binding(3) var<storage, read> bank: array<page4>;
@group(0) @binding(4) var<storage, read_write> y: array<vec4f>;

fn step(sum: vec4f, p: vec4f, v0: vec4f, v1: vec4f, v2: vec4f, v3: vec4f) -> vec4f {
  return fma(vec4f(p.w), v3, fma(vec4f(p.z), v2, fma(vec4f(p.y), v1, fma(vec4f(p.x), v0, sum))));
}

fn value(begin: u32, kv_head: u32, at: u32, key: u32, seen: u32) -> vec4f {
  return select(vec4f(), unpackPage(bank[at + key * HEAD4]) * valueScale(begin, kv_head, key), key < seen);
}

@compute @workgroup_size(LANES)
fn main(@builtin(workgroup_id) group: vec3u, @builtin(local_invocation_index) lane: u32) {
  let column = group.x * LANES + lane;
  if (column >= HEAD4) { return; }
  let row = group.y * 8u;
  let head = group.z;
  let line = head * params.padded + row;
  let span = params.span;
  let pages = (span * 4u + PAGE_ROWS - 1u) / PAGE_ROWS;
  const out = HEADS * HEAD4;
  let to = row * out + head * HEAD4 + column;
  let rows = params.rows - row;
  let kv_head = head / (HEADS / KV_HEADS);
  let seen = u32(clamp(params.visible + i32(row) + 7, 0, i32(params.bank_rows)));
  var s0 = vec4f(); var s1 = vec4f(); var s2 = vec4f(); var s3 = vec4f();
  var s4 = vec4f(); var s5 = vec4f(); var s6 = vec4f(); var s7 = vec4f();
  if (params.fresh == 0u) {
    s0 = y[to];
    if (rows > 1u) { s1 = y[to + out]; }
    if (rows > 2u) { s2 = y[to + 2u * out]; }
    if (rows > 3u) { s3 = y[to + 3u * out]; }
    if (rows > 4u) { s4 = y[to + 4u * out]; }
    if (rows > 5u) { s5 = y[to + 5u * out]; }
    if (rows > 6u) { s6 = y[to + 6u * out]; }
    if (rows > 7u) { s7 = y[to + 7u * out]; }
  }
  for (var page = 0u; page < pages; page++) {
    let bank_row = (params.first + page) * PAGE_ROWS;
    if (bank_row >= seen) { break; }
    let factor = line * pages + page;
    s0 *= keep[factor];
    s1 *= keep[factor + pages];
    s2 *= keep[factor + 2u * pages];
    s3 *= keep[factor + 3u * pages];
    s4 *= keep[factor + 4u * pages];
    s5 *= keep[factor + 5u * pages];
    s6 *= keep[factor + 6u * pages];
    s7 *= keep[factor + 7u * pages];
    let begin = (params.first + page) * PAGE + FIRST;
    let values = begin + PAGE_ROWS * KV_HEADS * HEAD4 + kv_head * PAGE_ROWS * HEAD4 + column;
    // The rows that fill up a tile would see more than there are scores for.
    let count = min(min(PAGE_ROWS, seen - bank_row), span * 4u - page * PAGE_ROWS);
    let at = line * span + page * PAGE_ROWS / 4u;
    for (var i = 0u; i * 4u < count; i++) {
      let v0 = value(begin, kv_head, values, i * 4u, count);
      let v1 = value(begin, kv_head, values, i * 4u + 1u, count);
      let v2 = value(begin, kv_head, values, i * 4u + 2u, count);
      let v3 = value(begin, kv_head, values, i * 4u + 3u, count);
      s0 = step(s0, probabilities[at + i], v0, v1, v2, v3);
      s1 = step(s1, probabilities[at + span + i], v0, v1, v2, v3);
      s2 = step(s2, probabilities[at + 2u * span + i], v0, v1, v2, v3);
      s3 = step(s3, probabilities[at + 3u * span + i], v0, v1, v2, v3);
      s4 = step(s4, probabilities[at + 4u * span + i], v0, v1, v2, v3);
      s5 = step(s5, probabilities[at + 5u * span + i], v0, v1, v2, v3);
      s6 = step(s6, probabilities[at + 6u * span + i], v0, v1, v2, v3);
      s7 = step(s7, probabilities[at + 7u * span + i], v0, v1, v2, v3);
    }
  }
  if (params.last != 0u) {
    s0 /= state[line].y;
    s1 /= state[line + 1u].y;
    s2 /= state[line + 2u].y;
    s3 /= state[line + 3u].y;
    s4 /= state[line + 4u].y;
    s5 /= state[line + 5u].y;
    s6 /= state[line + 6u].y;
    s7 /= state[line + 7u].y;
  }
  y[to] = s0;
  if (rows > 1u) { y[to + out] = s1; }
  if (rows > 2u) { y[to + 2u * out] = s2; }
  if (rows > 3u) { y[to + 3u * out] = s3; }
  if (rows > 4u) { y[to + 4u * out] = s4; }
  if (rows > 5u) { y[to + 5u * out] = s5; }
  if (rows > 6u) { y[to + 6u * out] = s6; }
  if (rows > 7u) { y[to + 7u * out] = s7; }
}
