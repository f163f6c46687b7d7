/** OpenDocument text (LibreOffice and others) → text; packed, or flat in one XML file. */
import { failureSaying } from '../../../contract/failure'
import { alternativeText } from './alternative-text'
import { decodeText } from '../decode-text'
import { type Archive, damaged } from './archive'
import type { Extraction, Setting } from './document'
import { LeftOut } from './left-out'
import { writeMarked } from './marked-parts'
import { mathText } from './math-text'
import { OdtLists } from './odt-lists'
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
import { parseXmlTree } from './xml-tree'

export async function readOdt(archive: Archive, setting: Setting): Promise<Extraction> {
  if (/encryption-data/.test(archive.text('META-INF/manifest.xml') ?? ''))
    throw failureSaying('unreadable-file', 'protected', { name: setting.name })
  const files = archive.read(name => /(^|\/)(content|styles)\.xml$/.test(name))
  const trees = new Map<string, TreeNode>()
  for (const [path, bytes] of files) {
    const decoded = await decodeText(bytes)
    if (decoded) trees.set(path, parseXmlTree(decoded.text, setting.name).root)
  }
  if (!trees.has('content.xml')) archive.refuseBroken()
  return textOf(trees.get('content.xml'), trees.get('styles.xml'), setting, path => trees.get(path))
}

/** One XML file with all that a packed one has in several. */
export async function readFlatOdt(bytes: Uint8Array, setting: Setting): Promise<Extraction> {
  const decoded = await decodeText(bytes)
  const root = decoded && parseXmlTree(decoded.text, setting.name).root
  return textOf(root, undefined, setting, () => undefined)
}

function textOf(
  content: TreeNode | undefined,
  styles: TreeNode | undefined,
  setting: Setting,
  partAt: (path: string) => TreeNode | undefined
): Extraction {
  const body = content && elementsOf(content).find(element => element.localName === 'office:text')
  if (!body) throw damaged(setting.name, 'damagedText')
  const roles = new OdtRoles(content, styles ? [content, styles] : [content], partAt)
  const write = (root: TreeNode, into: TextBuilder) =>
    writeTree(root, into, element => roles.of(element), arrangesPage)
  const builder = new TextBuilder(setting)
  const marked = (name: string) =>
    elementsOf(styles ?? content).filter(({ localName }) => localName.startsWith(name))
  writeMarked('Header', marked('style:header').filter(isPart), builder, setting, write)
  write(body, builder)
  writeMarked('Footer', marked('style:footer').filter(isPart), builder, setting, write)
  const text = builder.text()
  if (!/\S/.test(text)) throw emptyText(setting.name, 1)
  return { text, kind: 'odt', encoding: '', outline: builder.outline(), notes: roles.left.notes() }
}

const isPart = ({ localName }: TreeElement) => /^style:(header|footer)(-left|-first)?$/.test(localName)

const arrangesPage = ({ localName }: TreeElement) =>
  localName === 'table:table' ? 'table' : localName === 'text:h' ? 'page' : undefined

const skip = { is: 'skip' } as const
const inline = { is: 'inline' } as const

class OdtRoles {
  readonly left = new LeftOut()
  private readonly lists: OdtLists
  private readonly forms = new Map<string, TreeElement>()

  constructor(
    content: TreeNode,
    roots: readonly TreeNode[],
    private readonly partAt: (path: string) => TreeNode | undefined
  ) {
    this.lists = new OdtLists(roots)
    for (const element of elementsOf(content)) {
      const id = element.getAttribute('xml:id') ?? element.getAttribute('form:id')
      if (id !== null && element.localName.startsWith('form:')) this.forms.set(id, element)
    }
  }

  of(element: TreeElement): Role {
    const number = (name: string) => span(element.getAttribute(name))
    switch (element.localName) {
      case 'text:h':
        return this.heading(element)
      case 'text:number':
        return { is: 'text', text: `${wordsOf(element).trim()} ` }
      case 'text:p':
        return { is: 'block', gap: 2 }
      case 'text:section':
        if (element.getAttribute('text:display') === 'none') return this.leave('hidden-text')
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
        this.lists.begin(element)
        return { is: 'list', ordered: true, start: 1 }
      case 'text:list-item':
      case 'text:list-header':
        return { is: 'item', marker: this.lists.marker(element) }
      case 'text:note':
        return this.note(element)
      case 'text:ruby-text':
        return { is: 'text', text: `(${wordsOf(element).trim()})` }
      default:
        return this.ofTables(element, number) ?? this.ofObjects(element)
    }
  }

