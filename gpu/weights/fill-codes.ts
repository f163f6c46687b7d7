/** Panels of codes, as they lie in the files or in the next wider form where stacked tensors differ. */
import { codeFormat, type CodeShape } from '../kernels/code-format'
import { panelRows } from '../kernels/weight-format'
import type { PanelFiller, Stack } from './panel-filler'
import { CodeRows } from './row-reader'
import type { CodeTensor } from './tensor-location'
import { halfBits } from './tensor-values'

/** Undefined where the tensors are not all codes, or cannot be codes of one shape: they become floats then. */
export function codeFiller({ tensors, inputs, column }: Stack): PanelFiller | undefined {
  const coded = tensors.filter((tensor): tensor is CodeTensor => tensor.codes !== undefined)
  const shape = coded.length === tensors.length ? commonShape(coded) : undefined
  if (!shape) return undefined
  // Blocks are counted in inputs of the file, on the GPU in columns: padding between inputs would shift them. Behind the
  // last input a symmetric code can say zero, a minimum cannot.
  const moved = column.some((at, k) => at !== k)
  if ((moved && shape.block !== undefined) || (shape.minimum && column.length < inputs)) return undefined

  const format = codeFormat(shape)
  const { codes, place } = format
  const panel = new Uint8Array(format.panelBytes(inputs))
  const numbers = codes.scale === 'f32' ? new Float32Array(panel.buffer) : new Uint16Array(panel.buffer)
  const width = codes.scale === 'f32' ? 4 : 2
  const keep = (at: number, value: number): void => {
    numbers[at / width] = codes.scale === 'f32' ? value : halfBits(value)
  }
  const blocks = codes.block === undefined ? 1 : Math.ceil(inputs / codes.block)
  const inputAt = Uint32Array.from({ length: inputs }, (_, k) => place.code(k, 0))
  const outputAt = Uint32Array.from({ length: panelRows }, (_, n) => place.code(0, n) - place.code(0, 0))
  const zero = 2 ** (codes.bits - 1)
  const used = new Set(column)
  const padding = Array.from({ length: inputs }, (_, k) => k).filter(k => !used.has(k))
  const rows = coded.map(tensor => new CodeRows(tensor))
  return {
    format,
    panel,
    clear: () => void panel.fill(0),
    async put(output, piece, row) {
      const source = coded[piece].codes
      const { codes: values, scale, minimum } = await rows[piece].borrow(row)
      // Symmetric codes of fewer bits are the same steps about another middle.
      const raised = minimum ? 0 : zero - 2 ** (source.bits - 1)
      for (let b = 0; b < blocks; b++) {
        const from = source.block === undefined ? 0 : Math.floor((b * (codes.block ?? 0)) / source.block)
        const at = place.scale(b, output)
        keep(at, scale[from])
        if (minimum) keep(at + place.minimum, minimum[from])
      }
      const own = outputAt[output]
      for (let k = 0; k < values.length; k++) {
        const to = column[k]
        panel[inputAt[to] + own] |= ((values[k] + raised) ^ place.flip) << place.shift(to)
      }
      for (const k of padding) panel[inputAt[k] + own] |= (zero ^ place.flip) << place.shift(k)
    }
  }
}

/** The most bits, the smallest block; undefined where some have a minimum and some have none. */
function commonShape(tensors: readonly CodeTensor[]): CodeShape | undefined {
  const codes = tensors.map(tensor => tensor.codes)
  const minimum = codes[0].minimum !== undefined
  if (codes.some(each => (each.minimum !== undefined) !== minimum)) return undefined
  const blocks = codes.flatMap(({ block }) => block ?? [])
  const halves = codes.every(
    ({ scale, minimum }) => scale.dtype === 'F16' && (minimum === undefined || minimum.dtype === 'F16')
  )
  return {
    bits: codes.map(({ bits }) => bits).reduce((a, b) => (a > b ? a : b)),
    block: blocks.length > 0 ? Math.min(...blocks) : undefined,
    minimum,
    scale: halves ? 'f16' : 'f32'
  }
}
