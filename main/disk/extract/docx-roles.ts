/** What an element of WordprocessingML means for the text. Asked in the order of the document: lists and fields count along. */
import type { Note } from '../../../contract/document'
import { alternativeText } from './alternative-text'
import { noteSaying } from './document'
import { childOf, childrenOf, numberingOf, valueOf } from './docx-numbering'
import type { DocxParts } from './docx-parts'
import { outlineLevel, Styles } from './docx-styles'
import { htmlRole } from './html-roles'
import { LeftOut } from './left-out'
import { mathText } from './math-text'
import { parseHtml } from './parse-tree'
import { isSymbolFont, symbolIn } from './symbol-fonts'
import { elementsOf, type Role, span, type TreeElement, type TreeNode } from './tree-text'
import type { WordLists } from './word-lists'

export const arrangesPage = (element: TreeElement) => (element.localName === 'w:tbl' ? 'table' : undefined)

const skip = { is: 'skip' } as const
const inline = { is: 'inline' } as const
const text = (words: string): Role => ({ is: 'text', text: words })

export class DocxRoles {
  private readonly styles: Styles
  private readonly numbering: WordLists
  private readonly footnotes: ReadonlyMap<string, TreeElement>
  private readonly endnotes: ReadonlyMap<string, TreeElement>
  private readonly left = new LeftOut()
  private lostNotes = 0
  private lostChunks = 0
  /** Open fields; in its instruction a field shows nothing. */
  private readonly fields: ('instruction' | 'result')[] = []
  private readonly aside = new WeakSet<TreeNode>()
  /** Elements of HTML that a chunk brought. */
  private readonly foreign = new WeakSet<TreeNode>()

  constructor(private readonly parts: DocxParts) {
    this.styles = new Styles(parts.ofType('styles'))
    this.numbering = numberingOf(parts.ofType('numbering'))
    this.footnotes = notesOf(parts.ofType('footnotes'), 'w:footnotes', 'w:footnote')
    this.endnotes = notesOf(parts.ofType('endnotes'), 'w:endnotes', 'w:endnote')
    const comments = parts.ofType('comments')
    this.left.count(
      'comments',
      comments ? childrenOf(childOf(comments, 'w:comments') ?? comments, 'w:comment').length : 0
    )
  }

  notes(): Note[] {
    const notes = this.left.notes()
    if (this.lostNotes > 0) notes.push(noteSaying('missing-part', 'lostNotes', { count: this.lostNotes }))
    if (this.lostChunks > 0)
      notes.push(noteSaying('objects', 'embeddedDocuments', { count: this.lostChunks }))
    return notes
  }

  of(element: TreeElement): Role {
    if (this.foreign.has(element)) return htmlRole(element)
    switch (element.localName) {
      case 'w:p':
        return this.paragraph(element)
      case 'w:t':
        return this.isInstruction() ? skip : ofSymbolFont(element)
      case 'w:r':
        return this.run(element)
      case 'w:tab':
      case 'w:ptab':
        return text('\t')
      case 'w:br':
      case 'w:cr':
        return text('\n')
      case 'w:noBreakHyphen':
        return text('-')
      case 'w:sym':
        return text(signOf(element))
      case 'w:footnoteReference':
        return this.noteOf(this.footnotes, element)
      case 'w:endnoteReference':
        return this.noteOf(this.endnotes, element)
      case 'w:fldChar':
        return this.fieldMark(element)
      case 'w:ruby':
        return text(rubyOf(element))
      case 'm:oMath':
        return text(mathText(element))
      case 'w:sdt':
        return controlRole(element)
      case 'w:tbl':
        return { is: 'table' }
      case 'w:tr':
        return childOf(childOf(element, 'w:trPr'), 'w:del') ? skip : { is: 'row' }
      case 'w:tc':
        return cellRole(element)
      case 'w:txbxContent':
        // Asked again when what was put aside is written.
        if (this.aside.has(element)) return { is: 'block', gap: 2 }
        this.aside.add(element)
        return { is: 'aside', body: element }
      case 'w:altChunk':
        return this.chunk(element)
      case 'a:p':
        return { is: 'block', gap: 1 }
      default:
        return this.other(element)
    }
  }

