/**
 * A tree of elements (HTML, XHTML, OpenDocument) → paragraphs, lists and tables as a person would type them. Walks without
 * recursion, since a hostile file nests 100,000 elements.
 */
import { formatted } from './list-numbers'
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
  | { readonly is: 'inline' | 'skip' | 'pre' | 'table' | 'row' | 'box' }
  /** `text` stands for the whole element. */
  | { readonly is: 'text'; readonly text: string }
  /** `joins`: the next block goes on in the same line, as after a drop cap. */
  | { readonly is: 'block'; readonly gap: 1 | 2; readonly joins?: boolean }
  /** `label`: its number, where the text does not hold it. */
  | { readonly is: 'heading'; readonly level: number; readonly label?: string }
  | {
      readonly is: 'list'
      readonly ordered: boolean
      readonly start: number
      /** -1: counts down. */
      readonly step?: number
      /** As list-numbers.ts names them. */
      readonly format?: string
    }
  /** `depth`: of an item of a list that no element holds; 1: not inside of another list; `list`: which one. */
  | {
      readonly is: 'item'
      readonly marker?: string
      readonly value?: number
      readonly depth?: number
      readonly list?: string
    }
  | {
      readonly is: 'cell'
      readonly columns: number
      readonly rows: number
      readonly times?: number
      /** Goes on with the cell above. */
      readonly continues?: boolean
    }
  /** Stands beside the text: written after the block that it is in. */
  | { readonly is: 'aside'; readonly body: TreeNode | string }
  /** Its text stands at the end, a number in brackets here. */
  | { readonly is: 'note'; readonly body: TreeNode }

interface Table {
  /** False: the table, or the row that is open, only arranges a page, and its cells are ordinary blocks. */
  isData: boolean
  /** A table that holds tables: each row is looked at. */
  readonly isMixed: boolean
  /** Cells of the row before, for those that go on. */
  above: readonly string[]
  row: string[]
  cell: string[] | undefined
  /** Text of cells that reach down into following rows, by column. */
  readonly hanging: Map<number, { text: string; rows: number }>
}

const text = 3
const cdata = 4
const element = 1
export const isElement = (node: TreeNode): node is TreeElement => node.nodeType === element
/** Without a prefix, in small letters. */
export const tagOf = ({ localName }: TreeElement): string => localName.replace(/^.*:/, '').toLowerCase()

/** Deeper lists are indented no further; a hostile file would otherwise write 100,000 blanks before each line. */
const deepestIndent = 8
const mostSpan = 200
const longestPlainRow = 300

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

type Arranges = (element: TreeElement) => 'table' | 'page' | undefined

export function writeTree(
  root: TreeNode,
  builder: TextBuilder,
  roleOf: (element: TreeElement) => Role,
  /** What makes a table one that arranges a page; without it: what `roleOf` says, which must not count then. */
  arranges: Arranges = element => {
    const { is } = roleOf(element)
    return is === 'table' ? 'table' : is === 'heading' || is === 'pre' ? 'page' : undefined
  }
): void {
  const writer = new TreeWriter(builder, roleOf, arranges)
  writer.write(root)
  writer.writeNotes()
}

class TreeWriter {
  private pieces: string[] = []
  /** Last character of the pieces; the joined string would be built again for each look. */
  private last = ''
  private pre = 0
  private readonly lists: { ordered: boolean; next: number; step: number; format: string }[] = []
  private marker: string | undefined
  private readonly tables: Table[] = []
  private readonly notes: TreeNode[] = []
  private readonly noteNumbers = new Map<TreeNode, number>()
  private asides: (TreeNode | string)[] = []
  /** Of the item that is open, where no list element tells. */
  private depth = 0
  private list: string | undefined
  private isNote = false
  /** How many blocks are open. */
  private blocks = 0
  /** The block that ended is gone on with. */
  private isJoined = false

  constructor(
    private readonly builder: TextBuilder,
    private readonly roleOf: (element: TreeElement) => Role,
    private readonly arranges: Arranges
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
    this.writeAsides()
  }

  private endBlock(): void {
    if (--this.blocks <= 0) this.writeAsides()
  }

  /** Not inside of a table's row, which is one line. */
  private writeAsides(): void {
    if (this.tables.at(-1)?.cell) return
    while (this.asides.length > 0) {
      const [body, ...rest] = this.asides
      this.asides = rest
      this.builder.separate(2)
      if (typeof body === 'string') this.builder.add(body)
      else this.write(body!)
      this.builder.separate(2)
    }
  }

