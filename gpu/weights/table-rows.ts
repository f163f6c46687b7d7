/**
 * Rows of a table that is too large for the GPU, by id: read from the file when they are asked for, as f32. Of a mobile
 * E2B that is 4.6 KB a token of 1.2 GB, which a mapped file copies in some microseconds.
 */
import { finite } from './row-reader'
import { type CodeTensor, floatBytes, type FloatTensor, type TensorLocation } from './tensor-location'
import { floatsOf } from './tensor-values'

export interface TableRows {
  /** Values of a whole row. */
  readonly width: number
  /**
   * The first `columns` values of the row of every id, one row after another from the beginning of `into` on. Throws
   * broken-model for a scale that is no number.
   */
  read(ids: ArrayLike<number>, columns: number, into: Float32Array): Promise<void>
}

export function tableRows(table: TensorLocation): TableRows {
  const [rows, width] = table.shape
  const readRow = table.codes ? codedRow(table) : floatRow(table)
  return {
    width,
    async read(ids, columns, into) {
      if (columns > width || into.length < ids.length * columns)
        throw new Error(
          `table-rows: ${ids.length} rows of ${columns} values, ${table.name} has ${width} and there is room for ${into.length}`
        )
      for (let i = 0; i < ids.length; i++) {
        if (!(ids[i] < rows)) throw new Error(`table-rows: row ${ids[i]} of ${table.name}, which has ${rows}`)
        await readRow(ids[i], into.subarray(i * columns, (i + 1) * columns))
      }
    }
  }
}

/** Fills `into` with the beginning of a row. */
type ReadRow = (row: number, into: Float32Array) => Promise<void>

/** Values `first` to `first + count` of a tensor of floats. */
async function floatsAt({ source, start, dtype }: FloatTensor, first: number, count: number) {
  const bytes = new Uint8Array(count * floatBytes(dtype))
  await source.read(start + first * floatBytes(dtype), bytes)
  return floatsOf(dtype, bytes)
}

const floatRow =
  (table: FloatTensor): ReadRow =>
  async (row, into) =>
    into.set(await floatsAt(table, row * table.shape[1], into.length))

function codedRow({ source, start, dtype, shape, codes }: CodeTensor): ReadRow {
  const { bits, rowBytes, scale, minimum } = codes
  const block = codes.block ?? shape[1]
  const blocks = scale.shape[1]
  const perByte = 8 / bits
  // Where there is no minimum, codes are symmetric; signed ones are the unsigned with the highest bit turned over.
  const [flip, zero] = [dtype === 'I8' ? 0x80 : 0, minimum ? 0 : 2 ** (bits - 1)]
  const [mask, shift] = [2 ** bits - 1, Math.log2(perByte)]
  const packed = new Uint8Array(rowBytes)
  return async (row, into) => {
    const used = packed.subarray(0, Math.ceil(into.length / perByte))
    const count = Math.ceil(into.length / block)
    await source.read(start + row * rowBytes, used)
    const scales = finite(await floatsAt(scale, row * blocks, count), scale, row)
    const minima = minimum && finite(await floatsAt(minimum, row * blocks, count), minimum, row)
    for (let b = 0; b < count; b++) {
      const [step, least] = [scales[b], minima ? minima[b] : 0]
      const end = Math.min(into.length, (b + 1) * block)
      for (let k = b * block; k < end; k++) {
        const code = ((used[k >> shift] ^ flip) >> ((k & (perByte - 1)) * bits)) & mask
        into[k] = (code - zero) * step + least
      }
    }
  }
}