  private other(element: TreeElement): Role {
    switch (element.localName) {
      case 'w:del':
      case 'w:moveFrom':
        if (elementsOf(element).some(each => each.localName === 'w:delText' || each.localName === 'w:t'))
          this.left.count('deleted-text')
        return skip
      case 'mc:Choice':
        return isChosen(element) ? inline : skip
      case 'mc:Fallback':
        return isChosen(element) ? inline : skip
      case 'dgm:relIds': {
        const data = this.parts.related(element.getAttribute('r:dm'))
        return data ? { is: 'aside', body: data } : skip
      }
      case 'c:chart':
        this.left.count('charts')
        return saidOf(element)
      case 'pic:pic':
      case 'v:imagedata':
        this.left.count('pictures')
        return saidOf(element)
      case 'o:OLEObject':
        this.left.count('objects')
        return skip
      case 'v:textpath': {
        const words = element.getAttribute('string') ?? ''
        return words === '' ? skip : { is: 'aside', body: words }
      }
      case 'w:pPr':
      case 'w:rPr':
      case 'w:tblPr':
      case 'w:tcPr':
      case 'w:trPr':
      case 'w:sectPr':
      case 'w:sdtPr':
      case 'w:instrText':
      case 'w:delInstrText':
      case 'w:delText':
      case 'w:footnoteRef':
      case 'w:endnoteRef':
        return skip
      default:
        return inline
    }
  }

  private paragraph(element: TreeElement): Role {
    // A field whose end is missing would take the rest of the document with it.
    for (let i = 0; i < this.fields.length; i++) this.fields[i] = 'result'
    const properties = childOf(element, 'w:pPr')
    const id = valueOf(properties, 'w:pStyle')
    const style = this.styles.of(id)
    const level = outlineLevel(valueOf(properties, 'w:outlineLvl')) ?? style.level
    const label = this.label(properties, id, style)
    if (level > 0) return { is: 'heading', level, label: label?.isBullet ? undefined : label?.text }
    const mark = childOf(properties, 'w:rPr')
    const joins =
      childOf(mark, 'w:del') !== undefined ||
      childOf(mark, 'w:moveFrom') !== undefined ||
      /^(drop|margin)$/.test(childOf(properties, 'w:framePr')?.getAttribute('w:dropCap') ?? '')
    if (label === undefined) return { is: 'block', gap: 2, joins }
    return {
      is: 'item',
      marker: label.text === '' ? '' : `${label.text} `,
      depth: label.depth,
      list: label.list
    }
  }

  private label(
    properties: TreeElement | undefined,
    id: string | undefined,
    style: ReturnType<Styles['of']>
  ) {
    const own = childOf(properties, 'w:numPr')
    const list = valueOf(own, 'w:numId') ?? style.list
    if (list === undefined || list === '0') return undefined
    const written = valueOf(own, 'w:ilvl')
    const at = Math.min(
      8,
      written !== undefined
        ? Number(written) || 0
        : (style.listLevel ?? this.numbering.levelOfStyle(list, id ?? '') ?? 0)
    )
    const label = this.numbering.next(list, at)
    return label && { ...label, list, depth: at + 1 }
  }

  private run(element: TreeElement): Role {
    const vanish = childOf(childOf(element, 'w:rPr'), 'w:vanish')
    if (!vanish || /^(0|false|off)$/.test(vanish.getAttribute('w:val') ?? '')) return inline
    if (childOf(element, 'w:t')) this.left.count('hidden-text')
    // Marks of fields count all the same.
    for (const mark of childrenOf(element, 'w:fldChar')) this.fieldMark(mark)
    return skip
  }

  private isInstruction(): boolean {
    return this.fields.includes('instruction')
  }

  private fieldMark(element: TreeElement): Role {
    const type = element.getAttribute('w:fldCharType')
    if (type === 'end') this.fields.pop()
    else if (type === 'separate') this.fields[Math.max(0, this.fields.length - 1)] = 'result'
    else if (type === 'begin') {
      const form = childOf(element, 'w:ffData')
      const shown = formValue(form)
      this.fields.push('instruction')
      if (shown !== undefined) return text(shown)
    }
    return skip
  }

  private noteOf(notes: ReadonlyMap<string, TreeElement>, element: TreeElement): Role {
    const body = notes.get(element.getAttribute('w:id') ?? '')
    if (body) return { is: 'note', body }
    this.lostNotes++
    return skip
  }

  /** A whole document put in as it was: HTML and plain text are read. */
  private chunk(element: TreeElement): Role {
    const source = this.parts.source(element.getAttribute('r:id'))
    if (source && /\.x?html?$/i.test(source.path)) {
      const page = parseHtml(source.text)
      for (const each of elementsOf(page)) this.foreign.add(each)
      return { is: 'aside', body: page }
    }
    if (source && /\.txt$/i.test(source.path)) return { is: 'aside', body: source.text.trim() }
    this.lostChunks++
    return skip
  }
}

