/** RTF's tables of lists, and how old files number a paragraph without them. */
import { formatted } from './list-numbers'
import { type Label, type Level, type List, plainLevel, WordLists } from './word-lists'

/** \levelnfc and \pn…; as list-numbers.ts names them. */
const formats: Record<number, string | undefined> = {
  0: 'decimal', 1: 'upperRoman', 2: 'lowerRoman', 3: 'upperLetter', 4: 'lowerLetter', 5: 'ordinal', 6: 'cardinalText', 7: 'ordinalText',
  22: 'decimalZero', 23: 'bullet', 255: 'none'
} // prettier-ignore

type Open<T> = { -readonly [K in keyof T]: T[K] }
interface OpenList {
  levels: Open<Level>[]
}
interface Override {
  list: number
  starts: (number | undefined)[]
}

/** Fed with the words of both tables in their order. */
export class RtfLists {
  private readonly lists = new Map<number, OpenList>()
  private readonly overrides = new Map<string, Override>()
  private list: OpenList | undefined
  private level: Open<Level> | undefined
  private override: Override | undefined
  private counting: WordLists | undefined

  word(word: string, value = 0): void {
    const { list, level, override } = this
    if (word === 'list') this.list = { levels: [] }
    else if (word === 'listlevel' && list && list.levels.length < 9)
      list.levels.push((this.level = { ...plainLevel }))
    else if (word === 'listid' && override) override.list = value
    else if (word === 'listid' && list) this.lists.set(value, list)
    else if ((word === 'levelnfc' || word === 'levelnfcn') && level)
      level.format = formats[value] ?? 'decimal'
    else if (word === 'levelstartat' && override && override.starts.length > 0)
      override.starts[override.starts.length - 1] = value
    else if (word === 'levelstartat' && level) level.start = value
    else if (word === 'levellegal' && level) level.isLegal = value !== 0
    // Never begins again.
    else if (word === 'levelnorestart' && level) level.restart = value === 0 ? undefined : 0
    else if (word === 'listoverride') this.override = { list: 0, starts: [] }
    else if (word === 'lfolevel' && override) override.starts.push(undefined)
    else if (word === 'ls' && override) this.overrides.set(String(value), override)
  }

  /** `text`: of \leveltext, its length first; the numbers of levels stand in it as characters 0 to 8. */
  levelText(text: string): void {
    if (this.level)
      this.level.text = text
        .slice(1)
        .replace(/;$/, '')
        .replace(/[\0-\u0008]/g, at => `%${at.charCodeAt(0) + 1}`) // eslint-disable-line no-control-regex -- so RTF writes them
  }

  /** Counts one paragraph; undefined: there is no such list. */
  next(list: number, at: number): Label | undefined {
    if (!this.counting) {
      const lists = new Map<string, List>()
      for (const [name, { list: id, starts }] of this.overrides) {
        const levels = new Map((this.lists.get(id)?.levels ?? []).map((level, i) => [i, level]))
        const restarts = new Map<number, number>()
        for (const [i, start] of starts.entries()) if (start !== undefined) restarts.set(i, start)
        if (levels.size > 0) lists.set(name, { levels, definition: String(id), restarts })
      }
      this.counting = new WordLists(lists)
    }
    return this.counting.next(String(list), at)
  }
}

/** Numbers of Word 6: each paragraph says how it is numbered, and counts on while the one before it was numbered too. */
export class OldNumber {
  format = 'decimal'
  start = 1
  before = ''
  after = ''
  isContinued = false

  word(word: string, value: number | undefined): void {
    const format = oldFormats[word]
    if (format !== undefined) this.format = format
    else if (word === 'pnstart') this.start = value ?? 1
    else if (word === 'pnlvlcont') this.isContinued = true
  }

  label(n: number): string {
    if (this.isContinued) return ''
    if (this.format === 'bullet') return '•'
    return (this.before + formatted(this.start + n, this.format) + this.after).trim()
  }
}

const oldFormats: Record<string, string | undefined> = {
  pnlvlblt: 'bullet', pndec: 'decimal', pnucrm: 'upperRoman', pnlcrm: 'lowerRoman', pnucltr: 'upperLetter', pnlcltr: 'lowerLetter',
  pnord: 'ordinal', pncard: 'cardinalText', pnordt: 'ordinalText'
} // prettier-ignore
Object.setPrototypeOf(oldFormats, null)
