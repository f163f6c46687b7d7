/**
 * The header of a safetensors file: 8 bytes of little-endian length, that many bytes of JSON, then the tensors'
 * bytes without gap or overlap. Everything is checked against the size of the file before any weight is touched,
 * because a model folder comes from somebody else.
 * Source: the format section of huggingface/safetensors README.md and its reference reader's checks.
 */
import { EngineFailure } from '../failure'
import type { ByteSource } from './byte-source'
import { broken, field, isObject, parseJsonObject, readUtf8, shown, type JsonObject } from './json'
import { checkJsonKeys } from './json-keys'

export interface TensorEntry {
  /** As written in the file; may be one that this program does not know (then `bitsPerElement` is undefined). */
  readonly dtype: string
  readonly shape: readonly number[]
  /** Absolute byte offsets in the file, `end` exclusive. */
  readonly start: number
  readonly end: number
  readonly elements: number
}

export interface SafetensorsFile {
  readonly fileName: string
  readonly source: ByteSource
  readonly tensors: ReadonlyMap<string, TensorEntry>
  readonly metadata: ReadonlyMap<string, string>
}

/** The reference reader's own limit. */
const headerLimit = 100_000_000
/** The largest published checkpoints have about 100,000 tensors. */
const tensorLimit = 500_000
/** Tensor maps are two levels deep plus the lists inside; the rest is somebody trying the parser. */
const depthLimit = 4

const widths: Readonly<Record<number, readonly string[]>> = {
  4: ['F4'],
  6: ['F6_E2M3', 'F6_E3M2'],
  8: ['BOOL', 'U8', 'I8', 'F8_E5M2', 'F8_E4M3', 'F8_E8M0'],
  16: ['U16', 'I16', 'F16', 'BF16'],
  32: ['U32', 'I32', 'F32'],
  64: ['U64', 'I64', 'F64', 'C64']
}
const bitsPerElement = new Map(
  Object.entries(widths).flatMap(([bits, dtypes]) => dtypes.map(dtype => [dtype, Number(bits)]))
)

/**
 * Reads and checks the header. Memory used is proportional to the header, never to what the header claims.
 * Throws broken-model for anything that is not a complete, gapless safetensors file.
 */
export async function readSafetensorsHeader(source: ByteSource, fileName: string): Promise<SafetensorsFile> {
  const length = await headerLength(source, fileName)
  const what = `The header of ${fileName}`
  const text = await readUtf8(source, 8, length, what)
  if (!text.startsWith('{')) throw broken(`${what} starts with ${shown(text.slice(0, 8))}, expected "{".`)
  checkJsonKeys(text, what, depthLimit, 4 * tensorLimit)
  const header = parseJsonObject(text, what)

  const dataStart = 8 + length
  checkLength(fileName, header, dataStart, source.size)
  const tensors = new Map<string, TensorEntry>()
  for (const [name, value] of Object.entries(header)) {
    if (name !== '__metadata__') tensors.set(name, readEntry(fileName, name, value, dataStart, source.size))
  }
  if (tensors.size > tensorLimit) {
    throw broken(`${fileName} holds ${tensors.size} tensors, expected at most ${tensorLimit}.`)
  }
  checkCoverage(fileName, tensors, dataStart, source.size)
  return { fileName, source, tensors, metadata: readMetadata(fileName, header) }
}

/** Throws broken-model for a file that ends before its last tensor does: a download that was broken off. */
function checkLength(fileName: string, header: JsonObject, dataStart: number, found: number): void {
  let expected = 0
  for (const [name, value] of Object.entries(header)) {
    const offsets = name !== '__metadata__' && isObject(value) ? field(value, 'data_offsets') : undefined
    if (isSizes(offsets)) expected = Math.max(expected, dataStart + (offsets[1] ?? 0))
  }
  if (expected <= found || !Number.isSafeInteger(expected)) return
  throw new EngineFailure(
    'broken-model',
    `${fileName} has ${found} of ${expected} bytes: it was not downloaded to its end. Download it again.`,
    undefined,
    { name: 'checkpointCut', values: { file: fileName, found, expected } }
  )
}

