/** What an element of HTML, XHTML or DTBook means for the text. */
import { mathText } from './math-text'
import { asPower } from './powers'
import { elementsOf, type Role, span, tagOf, type TreeElement, type TreeNode } from './tree-text'

const words = (list: string) => new Set(list.split(' '))
const skipped = words(
  'head script style template noscript iframe object embed audio video canvas map datalist annotation annotation-xml defs metadata'
)
const paragraphs = words(
  'p blockquote section article header footer main aside nav figure figcaption address form fieldset details hr dl body html svg'
)
const lines = words('div dt dd summary legend caption thead tbody tfoot center text')
/** Boxes on a line: what stands in two of them is two words. */
const boxes = words('button select textarea label')
const skip = { is: 'skip' } as const
const inline = { is: 'inline' } as const

export function htmlRole(element: TreeElement): Role {
  const tag = tagOf(element)
  if (isHidden(element, tag)) return skip
  if (skipped.has(tag)) return element.getAttribute('shadowrootmode') === null ? skip : inline
  const heading = /^h([1-6])$/.exec(tag)
  if (heading) return { is: 'heading', level: Number(heading[1]) }
  if (paragraphs.has(tag)) return { is: 'block', gap: 2 }
  if (lines.has(tag) || isShownAsBlock(element)) return { is: 'block', gap: 1 }
  if (boxes.has(tag)) return { is: 'box' }
  return ofLists(element, tag) ?? ofTables(element, tag) ?? ofLine(element, tag)
}

function ofLists(element: TreeElement, tag: string): Role | undefined {
  switch (tag) {
    case 'ul':
    case 'menu':
      return { is: 'list', ordered: false, start: 1 }
    case 'ol': {
      const isReversed = element.getAttribute('reversed') !== null
      const start =
        whole(element.getAttribute('start')) ?? (isReversed ? childrenOf(element, 'li').length : 1)
      const format = formats[element.getAttribute('type') ?? '']
      return { is: 'list', ordered: true, start, step: isReversed ? -1 : 1, format }
    }
    case 'li':
      return { is: 'item', value: whole(element.getAttribute('value')) }
    default:
      return undefined
  }
}

const formats: Record<string, string | undefined> = {
  a: 'lowerLetter', A: 'upperLetter', i: 'lowerRoman', I: 'upperRoman'
} // prettier-ignore

function ofTables(element: TreeElement, tag: string): Role | undefined {
  switch (tag) {
    case 'table':
      return { is: 'table' }
    case 'tr':
      return { is: 'row' }
    case 'td':
    case 'th':
      return {
        is: 'cell',
        columns: span(element.getAttribute('colspan')),
        rows: span(element.getAttribute('rowspan'))
      }
    default:
      return undefined
  }
}

function ofLine(element: TreeElement, tag: string): Role {
  switch (tag) {
    case 'br':
      return { is: 'text', text: '\n' }
    case 'pre':
    case 'listing':
      return { is: 'pre' }
    case 'sup':
      return power(element)
    case 'math':
      return { is: 'text', text: mathText(element) }
    case 'rt':
      return element.parentNode && childrenOf(element.parentNode, 'rp').length > 0
        ? inline
        : { is: 'text', text: `(${textOf(element).trim()})` }
    case 'input':
      return inputRole(element)
    case 'option':
      return isChosen(element) ? inline : skip
    case 'img':
      return pictureRole(element)
    // Of a drawing these are tool tips.
    case 'title':
    case 'desc':
      return skip
    default:
      return inline
  }
}

const whole = (value: string | null) =>
  value !== null && /^-?\d{1,9}$/.test(value) ? Number(value) : undefined

export function isHidden(element: TreeElement, tag: string): boolean {
  // What a page hides until its script has run, or until somebody looks for it, is part of it all the same.
  if (tag === 'body' || tag === 'html') return false
  if (tag === 'dialog' && element.getAttribute('open') === null) return true
  // The same equation again for eyes, as letters in boxes.
  if (/(^|\s)katex-html(\s|$)/.test(element.getAttribute('class') ?? '')) return true
  const hidden = element.getAttribute('hidden')
  if (hidden !== null && hidden !== 'until-found')
    return !/note/.test(element.getAttribute('epub:type') ?? '')
  return /(^|;)\s*(display\s*:\s*none|visibility\s*:\s*hidden)/i.test(element.getAttribute('style') ?? '')
}

const isShownAsBlock = (element: TreeElement) =>
  /(^|;)\s*display\s*:\s*(block|flex|grid|table|list-item)\b/i.test(element.getAttribute('style') ?? '')

function childrenOf(node: TreeNode, tag: string): TreeElement[] {
  const found: TreeElement[] = []
  for (let child = node.firstChild; child; child = child.nextSibling)
    if ('localName' in child && (child as TreeElement).localName.toLowerCase() === tag)
      found.push(child as TreeElement)
  return found
}

/** Of a page's element all letters, whatever they mean. */
export const textOf = (element: TreeElement) =>
  (element as unknown as { textContent: string | null }).textContent ?? ''

/** A link in it is the number of a note. */
function power(element: TreeElement): Role {
  if (elementsOf(element).some(each => each.localName.toLowerCase() === 'a')) return inline
  const power = asPower(textOf(element))
  return power === undefined ? inline : { is: 'text', text: power }
}

function inputRole(element: TreeElement): Role {
  const type = (element.getAttribute('type') ?? 'text').toLowerCase()
  if (type === 'checkbox' || type === 'radio')
    return { is: 'text', text: element.getAttribute('checked') === null ? ' [ ] ' : ' [x] ' }
  const value = element.getAttribute('value') ?? ''
  if (value === '' || /^(hidden|password|image|file|color|range)$/.test(type)) return skip
  return { is: 'text', text: ` ${value} ` }
}

/** Without a choice the first one shows. */
function isChosen(option: TreeElement): boolean {
  if (option.getAttribute('selected') !== null) return true
  const list = option.parentNode as TreeElement | null
  if (!list || list.localName.toLowerCase() !== 'select') return false
  const all = childrenOf(list, 'option')
  return all[0] === option && !all.some(each => each.getAttribute('selected') !== null)
}

/** Initials and formulas are often pictures in the middle of a line; what is written for them stands in their place. */
function pictureRole(element: TreeElement): Role {
  const alternative = (element.getAttribute('alt') ?? '').trim()
  if (alternative === '' || alternative.length > 100 || /\.(png|jpe?g|gif|svg)$/i.test(alternative))
    return skip
  return isInLine(element) ? { is: 'text', text: alternative } : skip
}

function isInLine(element: TreeElement): boolean {
  const parent = element.parentNode
  if (!parent) return false
  for (let node = parent.firstChild; node; node = node.nextSibling)
    if (node.nodeType === 3 && /\S/.test((node as unknown as { data: string }).data)) return true
  return false
}
