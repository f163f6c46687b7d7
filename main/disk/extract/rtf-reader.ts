/** Reads an RTF file group by group. Source: Rich Text Format (RTF) Specification 1.9.1. */
import type { LeftOut } from './left-out'
import { charsetPages, decodePage, symbolCharset, symbols } from './rtf-characters'
import { destinations } from './rtf-destinations'
import { RtfParagraphs } from './rtf-paragraphs'
import { RtfState } from './rtf-state'
import { RtfTokens } from './rtf-tokens'
import { symbolIn } from './symbol-fonts'
import type { TreeNode } from './tree-text'
import { nestedTooDeeply } from './nesting'

interface RtfContent {
  readonly body: TreeNode
  readonly headers: readonly TreeNode[]
  readonly footers: readonly TreeNode[]
  readonly left: LeftOut
  readonly characters: number
  /** Of these, controls. */
  readonly strange: number
  readonly isCut: boolean
}

const deepest = 100_000

export class RtfReader {
  private readonly state = new RtfState()
  private readonly paragraphs = new RtfParagraphs(this.state, words => this.write(words))
  /** A group's first word may name what the group is; \* before it says: skip it unless you know it. */
  private first = false
  private optional = false
  private page = 1252
  private defaultFont = -1
  /** Of the entry of a table that is being read. */
  private entry = { number: -1, outline: -1, charset: 0, page: undefined as number | undefined, name: '' }
  private pending: number[] = []
  private isPendingUtf8 = false
  private isRawUtf8 = false
  private toSkip = 0
  private hasHidden = false

  constructor(private readonly name: string) {}

  read(bytes: Uint8Array): RtfContent {
    this.isRawUtf8 = isMostlyUtf8(bytes)
    let isCut = true
    // RTF is written in printable characters.
    let strange = 0
    let characters = 0
    const tokens = new RtfTokens(bytes)
    for (const token of tokens) {
      if (token.type === 'byte') {
        characters++
        if (token.isRaw && token.byte < 0x20) strange++
        this.byte(token.byte, token.isRaw)
        continue
      }
      this.flushBytes()
      if (token.type === 'word') this.word(token.word, token.value)
      else if (token.type === 'open') this.open()
      else if (!this.close() && !isFollowed(bytes, tokens.at)) {
        isCut = false
        break
      }
    }
    this.flushBytes()
    const { state } = this
    while (state.groups.length > 0) this.close()
    const { headers, footers, left } = state
    return { body: state.body.end(state.paragraphEnd()), headers, footers, left, characters, strange, isCut }
  }

  private open(): void {
    const { state } = this
    if (state.groups.length >= deepest) throw nestedTooDeeply(this.name)
    const outer = state.group
    state.groups.push(outer)
    state.group = { ...outer, end: undefined, isTwofold: false, skip: outer.skip || outer.isTwofold }
    this.first = true
    this.optional = false
    this.toSkip = 0
  }

  /** False: the document's own group is closed, and what follows is not part of it. */
  private close(): boolean {
    const { state } = this
    const { table, skip } = state.group
    // Groups inside of an entry are left out.
    if (!skip && (table === 'styles' || table === 'fonts')) this.endEntry()
    this.countHidden()
    state.group.end?.()
    state.group = state.groups.pop() ?? state.group
    this.first = false
    this.toSkip = 0
    return state.groups.length > 0
  }

  private byte(byte: number, isRaw: boolean): void {
    this.first = false
    if (this.toSkip > 0) return void this.toSkip--
    const isUtf8 = isRaw && byte > 0x7f && this.isRawUtf8
    if (byte > 0x7f && this.pending.length > 0 && isUtf8 !== this.isPendingUtf8) this.flushBytes()
    if (byte > 0x7f) this.isPendingUtf8 = isUtf8
    this.pending.push(byte)
  }

  private word(word: string, value: number | undefined): void {
    const { state } = this
    const { group } = state
    // Where it is a character, it may be what repeats a \u.
    if (word in symbols) {
      if (this.toSkip > 0) return void this.toSkip--
    } else this.toSkip = 0
    if (word === '*') return void (this.optional = true)
    if (this.first) {
      this.first = false
      const begin = group.skip && word !== 'ud' ? undefined : destinations[word]
      if (begin) return begin(state, word)
      if (group.math && /^m[a-zA-Z]/.test(word)) return void (group.math = group.math.inner(word))
      if (this.optional && group.table !== 'lists') group.skip = true
    }
    if (group.skip) return
    if (word === 'u') return this.unicode(value ?? 0)
    if (word in symbols) return this.write(symbols[word]!)
    if (group.table === 'lists') return state.lists.word(word, value)
    if (group.table) return this.entryWord(word, value ?? 0)
    state.oldNumber?.word(word, value)
    this.character(word, value)
  }

  private unicode(value: number): void {
    const { group, fonts } = this.state
    const unit = value & 0xffff
    // Word writes the letters of its symbol fonts as private characters.
    const isPrivate = unit >= 0xf000 && unit <= 0xf0ff
    this.write(
      isPrivate ? (symbolIn(fonts.get(group.font)?.name ?? '', unit) ?? '•') : String.fromCharCode(unit)
    )
    this.toSkip = group.repeat
  }

