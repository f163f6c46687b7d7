/** Numbers of OpenDocument's lists and headings, which the file counts by rules and does not hold. */
import { childrenOf } from './docx-numbering'
import { formatted } from './list-numbers'
import { elementsOf, isElement, type TreeElement, type TreeNode } from './tree-text'

interface LevelStyle {
  readonly format: string
  readonly prefix: string
  readonly suffix: string
  readonly start: number
  /** How many levels are shown, "2.1". */
  readonly display: number
}

/** What is counted together: by levels from 1, the number of the last paragraph of each. */
type Chain = (number | undefined)[]

interface List {
  readonly chain: Chain
  readonly style: string
  readonly level: number
}

const formats: Record<string, string | undefined> = {
  '1': 'decimal', a: 'lowerLetter', A: 'upperLetter', i: 'lowerRoman', I: 'upperRoman'
} // prettier-ignore

export class OdtLists {
  private readonly styles = new Map<string, LevelStyle>()
  private readonly outline = new Map<number, LevelStyle>()
  private readonly lists = new WeakMap<TreeNode, List>()
  private readonly byId = new Map<string, Chain>()
  private readonly byStyle = new Map<string, Chain>()
  private readonly headings: number[] = []

  constructor(roots: readonly TreeNode[]) {
    for (const root of roots)
      for (const element of elementsOf(root)) {
        const level = Number(element.getAttribute('text:level')) || 1
        if (element.localName === 'text:outline-level-style') this.outline.set(level, levelStyle(element))
        else if (element.localName === 'text:list-level-style-number') {
          const style = element.parentNode && isElement(element.parentNode) ? element.parentNode : undefined
          this.styles.set(`${style?.getAttribute('style:name')} ${level}`, levelStyle(element))
        }
      }
  }

  /** To be called where a list begins, in the order of the document. */
  begin(element: TreeElement): void {
    const parent = this.around(element)
    // An inner list has the style of the outer one where it names none.
    const style = element.getAttribute('text:style-name') ?? parent?.style ?? ''
    const level = (parent?.level ?? 0) + 1
    const isContinued = element.getAttribute('text:continue-numbering') === 'true'
    const chain =
      this.byId.get(element.getAttribute('text:continue-list') ?? '') ??
      parent?.chain ??
      (isContinued ? this.byStyle.get(style) : undefined) ??
      []
    this.lists.set(element, { chain, style, level })
    this.byId.set(element.getAttribute('xml:id') ?? element.getAttribute('text:id') ?? '\0', chain)
    if (!parent) this.byStyle.set(style, chain)
  }

  /** What stands before an item, with the blank behind it. */
  marker(item: TreeElement): string {
    const list = this.lists.get(item.parentNode ?? item)
    // An item that only holds an inner list is that list's place and not counted.
    if (!list || item.localName === 'text:list-header' || childrenOf(item)[0]?.localName === 'text:list')
      return ''
    const { chain, level } = list
    const style = this.styleAt(list.style, level)
    const start = item.getAttribute('text:start-value')
    chain[level] =
      start !== null && /^\d{1,9}$/.test(start)
        ? Number(start)
        : (chain[level] ?? (style?.start ?? 1) - 1) + 1
    chain.length = level + 1
    if (!style) return '- '
    if (style.format === '') return ''
    const shown: string[] = []
    for (let at = level; at > 0 && shown.length < style.display; at--) {
      const { format, start: first } = this.styleAt(list.style, at) ?? { format: 'decimal', start: 1 }
      if (format !== '') shown.unshift(formatted(chain[at] ?? first, format))
    }
    return `${style.prefix}${shown.join('.')}${style.suffix} `
  }

  private styleAt(style: string, level: number): LevelStyle | undefined {
    return this.styles.get(`${style} ${level}`)
  }

  /** The number of a heading that does not hold it. */
  headingLabel(level: number): string {
    this.headings.length = level
    const start = this.outline.get(level)?.start ?? 1
    this.headings[level - 1] = (this.headings[level - 1] ?? start - 1) + 1
    const style = this.outline.get(level)
    if (!style || style.format === '') return ''
    const shown = []
    for (let at = Math.max(1, level - style.display + 1); at <= level; at++)
      shown.push(formatted(this.headings[at - 1] ?? 1, this.outline.get(at)?.format || 'decimal'))
    return style.prefix + shown.join('.') + style.suffix
  }

  private around(element: TreeNode): List | undefined {
    for (let node = element.parentNode; node; node = node.parentNode) {
      const list = this.lists.get(node)
      if (list) return list
    }
    return undefined
  }
}

function levelStyle(element: TreeElement): LevelStyle {
  const format = element.getAttribute('style:num-format')
  return {
    // Of a file that says nothing the usual numbers; an empty format means none.
    format:
      format === null
        ? element.localName === 'text:outline-level-style'
          ? ''
          : 'decimal'
        : format === ''
          ? ''
          : (formats[format] ?? 'decimal'),
    prefix: element.getAttribute('style:num-prefix') ?? '',
    suffix: element.getAttribute('style:num-suffix') ?? (format === null ? '.' : ''),
    start: Number(element.getAttribute('text:start-value')) || 1,
    display: Number(element.getAttribute('text:display-levels')) || 1
  }
}
