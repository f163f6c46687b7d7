// retention: gated retention in its recurrent form, paper section 3.1:
//   S = exp(a_t) S + k_t^T v_t / sqrt(D),  o_t = q_t S,  a_t = logsigmoid(r_t) / NORMALIZER.
// A lane owns one value column of one head and keeps its column of S while it walks over the rows; q, k and
// the gate are read at addresses uniform over the workgroup. The recurrent form gives the same bits
// however the text is cut into chunks, needs no exponent above zero and costs what the chunkwise form costs
// at C = D. S and the gates stay in f32: they sum thousands of products, and bf16 would lose decays above 0.998.
// x holds rows of q | k | v | g | r; strides count f32.
struct Params { rows: u32, stride: u32 }
var<immediate> params: Params;
@group(0) @binding(0) var<storage, read> x: array<f32>;
@group(0) @binding(1) var<storage, read_write> state: array<f32>;
@group(0) @binding(2) var<storage, read_write> y: array<f32>;

@compute @workgroup_size(LANES)
fn main(@builtin(workgroup_id) group: vec3u, @builtin(local_invocation_index) lane: u32) {
  let head = group.y;
  let column = group.x * LANES + lane;
  if (column >= HEAD) { return; }
  const inner = HEADS * HEAD;
  let at = head * HEAD_DIM * HEAD + column;
  var s: array<f32, HEAD_DIM>;
  for (var d = 0u; d < HEAD_DIM; d++) { s[d] = state[at + d * HEAD]; }
  for (var row = 0u; row < params.rows; row++) {
    let q = row * params.stride + head * HEAD;
    let k = q + inner;
    let r = x[row * params.stride + 4u * inner + head];
    let decay = exp((min(r, 0f) - log(1f + exp(-abs(r)))) / NORMALIZER);
    let v = x[k + inner + column] * SCALE;
    var o = 0f;
    for (var d = 0u; d < HEAD_DIM; d++) {
      let next = fma(s[d], decay, x[k + d] * v);
      s[d] = next;
      o = fma(x[q + d], next, o);
    }
    y[row * inner + head * HEAD + column] = o;
  }
  for (var d = 0u; d < HEAD_DIM; d++) { state[at + d * HEAD] = s[d]; }
}
