// residual-norm: a layer's branch joins the stream, and what reads the stream next is made in the same pass over a row:
//   x[r] = (x[r] + branch[r]) * scalar,   out[r] = x[r] / sqrt(mean(x[r]^2) + eps) * weight, or x[r] itself without NORM.
// branch[r] is y[r], or y[r] / sqrt(mean(y[r]^2) + eps) * branch_weight with BRANCH_NORM.
// One workgroup per row; means are over WIDTH values, rows are padded with zeros. Sums are those of rms-norm and norm-add,
// in their order: a lane reads again only what it wrote itself.
struct Params { eps: f32, scalar: f32, inverse: f32 }
var<immediate> params: Params;
@group(0) @binding(0) var<storage, read> y: array<vec4f>;
@group(0) @binding(1) var<storage, read> branch_weight: array<vec4f>;
@group(0) @binding(2) var<storage, read_write> x: array<vec4f>;
@group(0) @binding(3) var<storage, read> weight: array<vec4f>;
@group(0) @binding(4) var<storage, read_write> out: array<row4>;
var<workgroup> part: array<f32, LANES>;

fn scaleOf(lane: u32, own: f32) -> f32 {
  workgroupBarrier();
  part[lane] = own;
  workgroupBarrier();
  var sum = 0f;
  for (var i = 0u; i < LANES; i++) { sum += part[i]; }
  return 1f / sqrt(sum / WIDTH + params.eps);
}

@compute @workgroup_size(LANES)
fn main(@builtin(workgroup_id) group: vec3u, @builtin(local_invocation_index) lane: u32) {
  let row = group.x * WIDTH4;
  let to = group.x * OUT4;
  var branch_scale = 1f;
  if (BRANCH_NORM) {
    var squares = 0f;
    for (var i = lane; i < WIDTH4; i += LANES) { squares += dot(y[row + i], y[row + i]); }
    branch_scale = scaleOf(lane, squares);
  }
  var own = 0f;
  for (var i = lane; i < WIDTH4; i += LANES) {
    var branch = y[row + i];
    if (BRANCH_NORM) { branch = branch * branch_scale * branch_weight[i]; }
    let v = (x[row + i] + branch) * params.scalar;
    x[row + i] = v;
    if (NORM) { own += dot(v, v); } else { out[to + i] = packRow(v, params.inverse); }
  }
  if (NORM) {
    let scale = scaleOf(lane, own);
    for (var i = lane; i < WIDTH4; i += LANES) { out[to + i] = packRow(x[row + i] * scale * weight[i], params.inverse); }
  }
}
