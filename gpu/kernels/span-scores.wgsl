// span-scores: mass[s] += sum over heads of the attention that the keys of span s received, in one layer of
// one answered token: e^(tile peak - m) / l times what page-attention summed for the span. A lane a span.
struct Params { spans: u32, all_tiles: u32, heads: u32 }
var<immediate> params: Params;
@group(0) @binding(0) var<storage, read> spans: array<f32>;
@group(0) @binding(1) var<storage, read> tile_peaks: array<f32>;
@group(0) @binding(2) var<storage, read> total: array<vec2f>;
@group(0) @binding(3) var<storage, read_write> mass: array<f32>;

@compute @workgroup_size(64)
fn main(@builtin(workgroup_id) group: vec3u, @builtin(local_invocation_index) lane: u32) {
  let span = group.x * 64u + lane;
  if (span >= params.spans) { return; }
  let tile = span / SPANS;
  var sum = 0f;
  for (var head = 0u; head < params.heads; head++) {
    let at = head * params.all_tiles + tile;
    sum += spans[at * SPANS + span % SPANS] * exp(tile_peaks[at] - total[head].x) / total[head].y;
  }
  mass[span] += sum;
}
