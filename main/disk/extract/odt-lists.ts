/** Numbers of OpenDocument's lists and headings, which the file counts by rules and does not hold. */
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

interface List {
  readonly element: TreeElement
  readonly parent: List | undefined
  readonly style: string
  readonly level: number
  next: number
  current: number
}

const formats: Record<string, string | undefined> = {
  '1': 'decimal', a: 'lowerLetter', A: 'upperLetter', i: 'lowerRoman', I: 'upperRoman'
} // prettier-ignore

export class OdtLists {
  private readonly styles = new Map<string, LevelStyle>()
  private readonly outline = new Map<number, LevelStyle>()
  private readonly lists = new WeakMap<TreeNode, List>()
  private readonly byId = new Map<string, List>()
  private readonly byStyle = new Map<string, List>()
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
    const before =
      this.byId.get(element.getAttribute('text:continue-list') ?? '') ??
      (element.getAttribute('text:continue-numbering') === 'true'
        ? this.byStyle.get(`${style} ${level}`)
        : undefined)
    const next = before?.next ?? this.styles.get(`${style} ${level}`)?.start ?? 1
    const list: List = { element, parent, style, level, next, current: next }
    this.lists.set(element, list)
    this.byId.set(element.getAttribute('xml:id') ?? element.getAttribute('text:id') ?? '\0', list)
    this.byStyle.set(`${style} ${level}`, list)
  }

  /** What stands before an item, with the blank behind it. */
  marker(item: TreeElement): string {
    const list = this.lists.get(item.parentNode ?? item)
    if (!list || item.localName === 'text:list-header') return ''
    const style = this.styles.get(`${list.style} ${list.level}`)
    if (!style) return '- '
    const start = item.getAttribute('text:start-value')
    list.current = start !== null && /^\d{1,9}$/.test(start) ? Number(start) : list.next
    list.next = list.current + 1
    if (style.format === '') return ''
    const shown: string[] = []
    for (let at: List | undefined = list; at && shown.length < style.display; at = at.parent)
      shown.unshift(formatted(at.current, this.styles.get(`${at.style} ${at.level}`)?.format ?? 'decimal'))
    return `${style.prefix}${shown.join('.')}${style.suffix} `
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