  /** One without a body of its own is no note: its words stand where it stands. */
  private note(element: TreeElement): Role {
    const body = elementsOf(element).find(each => each.localName === 'text:note-body')
    return body ? { is: 'note', body } : inline
  }

  private heading(element: TreeElement): Role {
    const level = Math.min(span(element.getAttribute('text:outline-level')), 9)
    const isCounted = element.getAttribute('text:is-list-header') !== 'true'
    const label = isCounted ? this.lists.headingLabel(level) : ''
    return { is: 'heading', level, label: childOf(element, 'text:number') ? '' : label }
  }

  private ofTables(element: TreeElement, number: (name: string) => number): Role | undefined {
    switch (element.localName) {
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
      // Told by the cell that covers it.
      case 'table:covered-table-cell':
        return skip
      default:
        return undefined
    }
  }

  private ofObjects(element: TreeElement): Role {
    switch (element.localName) {
      case 'draw:object':
        return this.object(element)
      case 'draw:object-ole':
        return this.leave('objects')
      case 'draw:image':
        // Beside an object it is how the object looks.
        if (childOf(element.parentNode ?? element, 'draw:object')) return skip
        this.leave('pictures')
        return saidOf(element)
      case 'draw:control':
        return { is: 'text', text: formValue(this.forms.get(element.getAttribute('draw:control') ?? '')) }
      case 'math:math':
        return { is: 'text', text: formula(element) }
      case 'office:annotation':
        return this.leave('comments')
      case 'text:tracked-changes':
        this.left.count(
          'deleted-text',
          elementsOf(element).filter(each => each.localName === 'text:deletion').length
        )
        return skip
      case 'text:sequence-decls':
      case 'text:variable-decls':
      case 'text:user-field-decls':
      case 'office:annotation-end':
      case 'office:forms':
      case 'svg:title':
      case 'svg:desc':
        return skip
      case 'text:hidden-text':
        // Words that a condition hides, unless it is known not to.
        return /(^|:)false$/.test(
          element.getAttribute('text:is-hidden') ?? element.getAttribute('text:condition') ?? ''
        )
          ? inline
          : this.leave('hidden-text')
      default:
        return inline
    }
  }

  private object(element: TreeElement): Role {
    const path = (element.getAttribute('xlink:href') ?? '').replace(/^\.\//, '')
    const part = element.firstChild ? element : this.partAt(`${path}/content.xml`)
    const math = part && elementsOf(part).find(each => each.localName.replace(/^.*:/, '') === 'math')
    return math ? { is: 'text', text: formula(math) } : this.leave(/chart/i.test(path) ? 'charts' : 'objects')
  }

  private leave(kind: Parameters<LeftOut['count']>[0]): Role {
    this.left.count(kind)
    return skip
  }
}

/** What the document says of a picture, in the frame around it. */
function saidOf(image: TreeElement): Role {
  const frame = image.parentNode ?? image
  const words = ['svg:desc', 'svg:title'].map(name => childOf(frame, name)).map(each => each && wordsOf(each))
  const said = alternativeText(...words)
  return said === undefined ? skip : { is: 'aside', body: said }
}

/** As its author typed it, where that is kept. */
function formula(math: TreeElement): string {
  const typed = elementsOf(math).find(
    each => /(^|:)annotation$/.test(each.localName) && /StarMath/.test(each.getAttribute('encoding') ?? '')
  )
  return (typed && wordsOf(typed).trim()) || mathText(math)
}

function formValue(control: TreeElement | undefined): string {
  if (!control) return ''
  if (/^form:(checkbox|radio)$/.test(control.localName))
    return /checked|true/.test(
      control.getAttribute('form:current-state') ?? control.getAttribute('form:current-selected') ?? ''
    )
      ? '[x]'
      : '[ ]'
  const chosen = elementsOf(control).filter(each => each.getAttribute('form:current-selected') === 'true')
  if (chosen.length > 0) return chosen.map(each => each.getAttribute('form:label') ?? '').join(', ')
  return control.getAttribute('form:current-value') ?? control.getAttribute('form:value') ?? ''
}

function wordsOf(node: TreeNode): string {
  let words = ''
  for (let child = node.firstChild; child; child = child.nextSibling)
    words += isElement(child) ? wordsOf(child) : 'data' in child ? String(child.data) : ''
  return words
}

function childOf(element: TreeNode, name: string): TreeElement | undefined {
  for (let node = element.firstChild; node; node = node.nextSibling)
    if (isElement(node) && node.localName === name) return node
  return undefined
}
