// page-attention: queries of one row against the shared K/V of one bank, as partial sums (split K).
// A workgroup takes one kv head, one row and `tiles_per_split` tiles of TILE keys, and serves all GROUP query
// heads that share the kv head, so that K and V are read once for them. For each tile: scores (a lane a key),
// maximum, exponentials, then values (a lane four columns of one slice of the keys). It writes the running
// maximum, the sum and the unnormalised output; merge-attention joins the splits of all banks.
// Beside it, for the sources of an answer, the sum of exponentials of every SPAN keys and the tile's maximum.
// Keys and values lie in the page's format; its scales of a row are taken to the score after the dot, and to the weight
// before the values. Row r sees the first `visible + r` rows of the bank, never more than `bank_rows`.
// HEAD4, LANES and SPAN come as parameters too, where they bound an inner loop: unrolled, it took lavapipe 8 s
// to compile instead of 1 s, and 1.8 times as long to run. For scores a lane takes KEYS keys at once, for which it
// reads the queries once: 1.0 ms instead of 1.9 for 6 / 2 heads of 32 and 8,192 keys.
struct Params { visible: i32, bank_rows: u32, tiles: u32, tiles_per_split: u32, split_first: u32, splits: u32, tile_first: u32, all_tiles: u32, span_from: u32, scale: f32, head4: u32, lanes: u32, span: u32, q_stride: u32 }
var<immediate> params: Params;
@group(0) @binding(0) var<storage, read> q: array<vec4f>;
@group(0) @binding(1) var<storage, read> bank: array<page4>;
@group(0) @binding(2) var<storage, read_write> sums: array<vec4f>;
@group(0) @binding(3) var<storage, read_write> peaks: array<vec2f>;
@group(0) @binding(4) var<storage, read_write> spans: array<f32>;
@group(0) @binding(5) var<storage, read_write> tile_peaks: array<f32>;

const HIDDEN = -3e38f;
const SPANS = TILE / SPAN;
var<workgroup> score: array<f32, GROUP * TILE>;
var<workgroup> lane_part: array<f32, GROUP * LANES>;
var<workgroup> value_part: array<vec4f, GROUP * LANES>;

