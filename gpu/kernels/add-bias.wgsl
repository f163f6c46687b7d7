// add-bias: x[r, i] += bias[i]. WIDTH4 is the row's width in vec4.
@group(0) @binding(0) var<storage, read> bias: array<vec4f>;
@group(0) @binding(1) var<storage, read_write> x: array<vec4f>;

@compute @workgroup_size(64)
fn main(@builtin(workgroup_id) group: vec3u, @builtin(local_invocation_index) lane: u32) {
  let i = group.x * 64u + lane;
  if (i < WIDTH4) { x[group.y * WIDTH4 + i] += bias[i]; }
}
