/**
 * Paragraphs and rows of RTF → a tree for tree-text.ts. RTF says what a paragraph was when it ends, and where a row begins only by its
 * cells; the body, a header, a note and a text box each are a flow of their own.
 */
import { asPower } from './powers'
import type { Role, TreeElement, TreeNode } from './tree-text'

export class RtfNode implements TreeElement {
  readonly nodeType = 1
  readonly localName = 'rtf'
  firstChild: RtfNode | null = null
  lastChild: RtfNode | null = null
  nextSibling: RtfNode | null = null
  parentNode: RtfNode | null = null

  constructor(readonly role: Role) {}

  add(child: RtfNode): void {
    child.parentNode = this
    if (this.lastChild) this.lastChild.nextSibling = child
    else this.firstChild = child
    this.lastChild = child
  }

  getAttribute(): null {
    return null
  }
}

export const roleOfRtf = (element: TreeElement): Role => (element as RtfNode).role
export const arrangesNothing = (): undefined => undefined

/** Of a paragraph when it ends. */
export interface ParagraphEnd {
  readonly isInTable: boolean
  /** 0: no heading. */
  readonly level: number
  /** A drop cap, whose paragraph goes on in the next one. */
  readonly joins: boolean
  /** Its number or bullet, where it is an item of a list. */
  readonly label?: { readonly text: string; readonly depth: number; readonly list: string } | undefined
}

/** How a row's cell is merged with those before and above it. */
export interface CellShape {
  readonly isMergedLeft: boolean
  readonly isMergedUp: boolean
}

/** `raised`: small and above the line. */
type Piece = { words: string; readonly raised: boolean } | RtfNode

export class RtfFlow {
  readonly root = new RtfNode({ is: 'inline' })
  private pieces: Piece[] = []
  /** Blocks of the cell that is open. */
  private blocks: RtfNode[] = []
  private cells: (readonly RtfNode[])[] = []
  private table: RtfNode | undefined
  private paragraphs = 0
  /** Grows with everything that can be seen. */
  size = 0

  /** In the paragraph that is open. */
  get hasWords(): boolean {
    return this.pieces.some(isSeen)
  }

  words(words: string, raised: boolean): void {
    if (/\S/.test(words)) this.size++
    const last = this.pieces.at(-1)
    if (last && 'words' in last && last.raised === raised) last.words += words
    else this.pieces.push({ words, raised })
  }

  /** A place in the paragraph that is open. */
  place(): { readonly paragraph: number; readonly at: number } {
    this.pieces.push({ words: '', raised: false })
    return { paragraph: this.paragraphs, at: this.pieces.length - 1 }
  }

  /** What was written since then is not glued to what stands before and behind it. */
  detach({ paragraph, at }: ReturnType<RtfFlow['place']>): void {
    const gap = () => new RtfNode({ is: 'box' })
    if (paragraph === this.paragraphs) this.pieces.splice(at, 0, gap())
    this.pieces.push(gap())
  }

  node(role: Role, ...children: RtfNode[]): void {
    const node = new RtfNode(role)
    for (const child of children) node.add(child)
    this.pieces.push(node)
    this.size++
  }

  endParagraph(end: ParagraphEnd): void {
    const block = this.block(end)
    if (!end.isInTable) {
      if (this.cells.length > 0 || this.blocks.length > 0) this.endRow([])
      this.table = undefined
      if (block) this.root.add(block)
    } else if (block) this.blocks.push(block)
  }

  endCell(end: ParagraphEnd): void {
    const block = this.block(end)
    this.cells.push(block ? [...this.blocks, block] : this.blocks)
    this.blocks = []
  }

  endRow(shapes: readonly CellShape[]): void {
    if (this.pieces.length > 0 || this.blocks.length > 0)
      this.endCell({ isInTable: true, level: 0, joins: false })
    const cells = this.cells
    this.cells = []
    if (cells.length === 0) return
    if (!this.table) this.root.add((this.table = new RtfNode({ is: 'table' })))
    const row = new RtfNode({ is: 'row' })
    for (let i = 0; i < cells.length;) {
      const blocks = [...cells[i]!]
      let columns = 1
      while (shapes[i + columns]?.isMergedLeft && i + columns < cells.length) {
        blocks.push(...cells[i + columns]!)
        columns++
      }
      const cell = new RtfNode({ is: 'cell', columns, rows: 1, continues: shapes[i]?.isMergedUp === true })
      for (const block of blocks) cell.add(block)
      row.add(cell)
      i += columns
    }
    this.table.add(row)
  }

  /** All that is still open. */
  end(end: ParagraphEnd): TreeNode {
    if (this.cells.length > 0 || this.blocks.length > 0) {
      this.endRow([])
      this.table = undefined
    } else this.endParagraph({ ...end, isInTable: false })
    return this.root
  }

  private block({ level, joins, label }: ParagraphEnd): RtfNode | undefined {
    const pieces = this.pieces
    this.pieces = []
    this.paragraphs++
    if (!pieces.some(isSeen)) return undefined
    const block = new RtfNode(
      level > 0
        ? { is: 'heading', level, label: label?.text === '•' ? '' : label?.text }
        : label
          ? {
              is: 'item',
              marker: label.text === '' ? '' : `${label.text} `,
              depth: label.depth,
              list: label.list
            }
          : { is: 'block', gap: 2, joins }
    )
    let before = ''
    for (const piece of pieces) {
      if ('words' in piece) {
        const power = piece.raised && /\S$/.test(before) ? asPower(piece.words) : undefined
        before = power ?? piece.words
        block.add(new RtfNode({ is: 'text', text: before }))
      } else block.add(piece)
    }
    return block
  }
}

const isSeen = (piece: Piece) => ('words' in piece ? /\S/.test(piece.words) : piece.role.is !== 'box')
