// page-softmax: scores of some pages become e^(score - maximum), one lane per row and head, page by page: the maximum is
// that of all pages so far. `state` takes it and the sum of the exponentials from dispatch to dispatch; `keep` says for
// every page by what the sums before it are to be multiplied. A page that a row does not see changes nothing, to the bit:
// so results depend neither on how many pages a dispatch has nor on how a text is cut into chunks and banks.
struct Params { lines: u32, span: u32, fresh: u32 }
var<immediate> params: Params;
@group(0) @binding(0) var<storage, read_write> scores: array<vec4f>;
@group(0) @binding(1) var<storage, read_write> state: array<vec2f>;
@group(0) @binding(2) var<storage, read_write> keep: array<f32>;

const HIDDEN = -3e38f;

@compute @workgroup_size(64)
fn main(@builtin(global_invocation_id) id: vec3u) {
  let line = id.x;
  if (line >= params.lines) { return; }
  let pages = (params.span * 4u + PAGE_ROWS - 1u) / PAGE_ROWS;
  var most = HIDDEN;
  var weight = 0f;
  if (params.fresh == 0u) {
    most = state[line].x;
    weight = state[line].y;
  }
  for (var page = 0u; page < pages; page++) {
    let first = line * params.span + page * PAGE_ROWS / 4u;
    let count = min(PAGE_ROWS / 4u, params.span - page * PAGE_ROWS / 4u);
    var peaks = vec4f(HIDDEN);
    for (var i = 0u; i < count; i++) { peaks = max(peaks, scores[first + i]); }
    let peak = max(max(peaks.x, peaks.y), max(peaks.z, peaks.w));
    let seen = peak > HIDDEN;
    let higher = max(most, peak);
    var sum = vec4f();
    for (var i = 0u; i < count; i++) {
      let score = scores[first + i];
      let p = select(vec4f(), exp(score - higher), score > vec4f(HIDDEN));
      scores[first + i] = p;
      sum += p;
    }
    let kept = select(1f, exp(most - higher), seen);
    keep[line * pages + page] = kept;
    if (seen) { weight = weight * kept + (sum.x + sum.y + sum.z + sum.w); }
    most = higher;
  }
  state[line] = vec2f(most, weight);
}