  /** Words that change characters, and those that end something. */
  private character(word: string, value: number | undefined): void {
    const { group } = this.state
    const isOn = value !== 0
    switch (word) {
      case 'ansicpg':
        if (value !== undefined && value > 0) this.page = value
        break
      case 'mac':
        this.page = 10000
        break
      case 'pc':
        this.page = 437
        break
      case 'pca':
        this.page = 850
        break
      case 'deff':
        this.defaultFont = group.font = value ?? -1
        break
      case 'f':
        group.font = value ?? -1
        // Behind "dbch" the font of the letters that follow, whatever stood before as the one of such letters.
        if (group.isWide) group.wideFont = group.font
        break
      // What follows is about letters that run from the right, or the others, until "dbch" says otherwise.
      case 'rtlch':
      case 'ltrch':
        group.isWide = false
        break
      case 'loch':
      case 'hich':
      case 'dbch':
        group.isWide = word === 'dbch'
        break
      case 'af':
        if (group.isWide) group.wideFont = value ?? -1
        break
      case 'uc':
        group.repeat = Math.max(0, value ?? 1)
        break
      case 'v':
      case 'deleted':
        this.countHidden()
        group.hidden = isOn ? (word === 'v' ? 'hidden-text' : 'deleted-text') : undefined
        break
      case 'super':
        group.raised = isOn
        break
      case 'up':
        group.raised = value === undefined || value > 0
        break
      case 'nosupersub':
      case 'sub':
        group.raised = false
        break
      case 'plain':
        this.countHidden()
        group.hidden = undefined
        group.raised = false
        group.font = this.defaultFont
        group.wideFont = -1
        group.isWide = false
        break
      case 'fftype':
      case 'ffres':
      case 'ffdefres':
        if (group.field)
          group.field[word === 'fftype' ? 'type' : word === 'ffres' ? 'result' : 'standard'] = value ?? 0
        break
      default:
        this.paragraphs.word(word, value)
    }
  }

  private entryWord(word: string, value: number): void {
    const { entry } = this
    if (word === 'f' || word === 's') {
      if (this.state.group.table === (word === 'f' ? 'fonts' : 'styles')) entry.number = value
    } else if (word === 'fcharset') entry.charset = value
    else if (word === 'cpg') entry.page = value
    else if (word === 'outlinelevel') entry.outline = value
  }

  private endEntry(): void {
    const { number, charset, page, outline, name } = this.entry
    const { state } = this
    if (number >= 0 && name !== '') {
      if (state.group.table === 'styles') state.style(number, name, outline)
      else {
        state.fonts.set(number, { name: name.trim(), charset, page })
        state.hasCharsets ||= charset > symbolCharset && charset !== 255
      }
    }
    this.entry = { number: -1, outline: -1, charset: 0, page: undefined, name: '' }
  }

  private flushBytes(): void {
    if (this.pending.length === 0) return
    const bytes = Uint8Array.from(this.pending)
    this.pending = []
    const { group } = this.state
    if (group.skip) return
    if (this.isPendingUtf8) {
      this.isPendingUtf8 = false
      return this.write(decodePage(bytes, 65001))
    }
    const font = this.state.fonts.get(group.font)
    const isSigns = font && group.table === undefined && /^(symbol|wingdings)/i.test(font.name)
    if (isSigns && (font.charset === symbolCharset || /^symbol$/i.test(font.name)))
      return this.write(
        Array.from(bytes, byte => symbolIn(font.name, byte) ?? (byte === 0x20 ? ' ' : '•')).join('')
      )
    this.write(
      decodePage(
        bytes,
        this.pageOf(group.isWide ? group.wideFont : -1) ?? this.pageOf(group.font) ?? this.page
      )
    )
  }

  private pageOf(number: number): number | undefined {
    const { fonts, group, hasCharsets } = this.state
    if (group.table !== undefined) return this.entry.page ?? charsetPages[this.entry.charset]
    const font = fonts.get(number)
    if (!font) return undefined
    return (
      font.page ??
      charsetPages[font.charset] ??
      (font.charset === 0 && hasCharsets && isWindows(this.page) ? 1252 : undefined)
    )
  }

  private write(words: string): void {
    const { group } = this.state
    if (group.skip) return
    if (group.table === 'fonts' || group.table === 'styles') {
      this.entry.name += words.replace(/;.*$/s, '')
      if (words.includes(';')) this.endEntry()
      return
    }
    if (group.hidden) {
      this.hasHidden ||= /\S/.test(words)
      return
    }
    if (group.capture) group.capture.text += words
    else if (group.math) group.math.words(words)
    else if (group.table === undefined) group.flow.words(words.replace(/\u00a0/g, ' '), group.raised)
  }

  private countHidden(): void {
    const { hidden } = this.state.group
    if (this.hasHidden && hidden) this.state.left.count(hidden)
    this.hasHidden = false
  }
}

const isWindows = (page: number) => (page >= 1250 && page <= 1258) || (page >= 874 && page <= 950)

/** Another RTF document behind the end of this one, as programs append them. */
function isFollowed(bytes: Uint8Array, at: number): boolean {
  let next = at
  while (next < bytes.length && bytes[next]! <= 0x20) next++
  return Buffer.from(bytes.subarray(next, next + 5)).toString('latin1') === '{\\rtf'
}

/** Some programs write UTF-8 as it is, whatever the file says of code pages. */
function isMostlyUtf8(bytes: Uint8Array): boolean {
  let good = 0
  let bad = 0
  for (let i = 0; i < bytes.length; i++) {
    const byte = bytes[i]!
    if (byte < 0x80) continue
    const more =
      byte >= 0xc2 && byte < 0xe0 ? 1 : byte >= 0xe0 && byte < 0xf0 ? 2 : byte >= 0xf0 && byte < 0xf5 ? 3 : 0
    let isWhole = more > 0
    for (let j = 1; j <= more; j++) isWhole &&= (bytes[i + j]! & 0xc0) === 0x80
    if (isWhole) i += more
    if (isWhole) good++
    else bad++
  }
  return good > 0 && bad <= good / 20
}
