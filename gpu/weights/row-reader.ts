/** Rows of one tensor, read ahead in blocks; rows are asked for in rising order. */
import { broken, shown } from '../text/json'
import {
  type CodeTensor,
  floatBytes,
  type FloatTensor,
  type StoredCodes,
  type TensorLocation
} from './tensor-location'
import { floatsOf } from './tensor-values'

const blockBytes = 4 << 20

/** Bytes of rows of a fixed length, from `start` of a source on. */
export class RowBytes {
  private readonly block: Uint8Array<ArrayBuffer>
  private first = 0
  private count = 0

  constructor(
    private readonly tensor: Pick<FloatTensor, 'source' | 'start'>,
    private readonly rows: number,
    private readonly rowBytes: number
  ) {
    const ahead = Math.max(1, Math.min(rows, Math.floor(blockBytes / rowBytes)))
    this.block = new Uint8Array(ahead * rowBytes)
  }

  /** Its offset is a multiple of the row's length; it holds until the next call. */
  async borrow(row: number): Promise<Uint8Array<ArrayBuffer>> {
    if (row < this.first || row >= this.first + this.count) {
      this.first = row
      this.count = Math.min(this.block.length / this.rowBytes, this.rows - row)
      await this.tensor.source.read(
        this.tensor.start + row * this.rowBytes,
        this.block.subarray(0, this.count * this.rowBytes)
      )
    }
    const at = (row - this.first) * this.rowBytes
    return this.block.subarray(at, at + this.rowBytes)
  }
}

/** Rows of a tensor of floats, widened. */
class FloatRows {
  private readonly bytes: RowBytes

  constructor(private readonly tensor: FloatTensor) {
    const [rows, width] = tensor.shape
    this.bytes = new RowBytes(tensor, rows, width * floatBytes(tensor.dtype))
  }

  async borrow(row: number): Promise<Float32Array> {
    return floatsOf(this.tensor.dtype, await this.bytes.borrow(row))
  }
}

interface CodeRow {
  /** Unsigned: 2^(bits - 1) above the value where codes are symmetric. */
  readonly codes: Uint8Array
  /** By block. */
  readonly scale: Float32Array
  readonly minimum: Float32Array | undefined
}

/** Rows of a tensor of codes. Throws broken-model for a scale that is no number. */
export class CodeRows {
  private readonly bytes: RowBytes
  private readonly scales: FloatRows
  private readonly minima: FloatRows | undefined
  private readonly codes: Uint8Array

  constructor(private readonly tensor: CodeTensor) {
    const { shape, codes } = tensor
    this.bytes = new RowBytes(tensor, shape[0], codes.rowBytes)
    this.scales = new FloatRows(codes.scale)
    this.minima = codes.minimum && new FloatRows(codes.minimum)
    this.codes = new Uint8Array(shape[1])
  }

  async borrow(row: number): Promise<CodeRow> {
    const { dtype, codes: stored } = this.tensor
    unpack(await this.bytes.borrow(row), stored.bits, this.codes)
    // Signed bytes are the unsigned ones with the highest bit turned over.
    if (dtype === 'I8') for (let k = 0; k < this.codes.length; k++) this.codes[k] ^= 0x80
    const scale = finite(await this.scales.borrow(row), stored.scale, row)
    const minimum =
      this.minima && stored.minimum && finite(await this.minima.borrow(row), stored.minimum, row)
    return { codes: this.codes, scale, minimum }
  }
}

/** The first value in the lowest bits of a byte. */
function unpack(bytes: Uint8Array, bits: 2 | 4 | 8, into: Uint8Array): void {
  if (bits === 8) into.set(bytes.subarray(0, into.length))
  else if (bits === 4) for (let k = 0; k < into.length; k++) into[k] = (bytes[k >> 1] >> ((k & 1) * 4)) & 15
  else for (let k = 0; k < into.length; k++) into[k] = (bytes[k >> 2] >> ((k & 3) * 2)) & 3
}

/** Throws broken-model for the first that is none. */
export function finite(values: Float32Array, tensor: FloatTensor, row: number): Float32Array {
  const wrong = values.find(value => !Number.isFinite(value))
  if (wrong === undefined) return values
  throw broken(
    `${tensor.file}: the tensor ${shown(tensor.name)} holds ${wrong} in row ${row}, expected finite numbers. ` +
      'The file is damaged; download the model again.'
  )
}

/** The values of a row, as the kernels compute them from codes; `into` has room for a row. */
function valuesOf({ codes, scale, minimum }: CodeRow, stored: StoredCodes, into: Float32Array): void {
  const block = stored.block ?? codes.length
  const zero = 2 ** (stored.bits - 1)
  for (let k = 0; k < codes.length; k++) {
    const b = Math.floor(k / block)
    into[k] = minimum ? scale[b] * codes[k] + minimum[b] : scale[b] * (codes[k] - zero)
  }
}

/** Rows of floats or of codes, as floats; a row holds until the next is asked for. */
export function valueRows(tensor: TensorLocation): (row: number) => Promise<Float32Array> {
  if (!tensor.codes) {
    const floats = new FloatRows(tensor)
    return row => floats.borrow(row)
  }
  const coded = new CodeRows(tensor)
  const values = new Float32Array(tensor.shape[1])
  return async row => {
    valuesOf(await coded.borrow(row), tensor.codes, values)
    return values
  }
}
