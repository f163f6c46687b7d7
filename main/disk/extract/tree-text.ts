/**
 * A tree of elements (HTML, XHTML, OpenDocument) → paragraphs, lists and tables as a person would type them. Walks without
 * recursion, since a hostile file nests 100,000 elements.
 */
import type { TextBuilder } from './text-builder'

/** The little of a DOM node that is used here. */
export interface TreeNode {
  readonly nodeType: number
  readonly firstChild: TreeNode | null
  readonly nextSibling: TreeNode | null
  readonly parentNode: TreeNode | null
}
export interface TreeElement extends TreeNode {
  readonly localName: string
  getAttribute(name: string): string | null
}

/** What an element means for the text. */
export type Role =
  | { readonly is: 'inline' | 'skip' | 'pre' | 'table' | 'row' }
  /** `text` stands for the whole element. */
  | { readonly is: 'text'; readonly text: string }
  | { readonly is: 'block'; readonly gap: 1 | 2 }
  | { readonly is: 'heading'; readonly level: number }
  | { readonly is: 'list'; readonly ordered: boolean; readonly start: number }
  | { readonly is: 'item'; readonly marker?: string; readonly value?: number }
  | { readonly is: 'cell'; readonly columns: number; readonly rows: number; readonly times?: number }
  /** Its text stands at the end, a number in brackets here. */
  | { readonly is: 'note'; readonly body: TreeNode }

interface Table {
  /** False: the table only arranges a page, and its cells are ordinary blocks. */
  readonly isData: boolean
  row: string[]
  cell: string[] | undefined
  /** Text of cells that reach down into following rows, by column. */
  readonly hanging: Map<number, { text: string; rows: number }>
}

const text = 3
const cdata = 4
const element = 1
export const isElement = (node: TreeNode): node is TreeElement => node.nodeType === element

/** Deeper lists are indented no further; a hostile file would otherwise write 100,000 blanks before each line. */
const deepestIndent = 8
const mostSpan = 200

/** All elements below `root`, in order. */
export function elementsOf(root: TreeNode): TreeElement[] {
  const all: TreeElement[] = []
  for (let node = next(root, root); node; node = next(node, root)) if (isElement(node)) all.push(node)
  return all
}

function next(node: TreeNode, root: TreeNode): TreeNode | undefined {
  if (node.firstChild) return node.firstChild
  for (let at: TreeNode | null = node; at && at !== root; at = at.parentNode)
    if (at.nextSibling) return at.nextSibling
  return undefined
}

export function writeTree(
  root: TreeNode,
  builder: TextBuilder,
  roleOf: (element: TreeElement) => Role
): void {
  const writer = new TreeWriter(builder, roleOf)
  writer.write(root)
  writer.writeNotes()
}

class TreeWriter {
  private pieces: string[] = []
  /** Last character of the pieces; the joined string would be built again for each look. */
  private last = ''
  private pre = 0
  private readonly lists: { ordered: boolean; next: number }[] = []
  private marker: string | undefined
  private readonly tables: Table[] = []
  private readonly notes: TreeNode[] = []

  constructor(
    private readonly builder: TextBuilder,
    private readonly roleOf: (element: TreeElement) => Role
  ) {}

  write(root: TreeNode): void {
    const open: Role[] = []
    let node: TreeNode = root
    for (;;) {
      const role = this.enter(node)
      if (role && node.firstChild) {
        open.push(role)
        node = node.firstChild
        continue
      }
      if (role) this.leave(role)
      while (node !== root && !node.nextSibling) {
        node = node.parentNode!
        this.leave(open.pop()!)
      }
      if (node === root) break
      node = node.nextSibling!
    }
    this.flush()
  }

  /** Notes may hold notes: the list grows while it is written. */
  writeNotes(): void {
    for (let i = 0; i < this.notes.length; i++) {
      this.builder.separate(i === 0 ? 2 : 1)
      this.marker = `[${i + 1}] `
      this.write(this.notes[i]!)
      this.marker = undefined
    }
  }

  /** Undefined: the element's children are not entered. */
  private enter(node: TreeNode): Role | undefined {
    if (node.nodeType === text || node.nodeType === cdata)
      this.run((node as unknown as { data: string }).data)
    if (!isElement(node)) return node.nodeType === 9 || node.nodeType === 11 ? { is: 'inline' } : undefined
    const role = this.roleOf(node)
    switch (role.is) {
      case 'skip':
        return undefined
      case 'text':
        this.put(role.text)
        return undefined
      case 'note':
        this.notes.push(role.body)
        this.put(`[${this.notes.length}]`)
        return undefined
      case 'inline':
        return role
      case 'list':
        this.flush()
        if (this.lists.length === 0) this.builder.separate(2)
        this.lists.push({ ordered: role.ordered, next: role.start })
        return role
      case 'item':
        this.flush()
        this.marker = role.marker ?? this.nextMarker(role.value)
        return role
      case 'table':
        this.flush()
        this.builder.separate(2)
        this.tables.push({ isData: isData(node, this.roleOf), row: [], cell: undefined, hanging: new Map() })
        return role
      case 'cell': {
        this.flush()
        const table = this.tables.at(-1)
        if (table?.isData) table.cell = []
        else this.builder.separate(1)
        return role
      }
      case 'pre':
        this.flush()
        this.builder.separate(2)
        this.pre++
        return role
      case 'row':
      case 'block':
      case 'heading':
        this.flush()
        this.separate(role.is === 'block' ? role.gap : role.is === 'heading' ? 2 : 1)
        return role
    }
  }

