/** OpenDocument text (LibreOffice and others) → text. */
import { HostFailure } from '../../../contract/failure'
import { type Archive, damaged } from './archive'
import type { Extraction, Setting } from './document'
import { parseXml } from './parse-tree'
import { emptyText } from './plain'
import { TextBuilder } from './text-builder'
import {
  elementsOf,
  isElement,
  type Role,
  span,
  type TreeElement,
  type TreeNode,
  writeTree
} from './tree-text'

export async function readOdt(archive: Archive, setting: Setting): Promise<Extraction> {
  if (/encryption-data/.test(archive.text('META-INF/manifest.xml') ?? ''))
    throw new HostFailure(
      'unreadable-file',
      `${setting.name} is protected by a password. Open it with its password, save a copy without one, and add that.`
    )
  const content = archive.text('content.xml')
  if (content === undefined) throw damaged(setting.name, 'its text is missing')
  const root = parseXml(content)
  const styles = archive.text('styles.xml')
  const numbered = new Set([
    ...numberedLevels(root),
    ...(styles === undefined ? [] : numberedLevels(parseXml(styles)))
  ])
  const body = elementsOf(root).find(element => element.localName === 'office:text')
  if (!body) throw damaged(setting.name, 'its text is missing')
  const builder = new TextBuilder(setting)
  writeTree(body, builder, element => odtRole(element, numbered))
  const text = builder.text()
  if (!/\S/.test(text)) throw emptyText(setting.name, 1)
  return { text, kind: 'odt', encoding: '', outline: builder.outline(), notes: [] }
}

/** "STYLE LEVEL" of each list style's level that counts. */
function numberedLevels(root: TreeNode): string[] {
  return elementsOf(root)
    .filter(element => element.localName === 'text:list-level-style-number')
    .map(element => {
      const style = element.parentNode && isElement(element.parentNode) ? element.parentNode : undefined
      return `${style?.getAttribute('style:name')} ${element.getAttribute('text:level')}`
    })
}

function odtRole(element: TreeElement, numbered: ReadonlySet<string>): Role {
  const number = (name: string) => span(element.getAttribute(name))
  switch (element.localName) {
    case 'text:h':
      return { is: 'heading', level: Math.min(number('text:outline-level'), 9) }
    case 'text:p':
    case 'text:section':
      return { is: 'block', gap: 2 }
    case 'draw:text-box':
    case 'text:index-body':
      return { is: 'block', gap: 1 }
    case 'text:s':
      return { is: 'text', text: ' '.repeat(number('text:c')) }
    case 'text:tab':
      return { is: 'text', text: '\t' }
    case 'text:line-break':
      return { is: 'text', text: '\n' }
    case 'text:list':
      return { is: 'list', ordered: isNumbered(element, numbered), start: 1 }
    case 'text:list-item':
    case 'text:list-header':
      return { is: 'item' }
    case 'table:table':
      return { is: 'table' }
    case 'table:table-row':
      return { is: 'row' }
    case 'table:table-cell':
      return {
        is: 'cell',
        columns: number('table:number-columns-spanned'),
        rows: number('table:number-rows-spanned'),
        times: number('table:number-columns-repeated')
      }
    case 'text:note':
      return { is: 'note', body: childOf(element, 'text:note-body') ?? element }
    // Covered cells are told by the cell that covers them; the rest is not part of the text that is read.
    case 'table:covered-table-cell':
    case 'text:tracked-changes':
    case 'text:sequence-decls':
    case 'text:variable-decls':
    case 'text:user-field-decls':
    case 'office:annotation':
    case 'office:annotation-end':
    case 'office:forms':
    case 'svg:title':
    case 'svg:desc':
    case 'text:hidden-text':
      return { is: 'skip' }
    default:
      return { is: 'inline' }
  }
}

function childOf(element: TreeElement, name: string): TreeElement | undefined {
  for (let node = element.firstChild; node; node = node.nextSibling)
    if (isElement(node) && node.localName === name) return node
  return undefined
}

/** An inner list has the style of the outer one where it names none. */
function isNumbered(list: TreeElement, numbered: ReadonlySet<string>): boolean {
  let level = 0
  let style: string | null = null
  for (let node: TreeNode | null = list; node && level < 10; node = node.parentNode)
    if (isElement(node) && node.localName === 'text:list') {
      level++
      style ??= node.getAttribute('text:style-name')
    }
  return numbered.has(`${style} ${level}`)
}
