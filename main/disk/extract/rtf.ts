/**
 * RTF → text. A reader of our own, since none that is kept runs here: groups, code pages, Unicode, notes, tables, headings. Groups
 * nest on a list, not by recursion. What it leaves out: pictures, headers, fields' instructions.
 */
import { HostFailure } from '../../../contract/failure'
import { damaged } from './archive'
import { type Extraction, note, type Setting } from './document'
import { emptyText } from './plain'
import { charsetPages, decodePage, RtfTokens, skippedDestinations, symbols } from './rtf-tokens'
import { TextBuilder } from './text-builder'

interface Group {
  /** What is written here is of no interest. */
  skip: boolean
  /** Lists that say something about the text are read as such. */
  list: 'fonts' | 'styles' | undefined
  hidden: boolean
  /** Characters after \u that repeat it for old readers. */
  repeat: number
  font: number
  isNote: boolean
}

const deepest = 100_000

export async function readRtf(bytes: Uint8Array, setting: Setting): Promise<Extraction> {
  const reader = new RtfReader(new TextBuilder(setting), setting.name)
  return reader.read(bytes)
}

class RtfReader {
  private group: Group = { skip: false, list: undefined, hidden: false, repeat: 1, font: -1, isNote: false }
  private readonly groups: Group[] = []
  /** A group's first word may name what the group is; \* before it says: skip it unless you know it. */
  private first = false
  private optional = false
  private page = 1252
  private defaultFont = -1
  private readonly fontPages = new Map<number, number>()
  private readonly styleLevels = new Map<number, number>()
  /** Of the entry of a list that is being read. */
  private entry = { number: -1, name: '', level: -1 }
  private pending: number[] = []
  private toSkip = 0
  private paragraph: string[] = []
  private level = -1
  private style = -1
  private inTable = false
  private isItem = false
  private wasItem = false
  private cells: string[] = []
  private wasRow = false
  private readonly notes: string[][] = []

  constructor(
    private readonly builder: TextBuilder,
    private readonly name: string
  ) {}

  read(bytes: Uint8Array): Extraction {
    let isCut = true
    // RTF is written in printable characters; what holds others is something else behind RTF's first bytes.
    let strange = 0
    let characters = 0
    for (const token of new RtfTokens(bytes)) {
      if (token.type === 'byte') {
        this.first = false
        characters++
        if (token.byte < 0x20) strange++
        if (this.toSkip > 0) this.toSkip--
        else this.pending.push(token.byte)
        continue
      }
      this.flushBytes()
      if (token.type === 'word') this.word(token.word, token.value)
      else if (token.type === 'open') this.open()
      else if (!this.close()) {
        isCut = false
        break
      }
    }
    this.flushBytes()
    if (strange > 3 && strange > characters / 50)
      throw damaged(this.name, 'what follows its first bytes is not RTF')
    if (this.cells.length > 0) this.endRow()
    this.endParagraph()
    this.notes.forEach((note, i) => {
      this.builder.separate(i === 0 ? 2 : 1)
      this.builder.add(`[${i + 1}] ${tidy(note.join('')).replace(/\n+/g, '\n')}`)
    })
    const text = this.builder.text()
    if (!/\S/.test(text)) throw emptyText(this.name, bytes.length)
    const notes = isCut
      ? [note('cut-short', 'This file ends in the middle: something after the last words is missing.')]
      : []
    return { text, kind: 'rtf', encoding: '', outline: this.builder.outline(), notes }
  }

  private open(): void {
    if (this.groups.length >= deepest)
      throw new HostFailure(
        'unreadable-file',
        `${this.name} could not be read: its parts are nested too deeply. Save it as text.`
      )
    this.groups.push(this.group)
    this.group = { ...this.group }
    this.first = true
    this.optional = false
    this.toSkip = 0
  }

  /** False: the document's own group is closed, and what follows is not part of it. */
  private close(): boolean {
    if (this.group.list === 'styles' && this.groups.at(-1)?.list === 'styles') this.endStyle()
    this.group = this.groups.pop() ?? this.group
    this.first = false
    this.toSkip = 0
    return this.groups.length > 0
  }

  private word(word: string, value: number | undefined): void {
    const { group } = this
    // Where it is a character, it may be what repeats a \u.
    if (word in symbols) {
      if (this.toSkip > 0) return void this.toSkip--
    } else this.toSkip = 0
    if (word === '*') return void (this.optional = true)
    if (this.first) {
      this.first = false
      if (this.destination(word)) return
    }
    if (group.list === 'fonts') return this.fontWord(word, value)
    if (group.list === 'styles') return this.styleWord(word, value)
    if (word === 'u') {
      const unit = (value ?? 0) & 0xffff
      // Word writes the bullets of its symbol fonts as private characters.
      this.write(unit >= 0xf020 && unit <= 0xf0ff ? '•' : String.fromCharCode(unit))
      this.toSkip = group.repeat
    } else if (word in symbols) this.write(symbols[word]!)
    else this.format(word, value)
  }

