// page-scores: score[h, r, j] = scale * q[r, h] . k[j] for keys of some pages of a bank, those a row does not see yet
// hidden. The shape of window-scores: a lane owns four neighbouring keys and eight rows, queries are read at addresses
// uniform over the workgroup. Row r sees the first `visible + r` rows of the bank, never more than `bank_rows`; `first`
// is the page at which the scores begin, `span` their number in fours. The format's scales of keys come behind the dot.
struct Params { rows: u32, visible: i32, bank_rows: i32, first: u32, span: u32, q_stride: u32, scale: f32 }
var<immediate> params: Params;
@group(0) @binding(0) var<storage, read> q: array<vec4f>;
@group(0) @binding(1) var<storage, read> bank: array<page4>;
@group(0) @binding(2) var<storage, read_write> scores: array<vec4f>;

fn step(sum: vec4f, v: vec4f, k0: vec4f, k1: vec4f, k2: vec4f, k3: vec4f) -> vec4f {
  return sum + vec4f(dot(v, k0), dot(v, k1), dot(v, k2), dot(v, k3));
}

fn shown(sum: vec4f, scales: vec4f, key: i32, visible: i32) -> vec4f {
  let limit = min(visible, params.bank_rows);
  return select(vec4f(-3e38f), sum * params.scale * scales, vec4i(key, key + 1, key + 2, key + 3) < vec4i(limit));
}

@compute @workgroup_size(LANES)
fn main(@builtin(workgroup_id) group: vec3u, @builtin(local_invocation_index) lane: u32) {
  let place = group.x * LANES + lane;
  if (place >= params.span) { return; }
  let row = group.y * 8u;
  let head = group.z;
  let in_page = (place * 4u) % PAGE_ROWS;
  let page = params.first + place * 4u / PAGE_ROWS;
  let key = i32(page * PAGE_ROWS + in_page);
  let visible = params.visible + i32(row);
  let to = (head * params.rows + row) * params.span + place;
  var s0 = vec4f(); var s1 = vec4f(); var s2 = vec4f(); var s3 = vec4f();
  var s4 = vec4f(); var s5 = vec4f(); var s6 = vec4f(); var s7 = vec4f();
  let begin = page * PAGE + FIRST;
  let kv_head = head / (HEADS / KV_HEADS);
  var scales = vec4f();
  for (var i = 0u; i < 4u; i++) { scales[i] = keyScale(begin, kv_head, in_page + i); }
  if (key < visible + 7) {
    let keys = begin + kv_head * HEAD4 * PAGE_ROWS + in_page;
    let stride = params.q_stride;
    let query = row * stride + head * HEAD4;
    for (var d = 0u; d < HEAD4; d++) {
      let at = keys + d * PAGE_ROWS;
      let k0 = unpackPage(bank[at]);
      let k1 = unpackPage(bank[at + 1u]);
      let k2 = unpackPage(bank[at + 2u]);
      let k3 = unpackPage(bank[at + 3u]);
      s0 = step(s0, q[query + d], k0, k1, k2, k3);
      s1 = step(s1, q[query + stride + d], k0, k1, k2, k3);
      s2 = step(s2, q[query + 2u * stride + d], k0, k1, k2, k3);
      s3 = step(s3, q[query + 3u * stride + d], k0, k1, k2, k3);
      s4 = step(s4, q[query + 4u * stride + d], k0, k1, k2, k3);
      s5 = step(s5, q[query + 5u * stride + d], k0, k1, k2, k3);
      s6 = step(s6, q[query + 6u * stride + d], k0, k1, k2, k3);
      s7 = step(s7, q[query + 7u * stride + d], k0, k1, k2, k3);
    }
  }
  scores[to] = shown(s0, scales, key, visible);
  scores[to + params.span] = shown(s1, scales, key, visible + 1);
  scores[to + 2u * params.span] = shown(s2, scales, key, visible + 2);
  scores[to + 3u * params.span] = shown(s3, scales, key, visible + 3);
  scores[to + 4u * params.span] = shown(s4, scales, key, visible + 4);
  scores[to + 5u * params.span] = shown(s5, scales, key, visible + 5);
  scores[to + 6u * params.span] = shown(s6, scales, key, visible + 6);
  scores[to + 7u * params.span] = shown(s7, scales, key, visible + 7);
}