async function headerLength(source: ByteSource, fileName: string): Promise<number> {
  if (source.size < 8) {
    throw broken(
      `${fileName} has ${source.size} bytes, expected a safetensors file of at least 8. Download it again.`
    )
  }
  const bytes = new Uint8Array(8)
  await source.read(0, bytes)
  const length = Number(new DataView(bytes.buffer).getBigUint64(0, true))
  const most = Math.min(headerLimit, source.size - 8)
  if (length < 2 || length > most) {
    throw broken(
      `${fileName} declares a header of ${length} bytes, expected 2 to ${most}. ` +
        'It is cut short or not a safetensors file; download it again.'
    )
  }
  return length
}

function readEntry(
  fileName: string,
  name: string,
  value: unknown,
  dataStart: number,
  fileSize: number
): TensorEntry {
  const where = `${fileName}: tensor ${shown(name)}`
  if (!isObject(value)) throw broken(`${where} is ${shown(value)}, expected an object.`)
  const dtype = field(value, 'dtype')
  const shape = field(value, 'shape')
  const offsets = field(value, 'data_offsets')
  if (typeof dtype !== 'string') throw broken(`${where} has dtype ${shown(dtype)}, expected a string.`)
  if (!isSizes(shape) || shape.length > 16) {
    throw broken(`${where} has shape ${shown(shape)}, expected a list of whole numbers.`)
  }
  if (!isSizes(offsets) || offsets.length !== 2) {
    throw broken(`${where} has data_offsets ${shown(offsets)}, expected two whole numbers.`)
  }
  const [begin, finish] = offsets as [number, number]
  if (begin > finish || finish > fileSize - dataStart) {
    throw broken(
      `${where} lies at ${begin} to ${finish}, expected a range within ${fileSize - dataStart} bytes of data.`
    )
  }
  const elements = countElements(where, shape)
  const bits = bitsPerElement.get(dtype)
  if (bits !== undefined && elements * bits !== (finish - begin) * 8) {
    throw broken(
      `${where} (${dtype} ${shown(shape)}) has ${finish - begin} bytes, expected ${(elements * bits) / 8}. ` +
        'The file is damaged; download it again.'
    )
  }
  return { dtype, shape, start: dataStart + begin, end: dataStart + finish, elements }
}

function isSizes(value: unknown): value is number[] {
  return Array.isArray(value) && value.every(each => Number.isSafeInteger(each) && each >= 0)
}

/** Product of the shape; refuses products that 64 bits per element would carry beyond exact integers. */
function countElements(where: string, shape: readonly number[]): number {
  if (shape.includes(0)) return 0
  let product = 1
  for (const size of shape) {
    product *= size
    if (product > Number.MAX_SAFE_INTEGER / 64) {
      throw broken(`${where} has shape ${shown(shape)}, more elements than any file can hold.`)
    }
  }
  return product
}

/** The data must be covered exactly: an overlap aliases two tensors, a hole or a tail hides bytes. */
function checkCoverage(
  fileName: string,
  tensors: ReadonlyMap<string, TensorEntry>,
  dataStart: number,
  fileSize: number
): void {
  const inOrder = [...tensors].sort(([, a], [, b]) => a.start - b.start || a.end - b.end)
  let at = dataStart
  for (const [name, { start, end }] of inOrder) {
    if (start !== at) {
      const how =
        start < at ? 'overlaps the tensor before it' : `leaves a hole of ${start - at} bytes before it`
      throw broken(`${fileName}: tensor ${shown(name)} ${how}. The file is damaged; download it again.`)
    }
    at = end
  }
  if (at !== fileSize) {
    throw broken(
      `${fileName} has ${fileSize - at} bytes after its last tensor, expected none. Download it again.`
    )
  }
}

function readMetadata(fileName: string, header: JsonObject): Map<string, string> {
  const value = field(header, '__metadata__') ?? {}
  const entries = isObject(value) ? Object.entries(value) : undefined
  if (!entries?.every((entry): entry is [string, string] => typeof entry[1] === 'string')) {
    throw broken(`${fileName}: __metadata__ is ${shown(value)}, expected texts by name.`)
  }
  return new Map(entries)
}
