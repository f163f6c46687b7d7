// window-softmax: scores become e^(score - maximum), and `inverse` 1 / their sum, one lane per row and head.
// Hidden keys become exactly zero. With SINKS a head's own score joins them, and its power lies behind all lines of `inverse`.
struct Params { lines: u32, span: u32, padded: u32 }
var<immediate> params: Params;
@group(0) @binding(0) var<storage, read_write> scores: array<vec4f>;
@group(0) @binding(1) var<storage, read_write> inverse: array<f32>;
@group(0) @binding(2) var<storage, read> sinks: array<f32>;

@compute @workgroup_size(64)
fn main(@builtin(global_invocation_id) id: vec3u) {
  if (id.x >= params.lines) { return; }
  let first = id.x * params.span;
  var most = vec4f(-3e38f);
  for (var i = 0u; i < params.span; i++) { most = max(most, scores[first + i]); }
  var highest = max(max(most.x, most.y), max(most.z, most.w));
  var rest = 0f;
  if (SINKS) {
    let sink = sinks[id.x / params.padded];
    highest = max(highest, sink);
    rest = exp(sink - highest);
    inverse[params.lines + id.x] = rest;
  }
  var sum = vec4f();
  for (var i = 0u; i < params.span; i++) {
    let score = scores[first + i];
    let p = select(vec4f(), exp(score - highest), score > vec4f(-3e38f));
    scores[first + i] = p;
    sum += p;
  }
  inverse[id.x] = 1f / (sum.x + sum.y + sum.z + sum.w + rest);
}