  /** True when the word says what its group is. */
  private destination(word: string): boolean {
    const { group } = this
    if (word === 'fonttbl') group.list = 'fonts'
    else if (word === 'stylesheet') group.list = 'styles'
    else if (word === 'footnote') {
      if (!group.skip) {
        this.write(`[${this.notes.length + 1}]`)
        this.notes.push([])
        group.isNote = true
      }
    } else if (word === 'listtext' || word === 'pntext') this.isItem = true
    else if (word === 'shpinst' || word === 'shptxt') return true
    else if (skippedDestinations.has(word) || (this.optional && group.list === undefined)) group.skip = true
    else return false
    return true
  }

  private format(word: string, value: number | undefined): void {
    const { group } = this
    switch (word) {
      case 'ansicpg':
        if (value !== undefined && value > 0) this.page = value
        break
      case 'mac':
        this.page = 10000
        break
      case 'deff':
        this.defaultFont = group.font = value ?? -1
        break
      case 'f':
        group.font = value ?? -1
        break
      case 'uc':
        group.repeat = Math.max(0, value ?? 1)
        break
      case 'v':
      case 'deleted':
        group.hidden = value !== 0
        break
      case 'plain':
        group.hidden = false
        group.font = this.defaultFont
        break
      case 'pard':
        this.level = this.style = -1
        this.inTable = false
        break
      case 's':
        this.style = value ?? -1
        break
      case 'outlinelevel':
        this.level = value ?? -1
        break
      case 'intbl':
        this.inTable = true
        break
      case 'par':
      case 'sect':
      case 'page':
        if (group.isNote) this.write('\n')
        else if (group.skip) break
        else if (this.inTable) this.paragraph.push(' ')
        else this.endParagraph()
        break
      case 'cell':
      case 'nestcell':
        if (group.skip) break
        if (word === 'nestcell') this.paragraph.push(' ')
        else this.cells.push(this.take().replace(/\s+/g, ' '))
        break
      case 'row':
        if (!group.skip) this.endRow()
        break
    }
  }

  private fontWord(word: string, value = 0): void {
    if (word === 'f') this.entry.number = value
    else if (word === 'fcharset') {
      const page = charsetPages[value]
      if (page !== undefined) this.fontPages.set(this.entry.number, page)
    } else if (word === 'cpg') this.fontPages.set(this.entry.number, value)
  }

  private styleWord(word: string, value = 0): void {
    if (word === 's') this.entry = { number: value, name: '', level: -1 }
    else if (word === 'outlinelevel') this.entry.level = value
  }

  private endStyle(): void {
    const { number, name, level } = this.entry
    const named = /^(?:heading|überschrift|titre|título|titolo) ?(\d)\b/i.exec(name.trim())?.[1]
    const found = level >= 0 && level < 9 ? level : named === undefined ? -1 : Number(named) - 1
    if (number >= 0 && found >= 0) this.styleLevels.set(number, found)
    this.entry = { number: -1, name: '', level: -1 }
  }

  private flushBytes(): void {
    if (this.pending.length === 0) return
    const bytes = Uint8Array.from(this.pending)
    this.pending = []
    const words = decodePage(bytes, this.fontPages.get(this.group.font) ?? this.page)
    if (this.group.list === 'styles') this.entry.name += words
    else this.write(words)
  }

  private write(words: string): void {
    const { skip, list, hidden, isNote } = this.group
    if (skip || hidden || list !== undefined) return
    if (isNote) this.notes.at(-1)!.push(words)
    else this.paragraph.push(words)
  }

  private take(): string {
    const text = tidy(this.paragraph.join(''))
    this.paragraph = []
    return text
  }

  private endParagraph(): void {
    const { isItem, wasItem } = this
    const text = this.take()
    this.isItem = false
    if (text === '') return
    const level = this.level >= 0 && this.level < 9 ? this.level : this.styleLevels.get(this.style)
    if (level !== undefined) this.builder.heading(text.replace(/\s+/g, ' '), level + 1)
    else {
      this.builder.separate(isItem && wasItem ? 1 : 2)
      this.builder.add(isItem ? text.replace(/^(\S{1,8})\t/, '$1 ') : text)
    }
    this.wasItem = isItem
    this.wasRow = false
  }

  private endRow(): void {
    const rest = this.take()
    if (rest !== '') this.cells.push(rest)
    const row = this.cells
    this.cells = []
    while (row.at(-1) === '') row.pop()
    if (row.length === 0) return
    this.builder.separate(this.wasRow ? 1 : 2)
    this.builder.add(row.join(' | '))
    this.wasRow = true
    this.wasItem = this.isItem = false
  }
}

const tidy = (text: string) =>
  text
    .replace(/\u00a0/g, ' ')
    .replace(/ *\n */g, '\n')
    .trim()
