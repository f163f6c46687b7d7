/** A ZIP archive in memory. Its list is read first; nothing is unpacked whose size was not counted before. */
import { crc32 } from 'node:zlib'
import { unzipSync } from 'fflate'
import { HostFailure, sentenceOf } from '../../../contract/failure'
import { formatBytes } from '../disk-space'
import { checksumsOf } from './archive-list'
import { counted, type Setting } from './document'

/** A book in thousands of pictures has fewer. */
const mostEntries = 50_000
// Deflate packs 1,032 to 1 at best. XML of real documents was 5 to 40 to 1; tables of one repeated cell 150 to 1.
const bomb = { ratio: 300, bytes: 32 << 20 }

export class Archive {
  private inflated = 0
  private readonly checksums: ReadonlyMap<string, number>
  /** Entries that could not be unpacked. */
  readonly broken = new Map<string, HostFailure>()

  private constructor(
    private readonly bytes: Uint8Array,
    private readonly setting: Setting,
    /** Paths, "/" between folders. */
    readonly names: ReadonlySet<string>
  ) {
    this.checksums = checksumsOf(bytes)
  }

  static open(file: Uint8Array, setting: Setting): Archive {
    // Something may stand before the archive; its places count from its own beginning then.
    const first = Buffer.from(file.buffer, file.byteOffset, Math.min(file.length, 4096)).indexOf(
      'PK\x03\x04',
      0,
      'latin1'
    )
    const bytes = first > 0 ? file.subarray(first) : file
    const names = new Set<string>()
    let entries = 0
    unzip(bytes, setting.name, ({ name }) => {
      if (++entries > mostEntries)
        throw new HostFailure(
          'too-long',
          `${setting.name} holds more than ${counted(mostEntries, 'file', 'files')}, which no document has. Split it.`
        )
      names.add(usual(name))
      return false
    })
    return new Archive(bytes, setting, names)
  }

  /** Unpacks what `wanted` names, all in one walk. Each call counts against the limit of the whole archive. */
  read(wanted: (name: string) => boolean): Map<string, Uint8Array> {
    const { name: file, limits } = this.setting
    const sizes = new Map<string, number>()
    const select: Filter = ({ name, size, originalSize }) => {
      if (!wanted(usual(name))) return false
      if (originalSize > bomb.bytes && originalSize > bomb.ratio * size)
        throw new HostFailure(
          'unreadable-file',
          `${file} is built to fill the memory: ${formatBytes(size)} in it unpack to ${formatBytes(originalSize)}. It was left alone.`
        )
      this.inflated += originalSize
      if (this.inflated > limits.inflatedBytes)
        throw new HostFailure(
          'too-long',
          `${file} unpacks to ${formatBytes(this.inflated)} and more; at most ${formatBytes(limits.inflatedBytes)} can be read. Split it, or save it as text.`
        )
      sizes.set(name, originalSize)
      return true
    }
    const before = this.inflated
    let found: Record<string, Uint8Array> = {}
    try {
      found = unzip(this.bytes, file, select)
    } catch (error) {
      if (error instanceof HostFailure && !isDamage(error)) throw error
      // One bad entry must not cost the others.
      const names = new Set([...this.names].filter(wanted))
      this.inflated = before
      for (const one of names)
        try {
          Object.assign(
            found,
            unzip(this.bytes, file, entry => usual(entry.name) === one && select(entry))
          )
        } catch (inner) {
          if (inner instanceof HostFailure && !isDamage(inner)) throw inner
          this.broken.set(one, inner instanceof HostFailure ? inner : damaged(file, `${one} is damaged`))
        }
    }
    const whole = new Map<string, Uint8Array>()
    for (const [name, size] of sizes) {
      const bytes = found[name]
      // What unpacks to more than the list says would be cut without a word.
      if (bytes?.length === size && crc32(bytes) === this.checksums.get(name)) whole.set(usual(name), bytes)
      else
        this.broken.set(
          usual(name),
          damaged(
            file,
            bytes?.length === size ? `the checksum of ${name} is another` : `${name} is cut short`
          )
        )
    }
    return whole
  }

  /** Where nothing is left to read: says what is broken, if anything is. */
  refuseBroken(): void {
    for (const [, failure] of this.broken) throw failure
  }

  /** One small file, as UTF-8; undefined when it is not there. */
  text(path: string): string | undefined {
    const bytes = this.read(name => name === path).get(path)
    return bytes && new TextDecoder().decode(bytes)
  }
}

/** Some programs write "\\" between folders. */
const usual = (name: string) => name.replaceAll('\\', '/')
const isDamage = (error: HostFailure) => error.message.includes(' is damaged (')

type Filter = NonNullable<NonNullable<Parameters<typeof unzipSync>[1]>['filter']>

function unzip(bytes: Uint8Array, file: string, filter: Filter): Record<string, Uint8Array> {
  try {
    return unzipSync(bytes, { filter })
  } catch (error) {
    if (error instanceof HostFailure) throw error
    throw damaged(file, sentenceOf(error))
  }
}

export const damaged = (file: string, reason: string) =>
  new HostFailure(
    'unreadable-file',
    `${file} is damaged (${reason}). It may not have been downloaded or copied as a whole; get it again.`
  )
