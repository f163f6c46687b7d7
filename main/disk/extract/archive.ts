/** A ZIP archive in memory. Its list is read first; nothing is unpacked whose size was not counted before. */
import { failureSaying, type HostFailure } from '../../../contract/failure'
import type { FailureWord, Said } from '../../../contract/failure-words'
import { type ArchiveEntry, entriesOf, unpacked } from './archive-list'
import type { Setting } from './document'

/** A book in thousands of pictures has fewer. */
const mostEntries = 50_000
// Deflate packs 1,032 to 1 at best. XML of real documents was 5 to 40 to 1; tables of one repeated cell 150 to 1.
const bomb = { ratio: 300, bytes: 32 << 20 }

export class Archive {
  private inflated = 0
  /** Entries that could not be unpacked. */
  readonly broken = new Map<string, HostFailure>()

  private constructor(
    private readonly bytes: Uint8Array,
    private readonly setting: Setting,
    /** By their paths, "/" between folders. */
    private readonly entries: ReadonlyMap<string, ArchiveEntry>
  ) {}

  get names(): ReadonlySet<string> {
    return (this.all ??= new Set(this.entries.keys()))
  }
  private all: ReadonlySet<string> | undefined

  static open(bytes: Uint8Array, setting: Setting): Archive {
    const list = entriesOf(bytes)
    if (!list) throw damaged(setting.name, 'damagedList')
    if (list.length > mostEntries)
      throw failureSaying('too-long', 'tooManyParts', { name: setting.name, most: mostEntries })
    // Of several of one name the last counts. Some programs write "\\" between folders.
    return new Archive(bytes, setting, new Map(list.map(each => [each.name.replaceAll('\\', '/'), each])))
  }

  /** Unpacks what `wanted` names. Each call counts against the limit of the whole archive. */
  read(wanted: (name: string) => boolean): Map<string, Uint8Array> {
    const whole = new Map<string, Uint8Array>()
    for (const [name, entry] of this.entries) {
      if (!wanted(name)) continue
      this.admit(entry)
      const content = unpacked(this.bytes, entry)
      // One bad entry must not cost the others.
      if (!(content instanceof Uint8Array)) this.broken.set(name, damaged(this.setting.name, content))
      else whole.set(name, content)
    }
    return whole
  }

  private admit({ packed, size }: ArchiveEntry): void {
    const { name: file, limits } = this.setting
    if (size > bomb.bytes && size > bomb.ratio * packed)
      throw failureSaying('unreadable-file', 'memoryFiller', { name: file, packed, size })
    this.inflated += size
    if (this.inflated > limits.inflatedBytes)
      throw failureSaying('too-long', 'unpacksTooLong', {
        name: file,
        size: this.inflated,
        most: limits.inflatedBytes
      })
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

/** `reason`: what is wrong, as a part of a sentence. */
export const damaged = (name: string, reason: FailureWord | Said) =>
  failureSaying('unreadable-file', 'damaged', {
    name,
    reason: typeof reason === 'string' ? { name: reason, values: {} } : reason
  })
