/** What is known while an RTF file is read. Groups hand their state down, and what they change of it ends with them. */
import type { TreeNode } from './tree-text'
import { LeftOut } from './left-out'
import { type ParagraphEnd, RtfFlow } from './rtf-flow'
import type { OldNumber } from './rtf-lists'
import { RtfLists } from './rtf-lists'
import type { RtfMath } from './rtf-math'

/** Properties of a paragraph; made anew where they change, since groups share them. */
export interface Paragraph {
  readonly style: number
  readonly outline: number
  readonly isInTable: boolean
  readonly list: number
  readonly listLevel: number
  readonly isDropCap: boolean
}
export const plainParagraph: Paragraph = {
  style: -1, outline: -1, isInTable: false, list: 0, listLevel: 0, isDropCap: false
} // prettier-ignore

/** Words that are no text of the document: a font's name, a field's instruction. */
interface Capture {
  text: string
}

export interface Field {
  readonly instruction: Capture
  /** Of a form: 0 text, 1 a box to tick, 2 a list; -1: no form. */
  type: number
  result: number
  standard: number
  readonly choices: Capture[]
}

export interface Group {
  /** What is written here is of no interest. */
  skip: boolean
  capture: Capture | undefined
  /** Tables that say something about the text. */
  table: 'fonts' | 'styles' | 'lists' | undefined
  hidden: 'hidden-text' | 'deleted-text' | undefined
  raised: boolean
  /** Characters after \u that repeat it for old readers. */
  repeat: number
  font: number
  /** The font of East Asian letters, and whether such follow. */
  wideFont: number
  isWide: boolean
  flow: RtfFlow
  paragraph: Paragraph
  math: RtfMath | undefined
  field: Field | undefined
  /** Of a shape: what was seen before it. */
  shapeStart: number
  /** Two forms of the same text stand in it, and the older is not read. */
  isTwofold: boolean
  /** Not handed down: what is to be done when this group ends. */
  end: (() => void) | undefined
}

interface Font {
  name: string
  charset: number
  page: number | undefined
}

export class RtfState {
  readonly left = new LeftOut()
  readonly body = new RtfFlow()
  readonly headers: TreeNode[] = []
  readonly footers: TreeNode[] = []
  readonly lists = new RtfLists()
  readonly fonts = new Map<number, Font>()
  /** Some font has another character set than the standard one: then that one means Windows-1252. */
  hasCharsets = false
  readonly groups: Group[] = []
  group: Group = {
    skip: false, capture: undefined, table: undefined, hidden: undefined, raised: false, repeat: 1, font: -1, wideFont: -1,
    isWide: false, flow: this.body, paragraph: plainParagraph, math: undefined, field: undefined, shapeStart: 0, isTwofold: false,
    end: undefined
  } // prettier-ignore
  /** Of the shape whose properties are read. */
  shapeProperty = ''
  private readonly styleLevels = new Map<number, number>()
  /** The label of the paragraph as the program put it that wrote the file; and how old files say it. */
  label: Capture | undefined
  oldNumber: OldNumber | undefined
  private oldCount = 0

  style(number: number, name: string, outline: number): void {
    const named = /^(?:heading|überschrift|titre|título|titolo|заголовок|标题|見出し) ?(\d)\b/i.exec(
      name.trim()
    )?.[1]
    const isTitle = /^(title|titel)$/i.test(name.trim())
    const found =
      outline >= 0 && outline < 9 ? outline : named === undefined ? (isTitle ? 0 : -1) : Number(named) - 1
    if (number >= 0 && found >= 0) this.styleLevels.set(number, found)
  }

  /** To be asked once a paragraph: lists count. */
  paragraphEnd(): ParagraphEnd {
    const { paragraph } = this.group
    const outline = paragraph.outline >= 0 && paragraph.outline < 9 ? paragraph.outline : undefined
    const level = outline ?? this.styleLevels.get(paragraph.style)
    const label = this.takeLabel(paragraph)
    return {
      isInTable: paragraph.isInTable,
      level: level === undefined ? 0 : level + 1,
      joins: paragraph.isDropCap,
      label
    }
  }

  private takeLabel({ list, listLevel }: Paragraph): ParagraphEnd['label'] {
    const written = this.label?.text.replace(/\s+/g, ' ').trim()
    const old = this.oldNumber
    this.label = undefined
    this.oldNumber = undefined
    const hasWords = this.group.flow.hasWords
    const counted = list > 0 && hasWords ? this.lists.next(list, Math.min(8, listLevel)) : undefined
    if (!old) this.oldCount = 0
    const number = old && !old.isContinued ? this.oldCount++ : this.oldCount
    const depth = list > 0 ? Math.min(8, listLevel) + 1 : 1
    const of = (text: string) => ({ text, depth, list: list > 0 ? String(list) : 'text' })
    if (written !== undefined) return of(written)
    if (counted) return of(counted.isBullet ? '•' : counted.text)
    return old ? of(old.label(number)) : undefined
  }
}
