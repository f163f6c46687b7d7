/**
 * JSON files of a model folder, read as data that somebody else wrote: bounded before they are read, and every
 * field checked for type and range before it is used. JSON.parse gives objects whose keys may be called
 * "__proto__" or "constructor", so fields are looked up as own properties only.
 */
import { EngineFailure } from '../failure'
import type { ByteSource } from './byte-source'

export type JsonObject = Readonly<Record<string, unknown>>

/** Bytes read at a time: small enough that a header of 100 MB is never held twice. */
const blockBytes = 1 << 20

export const broken = (message: string, cause?: unknown) =>
  new EngineFailure('broken-model', message, { cause })
export const unsupported = (message: string) => new EngineFailure('unsupported-model', message)

/** A value as it is shown to people: short, on one line. */
export function shown(value: unknown): string {
  let text: string
  try {
    text =
      typeof value === 'string'
        ? JSON.stringify(value.slice(0, 200))
        : (JSON.stringify(value) ?? String(value))
  } catch {
    text = typeof value
  }
  return text.length > 80 ? `${text.slice(0, 77)}...` : text
}

/** UTF-8 text of `length` bytes from `offset` on. Throws broken-model when the bytes are not UTF-8. */
export async function readUtf8(
  source: ByteSource,
  offset: number,
  length: number,
  what: string
): Promise<string> {
  const decoder = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true })
  const block = new Uint8Array(Math.min(blockBytes, length))
  const parts: string[] = []
  for (let done = 0; done < length; done += block.length) {
    const part = block.subarray(0, Math.min(block.length, length - done))
    await source.read(offset + done, part)
    parts.push(decode(decoder, part, done + part.length < length, what))
  }
  return parts.join('')
}

function decode(decoder: TextDecoder, bytes: Uint8Array, stream: boolean, what: string): string {
  try {
    return decoder.decode(bytes, { stream })
  } catch (cause) {
    throw broken(
      `${what} is not UTF-8 text. The file is damaged or of another kind; download it again.`,
      cause
    )
  }
}

/** Throws broken-model for a file that is larger than any of its kind. */
export function checkSize({ size }: ByteSource, name: string, limit: number): void {
  if (size > limit)
    throw broken(
      `${name} has ${size} bytes, expected at most ${limit}. It does not belong to a model of this kind.`
    )
}

/** A whole text file of at most `limit` bytes, without a byte order mark. */
export async function readTextFile(source: ByteSource, name: string, limit: number): Promise<string> {
  checkSize(source, name, limit)
  const text = await readUtf8(source, 0, source.size, name)
  return text.startsWith('\uFEFF') ? text.slice(1) : text
}

/** Throws broken-model when `text` is not a JSON object. */
export function parseJsonObject(text: string, name: string): JsonObject {
  let value: unknown
  try {
    value = JSON.parse(text)
  } catch (cause) {
    throw broken(`${name} is not valid JSON. The file is damaged; download it again.`, cause)
  }
  if (!isObject(value)) throw broken(`${name} holds ${shown(value)}, expected a JSON object.`)
  return value
}

/** The same of UTF-8. Throws broken-model. */
export const parseJsonBytes = (bytes: Uint8Array, name: string): JsonObject =>
  parseJsonObject(decode(new TextDecoder('utf-8', { fatal: true }), bytes, false, name), name)

export function isObject(value: unknown): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

/** The own property of that name; undefined when there is none. */
export function field(object: JsonObject, key: string): unknown {
  return Object.hasOwn(object, key) ? object[key] : undefined
}

/** Reads the fields of one JSON object and names the file and the field in every failure. */
export function fieldsOf(object: JsonObject, where: string) {
  const wrong = (key: string, expected: string) =>
    broken(
      `${where}: ${key} is ${shown(field(object, key))}, expected ${expected}. The file is damaged or was edited.`
    )
  return {
    wrong,
    /** A whole number in [least, most]; `absent` when the field is missing. Without `absent` the field is required. */
    int(key: string, least: number, most: number, absent?: number): number {
      const value = field(object, key) ?? absent
      if (typeof value !== 'number' || !Number.isSafeInteger(value) || value < least || value > most) {
        throw wrong(key, `a whole number from ${least} to ${most}`)
      }
      return value
    },
    /** A finite number in [least, most]. */
    number(key: string, least: number, most: number, absent: number): number {
      const value = field(object, key) ?? absent
      if (typeof value !== 'number' || !(value >= least && value <= most)) {
        throw wrong(key, `a number from ${least} to ${most}`)
      }
      return value
    },
    bool(key: string, absent: boolean): boolean {
      const value = field(object, key) ?? absent
      if (typeof value !== 'boolean') throw wrong(key, 'true or false')
      return value
    },
    oneOf<T extends string>(key: string, values: readonly T[], absent: T): T {
      const value = field(object, key) ?? absent
      const found = values.find(each => each === value)
      if (found === undefined) throw wrong(key, values.map(each => `"${each}"`).join(' or '))
      return found
    },
    object(key: string): JsonObject {
      const value = field(object, key) ?? {}
      if (!isObject(value)) throw wrong(key, 'an object')
      return value
    }
  }
}
