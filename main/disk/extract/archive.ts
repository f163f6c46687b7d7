/** A ZIP archive in memory. Its list is read first; nothing is unpacked whose size was not counted before. */
import { HostFailure } from '../../../contract/failure'
import { formatBytes } from '../disk-space'
import { type ArchiveEntry, entriesOf, unpacked } from './archive-list'
import { counted, type Setting } from './document'

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
    if (!list) throw damaged(setting.name, 'its list of files is missing')
    if (list.length > mostEntries)
      throw new HostFailure(
        'too-long',
        `${setting.name} holds more than ${counted(mostEntries, 'file', 'files')}, which no document has. Split it.`
      )
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
      if (typeof content === 'string') this.broken.set(name, damaged(this.setting.name, content))
      else whole.set(name, content)
    }
    return whole
  }

  private admit({ packed, size }: ArchiveEntry): void {
    const { name: file, limits } = this.setting
    if (size > bomb.bytes && size > bomb.ratio * packed)
      throw new HostFailure(
        'unreadable-file',
        `${file} is built to fill the memory: ${formatBytes(packed)} in it unpack to ${formatBytes(size)}. It was left alone.`
      )
    this.inflated += size
    if (this.inflated > limits.inflatedBytes)
      throw new HostFailure(
        'too-long',
        `${file} unpacks to ${formatBytes(this.inflated)} and more; at most ${formatBytes(limits.inflatedBytes)} can be read. Split it, or save it as text.`
      )
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

export const damaged = (file: string, reason: string) =>
  new HostFailure(
    'unreadable-file',
    `${file} is damaged (${reason}). It may not have been downloaded or copied as a whole; get it again.`
  )