  private leave(role: Role): void {
    switch (role.is) {
      case 'heading':
        this.flush(role.level)
        break
      case 'block':
        this.flush()
        this.separate(role.gap)
        break
      case 'pre':
        this.flush()
        this.pre--
        this.builder.separate(2)
        break
      case 'list':
        this.flush()
        this.lists.pop()
        this.builder.separate(this.lists.length === 0 ? 2 : 1)
        break
      case 'item':
        this.flush()
        this.marker = undefined
        break
      case 'cell':
        this.flush()
        this.endCell(role.columns, role.rows, role.times ?? 1)
        break
      case 'row':
        this.flush()
        this.endRow()
        break
      case 'table':
        this.flush()
        this.endRow()
        this.tables.pop()
        this.builder.separate(2)
        break
    }
  }

  /** Items of a list stand close, even where each is a paragraph; what stands in a cell parts no rows. */
  private separate(gap: number): void {
    if (this.tables.at(-1)?.isData) return
    this.builder.separate(this.lists.length > 0 ? 1 : gap)
  }

  private nextMarker(value: number | undefined): string {
    const list = this.lists.at(-1)
    if (!list?.ordered) return '- '
    if (value !== undefined) list.next = value
    return `${list.next++}. `
  }

  /** Running text: white space collapses, except in `pre`. */
  private run(data: string): void {
    if (this.pre > 0) return this.put(data.replace(/\r\n?/g, '\n'))
    let words = data.replace(/[ \t\n\r\f\u00a0]+/g, ' ')
    if (words.startsWith(' ') && (this.last === '' || this.last === ' ' || this.last === '\n'))
      words = words.slice(1)
    this.put(words)
  }

  private put(words: string): void {
    if (words === '') return
    this.pieces.push(words)
    this.last = words.at(-1)!
  }

  private flush(heading?: number): void {
    const joined = this.pieces.join('')
    this.pieces = []
    this.last = ''
    const block = this.pre > 0 ? joined.replace(/^\n/, '').trimEnd() : joined.replace(/ *\n */g, '\n').trim()
    if (block.trim() === '') return
    const cell = this.tables.at(-1)?.cell
    if (cell) cell.push(block)
    else if (heading !== undefined) this.builder.heading(block.replace(/\s+/g, ' '), heading)
    else this.builder.add(this.indented(block))
  }

  private indented(block: string): string {
    const depth = Math.min(this.lists.length, deepestIndent)
    if (depth === 0 && this.marker === undefined) return block
    const outer = '  '.repeat(Math.max(0, depth - 1))
    const inner = depth === 0 ? '' : outer + '  '
    const first = this.marker === undefined ? inner : outer + this.marker
    this.marker = undefined
    return first + block.replaceAll('\n', '\n' + inner)
  }

  private endCell(columns: number, rows: number, times: number): void {
    const table = this.tables.at(-1)
    if (!table?.cell) return void this.builder.separate(1)
    const words = table.cell.join(' ').replace(/\s+/g, ' ').trim()
    table.cell = undefined
    this.fillHanging(table)
    for (let i = 0; i < times; i++) {
      const column = table.row.length
      table.row.push(words)
      if (rows > 1) table.hanging.set(column, { text: words, rows: Math.min(rows, 10_000) - 1 })
      for (let j = 1; j < columns; j++) table.row.push('')
    }
  }

  /** A cell over several rows is said again in each: every row can then be read alone. */
  private fillHanging(table: Table): void {
    for (let hang; (hang = table.hanging.get(table.row.length)) && hang.rows > 0; hang.rows--)
      table.row.push(hang.text)
  }

  private endRow(): void {
    const table = this.tables.at(-1)
    if (!table?.isData || table.row.length === 0) return
    this.fillHanging(table)
    const { row } = table
    while (row.at(-1) === '') row.pop()
    table.row = []
    if (row.length === 0) return
    const outer = this.tables.at(-2)?.cell
    if (outer) outer.push(row.join(' | '))
    else this.builder.add(this.indented(row.join(' | ')))
  }
}

export const span = (value: string | null) =>
  Math.min(mostSpan, Math.max(1, Number.parseInt(value ?? '1') || 1))

/** A table that holds tables or headings arranges a page; one row a line would make a page of it one line. */
function isData(table: TreeElement, roleOf: (element: TreeElement) => Role): boolean {
  if (table.getAttribute('role') === 'presentation') return false
  for (let node = next(table, table); node; node = next(node, table)) {
    if (!isElement(node)) continue
    const { is } = roleOf(node)
    if (is === 'table' || is === 'heading' || is === 'pre') return false
  }
  return true
}
