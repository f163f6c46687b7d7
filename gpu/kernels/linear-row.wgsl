// linear-row: y[n] = sum_k x[k] * w[n, k] for one row, the shape of answering: bound by reading w.
// A workgroup owns LANES * 4 outputs; SLICES lanes share an output by splitting k and add up in shared
// memory. SLICES is 1 on software adapters, where a barrier costs more than it brings.
// 1024 x 2816 in f16: 1.1 ms on lavapipe (5.0 GB/s).
struct Params { rows: u32, x_first: u32, x_stride: u32, y_first: u32, y_stride: u32, columns: u32 }
var<immediate> params: Params;
@group(0) @binding(0) var<storage, read> x: array<vec4f>;
@group(0) @binding(1) var<storage, read> w: array<weights>;
@group(0) @binding(2) var<storage, read_write> y: array<vec4f>;
var<workgroup> part: array<vec4f, LANES * SLICES>;

@compute @workgroup_size(LANES, SLICES)
fn main(@builtin(workgroup_id) group: vec3u, @builtin(local_invocation_id) lane: vec3u) {
  let column = group.x * LANES + lane.x;
  // Panels are padded to 32 outputs, so the last workgroup may run past `columns` but not past a panel's end
  // when clamped: the surplus lanes repeat the last column and do not write.
  let read = min(column, params.columns - 1u);
  var sum = vec4f();
  for (var k = lane.y; k < K4; k += SLICES) {
    let b = block(read, k);
    let v = x[params.x_first + k];
    sum = fma(vec4f(v.x), b[0], sum);
    sum = fma(vec4f(v.y), b[1], sum);
    sum = fma(vec4f(v.z), b[2], sum);
    sum = fma(vec4f(v.w), b[3], sum);
  }
  part[lane.y * LANES + lane.x] = sum;
  workgroupBarrier();
  if (lane.y > 0u || column >= params.columns) { return; }
  for (var s = 1u; s < SLICES; s++) { sum += part[s * LANES + lane.x]; }
  y[params.y_first + column] = sum;
}