@compute @workgroup_size(LANES)
fn main(@builtin(workgroup_id) group: vec3u, @builtin(local_invocation_index) lane: u32) {
  let split = group.x;
  let kv_head = group.y;
  let row = group.z;
  const heads = KV_HEADS * GROUP;
  const kv4 = KV_HEADS * HEAD4;
  let limit = u32(clamp(params.visible + i32(row), 0, i32(params.bank_rows)));
  var most: array<f32, GROUP>;
  var weight: array<f32, GROUP>;
  var out: array<vec4f, GROUP * COLUMNS>;
  for (var g = 0u; g < GROUP; g++) { most[g] = HIDDEN; weight[g] = 0f; }
  for (var i = 0u; i < GROUP * COLUMNS; i++) { out[i] = vec4f(); }
  let first = split * params.tiles_per_split;
  let end = min(first + params.tiles_per_split, params.tiles);
  for (var tile = first; tile < end; tile++) {
    let key_first = tile * TILE;
    let page = (key_first / PAGE_ROWS) * PAGE + FIRST;
    let in_page = key_first % PAGE_ROWS;
    let keys = page + kv_head * HEAD4 * PAGE_ROWS + in_page;
    let values = page + PAGE_ROWS * kv4 + (kv_head * PAGE_ROWS + in_page) * HEAD4;
    let count = select(0u, min(TILE, limit - key_first), key_first < limit);

    var peak: array<f32, GROUP>;
    for (var g = 0u; g < GROUP; g++) { peak[g] = HIDDEN; }
    for (var key = lane; key < TILE; key += LANES * KEYS) {
      var s: array<f32, GROUP * KEYS>;
      for (var i = 0u; i < GROUP * KEYS; i++) { s[i] = 0f; }
      for (var d = 0u; d < params.head4; d++) {
        let at = keys + d * PAGE_ROWS + key;
        var k: array<vec4f, KEYS>;
        for (var i = 0u; i < KEYS; i++) { k[i] = unpackPage(bank[at + i * LANES]); }
        for (var g = 0u; g < GROUP; g++) {
          let v = q[row * params.q_stride + (kv_head * GROUP + g) * HEAD4 + d];
          for (var i = 0u; i < KEYS; i++) { s[g * KEYS + i] = fma(v.w, k[i].w, fma(v.z, k[i].z, fma(v.y, k[i].y, fma(v.x, k[i].x, s[g * KEYS + i])))); }
        }
      }
      var key_scale: array<f32, KEYS>;
      for (var i = 0u; i < KEYS; i++) { key_scale[i] = keyScale(page, kv_head, in_page + key + i * LANES); }
      for (var g = 0u; g < GROUP; g++) {
        for (var i = 0u; i < KEYS; i++) {
          let seen = key + i * LANES < count;
          let value = select(HIDDEN, s[g * KEYS + i] * params.scale * key_scale[i], seen);
          score[g * TILE + key + i * LANES] = value;
          peak[g] = max(peak[g], value);
        }
      }
    }
    for (var g = 0u; g < GROUP; g++) { lane_part[g * LANES + lane] = peak[g]; }
    workgroupBarrier();
    for (var g = 0u; g < GROUP; g++) {
      for (var i = 0u; i < params.lanes; i++) { peak[g] = max(peak[g], lane_part[g * LANES + i]); }
    }
    workgroupBarrier();
    for (var g = 0u; g < GROUP; g++) {
      var sum = 0f;
      for (var key = lane; key < TILE; key += LANES) {
        let p = select(0f, exp(score[g * TILE + key] - peak[g]), key < count);
        score[g * TILE + key] = p;
        sum += p;
      }
      lane_part[g * LANES + lane] = sum;
    }
    workgroupBarrier();
    var keep: array<f32, GROUP>;
    var take: array<f32, GROUP>;
    for (var g = 0u; g < GROUP; g++) {
      var sum = 0f;
      for (var i = 0u; i < params.lanes; i++) { sum += lane_part[g * LANES + i]; }
      let higher = max(most[g], peak[g]);
      keep[g] = exp(most[g] - higher);
      take[g] = select(0f, exp(peak[g] - higher), count > 0u);
      weight[g] = weight[g] * keep[g] + sum * take[g];
      most[g] = higher;
    }
    for (var i = lane; i < GROUP * SPANS; i += LANES) {
      let g = i / SPANS;
      let source = (i % SPANS) * SPAN;
      var sum = 0f;
      for (var key = source; key < source + params.span; key++) {
        sum += select(0f, score[g * TILE + key], key_first + key >= params.span_from);
      }
      let at = (row * heads + kv_head * GROUP + g) * params.all_tiles + params.tile_first + tile;
      spans[at * SPANS + i % SPANS] = sum;
      if (i % SPANS == 0u) { tile_peaks[at] = peak[g]; }
    }
    let part = lane / VALUE_LANES;
    for (var c = 0u; c < COLUMNS; c++) {
      let column = c * LANES + lane % VALUE_LANES;
      if (column < HEAD4 && part < PARTS) {
        var v: array<vec4f, GROUP>;
        for (var g = 0u; g < GROUP; g++) { v[g] = vec4f(); }
        for (var key = part; key < count; key += PARTS) {
          let value = unpackPage(bank[values + key * HEAD4 + column]);
          let value_scale = valueScale(page, kv_head, in_page + key);
          for (var g = 0u; g < GROUP; g++) { v[g] = fma(vec4f(score[g * TILE + key] * value_scale), value, v[g]); }
        }
        for (var g = 0u; g < GROUP; g++) { out[g * COLUMNS + c] = out[g * COLUMNS + c] * keep[g] + v[g] * take[g]; }
      }
    }
    workgroupBarrier();
  }

  for (var c = 0u; c < COLUMNS; c++) {
    for (var g = 0u; g < GROUP; g++) { value_part[g * LANES + lane] = out[g * COLUMNS + c]; }
    workgroupBarrier();
    let column = c * LANES + lane;
    if (lane < VALUE_LANES && column < HEAD4) {
      for (var g = 0u; g < GROUP; g++) {
        var sum = vec4f();
        for (var part = 0u; part < PARTS; part++) { sum += value_part[g * LANES + part * VALUE_LANES + lane]; }
        let at = (row * heads + kv_head * GROUP + g) * params.splits + params.split_first + split;
        sums[at * HEAD4 + column] = sum;
      }
    }
    workgroupBarrier();
  }
  if (lane == 0u) {
    for (var g = 0u; g < GROUP; g++) {
      let at = (row * heads + kv_head * GROUP + g) * params.splits + params.split_first + split;
      peaks[at] = vec2f(most[g], weight[g]);
    }
  }
}