/** What the document says of a picture or chart: at itself, or at the drawing or shape around it. */
function saidOf(element: TreeElement): Role {
  const own = childOf(childOf(element, 'pic:nvPicPr'), 'pic:cNvPr')?.getAttribute('descr')
  let around: TreeNode | null = element.parentNode
  while (
    around &&
    !/^(wp:inline|wp:anchor|v:\w+|wpg:\w+|w:p)$/.test((around as Partial<TreeElement>).localName ?? '')
  )
    around = around.parentNode
  const outer =
    around &&
    (childOf(around, 'wp:docPr')?.getAttribute('descr') ??
      ('getAttribute' in around ? (around as TreeElement).getAttribute('alt') : null))
  const said = alternativeText(own, outer)
  return said === undefined ? skip : { is: 'aside', body: said }
}

function notesOf(part: TreeNode | undefined, all: string, one: string): Map<string, TreeElement> {
  const notes = new Map<string, TreeElement>()
  for (const element of part ? childrenOf(childOf(part, all) ?? part, one) : [])
    if ((element.getAttribute('w:type') ?? 'normal') === 'normal')
      notes.set(element.getAttribute('w:id') ?? '', element)
  return notes
}

const hasText = (element: TreeElement) =>
  elementsOf(element).some(each => /^(w:t|m:t|a:t|v:textpath|w:sym)$/.test(each.localName))

/** Of a newer and an older form of the same thing one is read: the newer, unless only the older holds words. */
function isChosen(element: TreeElement): boolean {
  const both = childrenOf(element.parentNode!)
  const choice = both.find(each => each.localName === 'mc:Choice')
  const fallback = both.find(each => each.localName === 'mc:Fallback')
  const chosen = choice && (hasText(choice) || !fallback || !hasText(fallback)) ? choice : fallback
  return chosen === element
}

function cellRole(element: TreeElement): Role {
  const properties = childOf(element, 'w:tcPr')
  const merge = childOf(properties, 'w:vMerge')
  return {
    is: 'cell',
    columns: span(valueOf(properties, 'w:gridSpan') ?? null),
    rows: 1,
    continues: merge !== undefined && merge.getAttribute('w:val') !== 'restart'
  }
}

function controlRole(element: TreeElement): Role {
  const box = childOf(childOf(element, 'w:sdtPr'), 'w14:checkbox')
  if (!box) return inline
  return text(isOn(childOf(box, 'w14:checked')?.getAttribute('w14:val')) ? '[x]' : '[ ]')
}

const isOn = (value: string | null | undefined) =>
  value !== null && value !== undefined && !/^(0|false|off)$/.test(value)

/** Of the older form fields, whose value no run shows. */
function formValue(form: TreeElement | undefined): string | undefined {
  const box = childOf(form, 'w:checkBox')
  if (box) {
    const state = childOf(box, 'w:checked') ?? childOf(box, 'w:default')
    return state && isOn(state.getAttribute('w:val') ?? '1') ? '[x]' : '[ ]'
  }
  const list = childOf(form, 'w:ddList')
  if (!list) return undefined
  const chosen = Number(valueOf(list, 'w:result') ?? valueOf(list, 'w:default') ?? 0) || 0
  return childrenOf(list, 'w:listEntry')[chosen]?.getAttribute('w:val') ?? ''
}

function rubyOf(element: TreeElement): string {
  const words = (name: string) =>
    elementsOf(
      childOf(element, name) ?? { nodeType: 11, firstChild: null, nextSibling: null, parentNode: null }
    )
      .filter(each => each.localName === 'w:t')
      .map(each => (each.firstChild && 'data' in each.firstChild ? String(each.firstChild.data) : ''))
      .join('')
  const above = words('w:rt')
  return words('w:rubyBase') + (above === '' ? '' : `(${above})`)
}

/** Letters of a font of signs stand in Unicode's private range, as their codes in the font. */
function ofSymbolFont(element: TreeElement): Role {
  const words = element.firstChild && 'data' in element.firstChild ? String(element.firstChild.data) : ''
  if (!/[\uf020-\uf0ff]/.test(words)) return inline
  const fonts = childOf(element.parentNode ? childOf(element.parentNode, 'w:rPr') : undefined, 'w:rFonts')
  const font = ['w:ascii', 'w:hAnsi', 'w:cs'].map(name => fonts?.getAttribute(name) ?? '').find(isSymbolFont)
  if (font === undefined) return inline
  return text(words.replace(/[\uf020-\uf0ff]/g, sign => symbolIn(font, sign.charCodeAt(0)) ?? sign))
}

function signOf(element: TreeElement): string {
  const code = Number.parseInt(element.getAttribute('w:char') ?? '', 16) || 0
  const sign = symbolIn(element.getAttribute('w:font') ?? '', code)
  return (
    sign ?? (code >= 0xf000 && code <= 0xf0ff ? '•' : code > 0 ? String.fromCodePoint(code & 0xffff) : '')
  )
}