  /** Notes may hold notes: the list grows while it is written. */
  writeNotes(): void {
    this.isNote = true
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
      case 'aside': {
        const cell = this.tables.at(-1)?.cell
        // A cell stays one: what stands in it beside its words follows them.
        if (cell && typeof role.body === 'string') this.put(` ${role.body}`)
        else if (cell) return { is: 'block', gap: 1 }
        else {
          this.asides.push(role.body)
          if (this.blocks === 0) {
            this.flush()
            this.writeAsides()
          }
        }
        return undefined
      }
      case 'note': {
        // One that refers to itself, or is referred to again, is written once.
        const known = this.noteNumbers.get(role.body)
        if (known === undefined) this.notes.push(role.body)
        const number = known ?? this.notes.length
        this.noteNumbers.set(role.body, number)
        this.put(`[${number}]`)
        return undefined
      }
      case 'inline':
        return role
      case 'box':
        this.run(' ')
        return role
      case 'list':
        this.flush()
        if (this.lists.length === 0) this.builder.separate(2)
        this.lists.push({
          ordered: role.ordered,
          next: role.start,
          step: role.step ?? 1,
          format: role.format ?? 'decimal'
        })
        return role
      case 'item':
        this.flush()
        if (role.depth !== undefined) {
          const begins = this.depth === 0 || (role.depth === 1 && role.list !== this.list)
          this.separate(begins ? 2 : 1)
        }
        this.depth = role.depth ?? 0
        this.list = role.list
        this.marker = role.marker ?? this.nextMarker(role.value)
        this.blocks++
        return role
      case 'table':
        this.flush()
        this.builder.separate(2)
        this.tables.push({ ...this.kindOf(node), row: [], cell: undefined, hanging: new Map(), above: [] })
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
      case 'row': {
        this.flush()
        const table = this.tables.at(-1)
        if (table?.isMixed) table.isData = this.isPlainRow(node)
        this.separate(1)
        return role
      }
      case 'block':
      case 'heading':
        if (this.isJoined) this.isJoined = false
        else {
          this.flush()
          this.separate(role.is === 'block' ? role.gap : 2)
        }
        this.depth = 0
        this.blocks++
        if (role.is === 'heading' && role.label) this.put(`${role.label} `)
        return role
    }
  }

  private leave(role: Role): void {
    switch (role.is) {
      case 'box':
        this.run(' ')
        break
      case 'heading':
        this.flush(role.level)
        this.endBlock()
        break
      case 'block':
        if (role.joins && this.pieces.length > 0) {
          this.isJoined = true
          this.blocks--
          break
        }
        this.flush()
        this.separate(role.gap)
        this.endBlock()
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
        this.endBlock()
        break
      case 'cell':
        this.flush()
        this.endCell(role.columns, role.rows, role.times ?? 1, role.continues === true)
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
    this.builder.separate(this.lists.length > 0 || this.isNote ? 1 : gap)
  }

  private nextMarker(value: number | undefined): string {
    const list = this.lists.at(-1)
    if (!list?.ordered) return '- '
    if (value !== undefined) list.next = value
    const number = formatted(list.next, list.format)
    list.next += list.step
    return `${number}. `
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
    if (cell) {
      cell.push((this.marker ?? '') + block)
      this.marker = undefined
    } else if (heading !== undefined) {
      // The item of a list: its number is the heading's.
      const number = this.marker === undefined || /^[-•] $/.test(this.marker) ? '' : this.marker
      this.marker = undefined
      this.builder.heading(number + block.replace(/\s+/g, ' '), heading)
    } else this.builder.add(this.indented(block))
  }

  private indented(block: string): string {
    const depth = Math.min(this.depth || this.lists.length, deepestIndent)
    if (depth === 0 && this.marker === undefined) return block
    const outer = '  '.repeat(Math.max(0, depth - 1))
    const inner = depth === 0 ? '' : outer + '  '
    const first = this.marker === undefined ? inner : outer + this.marker
    this.marker = undefined
    return first + block.replaceAll('\n', '\n' + inner)
  }

  private endCell(columns: number, rows: number, times: number, continues: boolean): void {
    const table = this.tables.at(-1)
    if (!table?.cell) return void this.builder.separate(1)
    const own = table.cell.join(' ').replace(/\s+/g, ' ').trim()
    table.cell = undefined
    this.fillHanging(table)
    const words = continues ? (table.above[table.row.length] ?? own) : own
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
    table.above = row.slice()
    while (row.at(-1) === '') row.pop()
    table.row = []
    if (row.length === 0) return
    const outer = this.tables.at(-2)?.cell
    if (outer) outer.push(row.join(' | '))
    else this.builder.add(this.indented(row.join(' | ')))
  }

  /** A table that holds tables or headings arranges a page; one row a line would make a page of it one line. */
  private kindOf(table: TreeElement): { isData: boolean; isMixed: boolean } {
    if (table.getAttribute('role') === 'presentation') return { isData: false, isMixed: false }
    let isMixed = false
    for (let node = next(table, table); node; node = next(node, table)) {
      if (!isElement(node)) continue
      const what = this.arranges(node)
      if (what === 'page') return { isData: false, isMixed: false }
      isMixed ||= what === 'table'
    }
    return { isData: !isMixed, isMixed }
  }

  /** Of a table that holds tables: a row of short cells is a row all the same. */
  private isPlainRow(row: TreeNode): boolean {
    let characters = 0
    for (let node = next(row, row); node; node = next(node, row)) {
      if (isElement(node) ? this.arranges(node) !== undefined : characters > longestPlainRow) return false
      if (node.nodeType === text) characters += (node as unknown as { data: string }).data.length
    }
    return true
  }
}

export const span = (value: string | null) =>
  Math.min(mostSpan, Math.max(1, Number.parseInt(value ?? '1') || 1))
