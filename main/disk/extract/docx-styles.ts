/** Paragraph styles of Word: which are headings and which count, also by what they are based on. */
import { childOf, childrenOf, valueOf } from './docx-numbering'
import type { TreeElement, TreeNode } from './tree-text'

interface Style {
  /** 0: no heading. */
  readonly level: number
  readonly list: string | undefined
  readonly listLevel: number | undefined
}

const none: Style = { level: 0, list: undefined, listLevel: undefined }
/** A chain that goes on is a circle. */
const longestChain = 20

export class Styles {
  private readonly elements = new Map<string, TreeElement>()
  private readonly known = new Map<string, Style>()
  private standard: string | undefined

  constructor(root: TreeNode | undefined) {
    for (const style of (root && childrenOf(childOf(root, 'w:styles') ?? root, 'w:style')) ?? []) {
      if ((style.getAttribute('w:type') ?? 'paragraph') !== 'paragraph') continue
      const id = style.getAttribute('w:styleId') ?? ''
      this.elements.set(id, style)
      if (/^(1|true|on)$/.test(style.getAttribute('w:default') ?? '')) this.standard = id
    }
  }

  /** Of a paragraph that names no style: the standard one. */
  of(id: string | undefined): Style {
    const name = id ?? this.standard
    if (name === undefined) return none
    let style = this.known.get(name)
    if (!style) this.known.set(name, (style = this.found(name)))
    return style
  }

  private found(id: string): Style {
    let level: number | undefined
    let list: string | undefined
    let listLevel: number | undefined
    let at: string | undefined = id
    for (let i = 0; at !== undefined && i < longestChain; i++) {
      const element = this.elements.get(at)
      const properties = childOf(element, 'w:pPr')
      const name = (valueOf(element, 'w:name') ?? (element ? '' : at)).toLowerCase()
      level ??= outlineLevel(valueOf(properties, 'w:outlineLvl')) ?? levelOfName(name)
      const numbers = childOf(properties, 'w:numPr')
      list ??= valueOf(numbers, 'w:numId')
      listLevel ??= Number(valueOf(numbers, 'w:ilvl') ?? Number.NaN) || undefined
      at = valueOf(element, 'w:basedOn')
    }
    return { level: level ?? 0, list, listLevel }
  }
}

/** From 1; 0 where it says body text. */
export const outlineLevel = (value: string | undefined): number | undefined =>
  value !== undefined && /^\d$/.test(value) ? (Number(value) + 1) % 10 : undefined

function levelOfName(name: string): number | undefined {
  if (name === 'title') return 1
  const level = /^heading ?([1-9])$/.exec(name)?.[1]
  return level === undefined ? undefined : Number(level)
}
