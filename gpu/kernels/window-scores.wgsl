// window-scores: score[h, r, j] = scale * q[r, h] . k[j] for the keys that rows of a tile of eight may see, the
// others hidden; before `first_key` nothing is seen. The same shape as linear-tile: a lane owns four keys and eight rows, queries are read at
// addresses uniform over the workgroup. A tile's keys begin at the multiple of four at or before its first
// row's window. Walking the window lane by lane instead, with the running maximum in one kernel, reached
// 2 GFLOP/s on lavapipe and took seconds to compile; with shared memory it took a minute.
struct Params { rows: u32, start: u32, base: u32, slots: u32, span: u32, q_stride: u32, window: u32, first_key: u32, scale: f32 }
var<immediate> params: Params;
@group(0) @binding(0) var<storage, read> q: array<vec4f>;
@group(0) @binding(1) var<storage, read> columns: array<vec4f>;
@group(0) @binding(2) var<storage, read_write> scores: array<vec4f>;

fn step(sum: vec4f, v: vec4f, k0: vec4f, k1: vec4f, k2: vec4f, k3: vec4f) -> vec4f {
  return fma(vec4f(v.w), k3, fma(vec4f(v.z), k2, fma(vec4f(v.y), k1, fma(vec4f(v.x), k0, sum))));
}

fn shown(sum: vec4f, key: u32, position: u32) -> vec4f {
  let at = vec4u(key, key + 1u, key + 2u, key + 3u);
  let seen = (at >= vec4u(params.first_key)) & (at <= vec4u(position)) & ((vec4u(position) - at) < vec4u(params.window));
  return select(vec4f(-3e38f), sum * params.scale, seen);
}

@compute @workgroup_size(LANES)
fn main(@builtin(workgroup_id) group: vec3u, @builtin(local_invocation_index) lane: u32) {
  let place = group.x * LANES + lane;
  if (place >= params.span) { return; }
  let row = group.y * 8u;
  let head = group.z;
  let position = params.start + row;
  let key = (select(0u, position + 1u - params.window, position + 1u > params.window) & ~3u) + place * 4u;
  let slot = (head / (HEADS / KV_HEADS)) * HEAD4 * 4u * params.slots + (key - params.base) / 4u;
  let stride = params.q_stride;
  let query = row * stride + head * HEAD4;
  var s0 = vec4f(); var s1 = vec4f(); var s2 = vec4f(); var s3 = vec4f();
  var s4 = vec4f(); var s5 = vec4f(); var s6 = vec4f(); var s7 = vec4f();
  for (var d = 0u; d < HEAD4; d++) {
    let at = slot + d * 4u * params.slots;
    let k0 = columns[at];
    let k1 = columns[at + params.slots];
    let k2 = columns[at + 2u * params.slots];
    let k3 = columns[at + 3u * params.slots];
    s0 = step(s0, q[query + d], k0, k1, k2, k3);
    s1 = step(s1, q[query + stride + d], k0, k1, k2, k3);
    s2 = step(s2, q[query + 2u * stride + d], k0, k1, k2, k3);
    s3 = step(s3, q[query + 3u * stride + d], k0, k1, k2, k3);
    s4 = step(s4, q[query + 4u * stride + d], k0, k1, k2, k3);
    s5 = step(s5, q[query + 5u * stride + d], k0, k1, k2, k3);
    s6 = step(s6, q[query + 6u * stride + d], k0, k1, k2, k3);
    s7 = step(s7, q[query + 7u * stride + d], k0, k1, k2, k3);
  }
  let to = (head * params.rows + row) * params.span + place;
  scores[to] = shown(s0, key, position);
  scores[to + params.span] = shown(s1, key, position + 1u);
  scores[to + 2u * params.span] = shown(s2, key, position + 2u);
  scores[to + 3u * params.span] = shown(s3, key, position + 3u);
  scores[to + 4u * params.span] = shown(s4, key, position + 4u);
  scores[to + 5u * params.span] = shown(s5, key, position + 5u);
  scores[to + 6u * params.span] = shown(s6, key, position + 6u);
  scores[to + 7u * params.span] = shown(s7, key, position + 7u);
}
