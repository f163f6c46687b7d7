/**
 * One matrix of stacked tensors, from [out, in] rows in files to panels of 32 outputs on the GPU.
 * Works through the panels in order with two reused buffers of a few MiB, whatever the matrix weighs.
 */
import type { Device } from '../device/device'
import { up4 } from '../device/tensor'
import { panelRows, weightFormats, type WeightKind } from '../kernels/weight-format'
import type { Matrix, MatrixPart } from '../kernels/weights'
import { exactHalf, floatsOf } from './tensor-values'
import type { TensorLocation } from './tensor-table'

/** Rows of a tensor, in groups (heads) that are padded to a multiple of 4 with zero rows. */
export interface Piece {
  readonly tensor: TensorLocation
  readonly group: number
  readonly padded: number
}

const blockBytes = 4 << 20

export async function uploadMatrix(
  device: Device,
  name: string,
  pieces: readonly Piece[],
  columns: Partial<Pick<Piece, 'group' | 'padded'>>,
  blank: boolean
): Promise<Matrix> {
  const width = pieces[0].tensor.shape[1]
  const group = columns.group ?? width
  const padded = columns.padded ?? up4(width)
  const inputs = (width / group) * padded
  const outputRows = pieces.map(p => Math.ceil(p.tensor.shape[0] / p.group) * p.padded)
  const outputs = up4(outputRows.reduce((a, b) => a + b, 0))
  const kind = await commonKind(pieces)
  const format = weightFormats[kind]
  const panelBytes = format.panelBytes(inputs)
  const panels = Math.ceil(outputs / panelRows)
  const panelsPerPart = Math.max(1, Math.floor(device.largestBinding / panelBytes))

  const parts: MatrixPart[] = []
  for (let first = 0; first < panels; first += panelsPerPart) {
    const count = Math.min(panelsPerPart, panels - first)
    const buffer = device.buffer('weights', name, count * panelBytes)
    parts.push({ buffer, first: first * panelRows, rows: count * panelRows })
  }
  if (!blank) {
    const rows = pieces.map(piece => new RowReader(piece.tensor, kind))
    const column = Uint32Array.from({ length: width }, (_, k) => Math.floor(k / group) * padded + (k % group))
    const packed = kind === 'f32' ? new Float32Array(inputs * panelRows) : new Uint16Array(inputs * panelRows)
    for (let panel = 0; panel < panels; panel++) {
      packed.fill(0)
      for (let lane = 0; lane < panelRows; lane++) {
        let output = panel * panelRows + lane
        let piece = 0
        while (piece < pieces.length && output >= outputRows[piece]) output -= outputRows[piece++]
        if (piece === pieces.length) break
        const { group: rowGroup, padded: rowPadded, tensor } = pieces[piece]
        const inGroup = output % rowPadded
        const row = Math.floor(output / rowPadded) * rowGroup + inGroup
        if (inGroup >= rowGroup || row >= tensor.shape[0]) continue
        const values = await rows[piece].borrow(row)
        for (let k = 0; k < width; k++) packed[column[k] * panelRows + lane] = values[k]
      }
      const part = parts[Math.floor(panel / panelsPerPart)]
      device.raw.queue.writeBuffer(part.buffer, (panel % panelsPerPart) * panelBytes, packed)
    }
  }
  return { name, format, inputs, outputs, parts }
}

/** The narrowest kind that holds every value of every piece exactly. */
async function commonKind(pieces: readonly Piece[]): Promise<WeightKind> {
  const kinds = new Set<WeightKind>()
  for (const { tensor } of pieces) {
    if (tensor.dtype === 'F16') kinds.add('f16')
    else if (tensor.dtype === 'BF16') kinds.add('bf16')
    else kinds.add(await narrowestKind(tensor))
    if (kinds.has('f32') || kinds.size > 1) return 'f32'
  }
  return [...kinds][0]
}

/** F32 files often hold values that were f16 or bf16 once; those are kept at half the size. */
async function narrowestKind(tensor: TensorLocation): Promise<WeightKind> {
  let [half, brain] = [true, true]
  const buffer = new ArrayBuffer(blockBytes)
  for (let at = tensor.start; at < tensor.end && (half || brain); at += blockBytes) {
    const bytes = new Uint8Array(buffer, 0, Math.min(blockBytes, tensor.end - at))
    await tensor.source.read(at, bytes)
    for (const bits of new Uint32Array(buffer, 0, bytes.length / 4)) {
      if (brain && (bits & 0xffff) !== 0) brain = false
      if (half && exactHalf(bits) < 0) half = false
      if (!half && !brain) break
    }
  }
  return half ? 'f16' : brain ? 'bf16' : 'f32'
}

/** Rows of one tensor in the bits of `kind`, read ahead in blocks; rows are asked for in rising order. */
class RowReader {
  private readonly width: number
  private readonly rowBytes: number
  private readonly block: Uint8Array<ArrayBuffer>
  private first = 0
  private count = 0

  constructor(
    private readonly tensor: TensorLocation,
    private readonly kind: WeightKind
  ) {
    this.width = tensor.shape[1]
    this.rowBytes = this.width * (tensor.dtype === 'F32' ? 4 : 2)
    const rows = Math.max(1, Math.min(tensor.shape[0], Math.floor(blockBytes / this.rowBytes)))
    this.block = new Uint8Array(rows * this.rowBytes)
  }

  async borrow(row: number): Promise<ArrayLike<number>> {
    if (row < this.first || row >= this.first + this.count) {
      this.first = row
      this.count = Math.min(this.block.length / this.rowBytes, this.tensor.shape[0] - row)
      await this.tensor.source.read(
        this.tensor.start + row * this.rowBytes,
        this.block.subarray(0, this.count * this.rowBytes)
      )
    }
    const at = (row - this.first) * this.rowBytes
    if (this.kind === 'f32') return floatsOf(this.tensor.dtype, this.block.subarray(at, at + this.rowBytes))
    if (this.tensor.dtype !== 'F32') return new Uint16Array(this.block.buffer, at, this.width)
    const bits = new Uint32Array(this.block.buffer, at, this.width)
    return this.kind === 'f16' ? Uint16Array.from(bits, exactHalf) : Uint16Array.from(bits, b => b >>> 16)
  }
}
