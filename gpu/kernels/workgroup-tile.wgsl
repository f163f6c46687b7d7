// workgroup-tile: products of many rows on hardware; operands are float-operands or code-operands.
// A workgroup makes 64 rows x 64 outputs. Eight quads at a time of its rows and of its weights lie in 16 KiB of workgroup
// memory, so weights are read and unpacked once for 64 rows, where linear-tile does it for 8, and inputs once for 64 outputs.
// A lane adds up 8 rows x 4 outputs in registers; they are spelled out, because drivers may put an array of sums into memory.
// Inputs are added in order, whatever the number of rows: a row has the same bits in every chunk.
var<workgroup> rowQuads: array<Quad, 512>; // [64 rows][8 quads]
var<workgroup> blocks: array<Quad, 512>; // [8 quads][4][16 columns]

fn blockAt(quad: u32, own: u32) -> Block {
  let at = quad * 64u + own;
  return Block(blocks[at], blocks[at + 16u], blocks[at + 32u], blocks[at + 48u]);
}

@compute @workgroup_size(128)
fn main(@builtin(workgroup_id) group: vec3u, @builtin(local_invocation_index) lane: u32) {
  let own = lane % 16u;
  let line = lane / 16u; // 0 to 7
  let column = group.x * 16u + own;
  let first = group.y * 64u;
  let read = min(column, params.columns - 1u);
  let quad = lane % 8u;
  var s0 = Sum(); var s1 = Sum(); var s2 = Sum(); var s3 = Sum();
  var s4 = Sum(); var s5 = Sum(); var s6 = Sum(); var s7 = Sum();
  for (var start = 0u; start < QUADS; start += 8u) {
    let b = weightsOf(read, start + line);
    let to = line * 64u + own;
    blocks[to] = b[0];
    blocks[to + 16u] = b[1];
    blocks[to + 32u] = b[2];
    blocks[to + 48u] = b[3];
    for (var row = lane / 8u; row < 64u; row += 16u) {
      // The quads of a row change places, so that eight rows read at once lie in different banks.
      rowQuads[row * 8u + (quad ^ (row % 8u))] = inputs(min(first + row, params.rows - 1u), start + quad);
    }
    workgroupBarrier();
    for (var q = 0u; q < 8u; q++) {
      let b = blockAt(q, own);
      let at = line * 8u + (q ^ line); // row line + 8 i lies 64 i behind
      s0 = add(s0, rowQuads[at], b);
      s1 = add(s1, rowQuads[at + 64u], b);
      s2 = add(s2, rowQuads[at + 128u], b);
      s3 = add(s3, rowQuads[at + 192u], b);
      s4 = add(s4, rowQuads[at + 256u], b);
      s5 = add(s5, rowQuads[at + 320u], b);
      s6 = add(s6, rowQuads[at + 384u], b);
      s7 = add(s7, rowQuads[at + 448u], b);
    }
    workgroupBarrier();
  }
  if (column >= params.columns) { return; }
  let row = first + line;
  if (row < params.rows) { write(row, column, s0); }
  if (row + 8u < params.rows) { write(row + 8u, column, s1); }
  if (row + 16u < params.rows) { write(row + 16u, column, s2); }
  if (row + 24u < params.rows) { write(row + 24u, column, s3); }
  if (row + 32u < params.rows) { write(row + 32u, column, s4); }
  if (row + 40u < params.rows) { write(row + 40u, column, s5); }
  if (row + 48u < params.rows) { write(row + 48u, column, s6); }
  if (row + 56u < params.rows) { write(row + 56u, column, s7); }
}
