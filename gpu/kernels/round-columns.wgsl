// round-columns: y[r, first + i] = clamp(round(y[r, first + i] / step[i]), -128, 127) * step[i], in place, half to even; a
// step of zero rounds nothing. Steps are followed by 1 / step, `inverses` groups of four behind.
struct Params { y_stride: u32, y_first: u32, steps_first: u32, columns: u32, inverses: u32 }
var<immediate> params: Params;
@group(0) @binding(0) var<storage, read> steps: array<vec4f>;
@group(0) @binding(1) var<storage, read_write> y: array<vec4f>;

@compute @workgroup_size(64)
fn main(@builtin(workgroup_id) group: vec3u, @builtin(local_invocation_index) lane: u32) {
  let i = group.x * 64u + lane;
  if (i >= params.columns) { return; }
  let own = params.steps_first + i;
  let step = steps[own];
  let at = group.y * params.y_stride + params.y_first + i;
  let v = y[at];
  let rounded = clamp(round(v * steps[params.inverses + own]), vec4f(-128f), vec4f(127f)) * step;
  y[at] = select(v, rounded, step > vec4f());
}
