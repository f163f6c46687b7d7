/**
 * One matrix of stacked tensors, from [out, in] rows in files to panels of 32 outputs on the GPU.
 * Works through the panels in order with a few reused buffers of some MiB, whatever the matrix weighs.
 */
import type { Device } from '../device/device'
import { up4 } from '../device/tensor'
import { panelRows } from '../kernels/weight-format'
import type { Matrix, MatrixPart } from '../kernels/weights'
import { codeFiller } from './fill-codes'
import { floatFiller } from './fill-floats'
import type { PanelFiller, Stack } from './panel-filler'
import type { TensorLocation } from './tensor-location'

/** Rows of a tensor, in groups (heads) that are padded to a multiple of 4 with zero rows. */
export interface Piece {
  readonly tensor: TensorLocation
  readonly group: number
  readonly padded: number
}

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
  const stack: Stack = {
    tensors: pieces.map(({ tensor }) => tensor),
    inputs,
    column: Uint32Array.from({ length: width }, (_, k) => Math.floor(k / group) * padded + (k % group))
  }
  const filler = codeFiller(stack) ?? (await floatFiller(stack))
  const panelBytes = filler.format.panelBytes(inputs)
  const panels = Math.ceil(outputs / panelRows)
  const panelsPerPart = Math.max(1, Math.floor(device.largestBinding / panelBytes))

  const parts: MatrixPart[] = []
  for (let first = 0; first < panels; first += panelsPerPart) {
    const count = Math.min(panelsPerPart, panels - first)
    const buffer = device.buffer('weights', name, count * panelBytes)
    parts.push({ buffer, first: first * panelRows, rows: count * panelRows })
  }
  for (let panel = 0; panel < panels && !blank; panel++) {
    await fillPanel(filler, panel, pieces, outputRows)
    const part = parts[Math.floor(panel / panelsPerPart)]
    device.raw.queue.writeBuffer(part.buffer, (panel % panelsPerPart) * panelBytes, filler.panel)
  }
  return { name, format: filler.format, inputs, outputs, parts }
}

/** `outputRows`: outputs that each piece takes, padding included. */
async function fillPanel(
  filler: PanelFiller,
  panel: number,
  pieces: readonly Piece[],
  outputRows: readonly number[]
): Promise<void> {
  filler.clear()
  for (let lane = 0; lane < panelRows; lane++) {
    let output = panel * panelRows + lane
    let piece = 0
    while (piece < pieces.length && output >= outputRows[piece]) output -= outputRows[piece++]
    if (piece === pieces.length) break
    const { group, padded, tensor } = pieces[piece]
    const inGroup = output % padded
    const row = Math.floor(output / padded) * group + inGroup
    if (inGroup < group && row < tensor.shape[0]) await filler.put(lane, piece, row)
  }
}
