// code-row: code-tile for one row, the shape of answering: bound by reading w. A workgroup owns LANES * 4 outputs; SLICES
// lanes share an output by splitting k. Whole numbers: the order of the sum does not matter.
struct Params { rows: u32, x_stride: u32, y_stride: u32, first: u32, columns: u32, inverses: u32, input_step: f32 }
var<immediate> params: Params;
@group(0) @binding(0) var<storage, read> x: array<u32>;
@group(0) @binding(1) var<storage, read> w: array<weights>;
@group(0) @binding(2) var<storage, read> steps: array<vec4f>;
@group(0) @binding(3) var<storage, read_write> y: array<vec4f>;
var<workgroup> slice: array<vec4i, LANES * SLICES>;

@compute @workgroup_size(LANES, SLICES)
fn main(@builtin(workgroup_id) group: vec3u, @builtin(local_invocation_id) lane: vec3u) {
  let own = group.x * LANES + lane.x;
  // As in linear-row: surplus lanes repeat the last column and do not write.
  let read = min(own, params.columns - 1u);
  var sum = vec4i();
  for (var at = lane.y; at < GROUPS; at += SLICES) {
    let word = words(read, at);
    for (var p = 0u; p < PARTS; p++) {
      let v = x[at * PARTS + p];
      let b = signedBytes(word, p);
      sum += vec4i(dot4I8Packed(v, b.x), dot4I8Packed(v, b.y), dot4I8Packed(v, b.z), dot4I8Packed(v, b.w));
    }
  }
  slice[lane.y * LANES + lane.x] = sum;
  workgroupBarrier();
  if (lane.y > 0u || own >= params.columns) { return; }
  for (var s = 1u; s < SLICES; s++) { sum += slice[s * LANES + lane.x]; }
  let column = params.first + own;
  let v = vec4f(sum) * (scales(own) * params.input_step);
  let step = steps[column];
  let rounded = clamp(round(v * steps[params.inverses + column]), vec4f(-128f), vec4f(127f)) * step;
  y[column] = select(v, rounded, step > vec4f());
}
