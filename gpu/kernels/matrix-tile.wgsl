// matrix-tile: products of many rows by matrices that a subgroup multiplies in one step ([M, K] times [K, N], adapter's shape);
// operands are float-operands or code-operands. A workgroup makes 64 rows x 64 outputs, every subgroup a rectangle of them in
// ROWS x COLUMNS results of M x N. BLOCK inputs at a time of rows and weights lie unpacked in workgroup memory, as COMPONENT:
// f16 for codes, which it holds exactly, f32 for floats. Sums are f32 always: f16 overflows, and has lost digits long before.
// Inputs are added in the same order for every row, so a row has the same bits in every chunk.
// Results go out by way of memory, because what lane holds which number of a result is the adapter's own affair.
alias Left = subgroup_matrix_left<COMPONENT, K, M>;
alias Right = subgroup_matrix_right<COMPONENT, N, K>;
alias Result = subgroup_matrix_result<f32, N, M>;
const BLOCK4 = BLOCK / 4u;
var<workgroup> lines: array<COMPONENT, 64u * BLOCK>; // [64 rows][BLOCK]
var<workgroup> blocks: array<COMPONENT, BLOCK * 64u>; // [BLOCK][64 outputs]
var<workgroup> staged: array<f32, 128u / SIZE * M * N>; // a result of every subgroup

@compute @workgroup_size(128)
fn main(
  @builtin(workgroup_id) group: vec3u,
  @builtin(local_invocation_index) lane: u32,
  @builtin(subgroup_id) subgroup: u32,
  @builtin(subgroup_invocation_id) inside: u32
) {
  let first = group.y * 64u;
  let across = 64u / (COLUMNS * N); // subgroups beside each other
  let top = subgroup / across * ROWS * M;
  let left = subgroup % across * COLUMNS * N;
  var sums: array<Result, ROWS * COLUMNS>;
  for (var start = 0u; start < K4; start += BLOCK4) {
    for (var i = lane; i < 64u * BLOCK4; i += 128u) {
      let v = fourInputsOf(min(first + i / BLOCK4, params.rows - 1u), start + i % BLOCK4);
      for (var j = 0u; j < 4u; j++) { lines[i * 4u + j] = COMPONENT(v[j]); }
    }
    for (var i = lane; i < 16u * BLOCK4; i += 128u) {
      let b = fourByFour(min(group.x * 16u + i % 16u, params.columns - 1u), start + i / 16u);
      for (var j = 0u; j < 16u; j++) {
        blocks[(i / 16u * 4u + j / 4u) * 64u + i % 16u * 4u + j % 4u] = COMPONENT(b[j / 4u][j % 4u]);
      }
    }
    workgroupBarrier();
    for (var k = 0u; k < BLOCK; k += K) {
      var weights: array<Right, COLUMNS>;
      for (var c = 0u; c < COLUMNS; c++) {
        weights[c] = subgroupMatrixLoad<Right>(&blocks, k * 64u + left + c * N, false, 64u);
      }
      for (var r = 0u; r < ROWS; r++) {
        let inputs = subgroupMatrixLoad<Left>(&lines, (top + r * M) * BLOCK + k, false, BLOCK);
        for (var c = 0u; c < COLUMNS; c++) {
          sums[r * COLUMNS + c] = subgroupMatrixMultiplyAccumulate(inputs, weights[c], sums[r * COLUMNS + c]);
        }
      }
    }
    workgroupBarrier();
  }
  for (var part = 0u; part < ROWS * COLUMNS; part++) {
    let own = subgroup * M * N;
    subgroupMatrixStore(&staged, own, sums[part], false, N);
    workgroupBarrier();
    for (var i = inside; i < M * N / 4u; i += SIZE) {
      let row = first + top + part / COLUMNS * M + i / (N / 4u);
      let column = group.x * 16u + (left + part % COLUMNS * N) / 4u + i % (N / 4u);
      let at = own + i * 4u;
      if (row < params.rows && column < params.columns) {
        write(row, column, Sum(vec4f(staged[at], staged[at + 1u], staged[at + 2u], staged[at + 3u])));
      }
    }
    workgroupBarrier();
  }
}
