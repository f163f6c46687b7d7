/** RTF's words that say what a paragraph is, and those that end paragraphs, cells and rows. */
import type { CellShape } from './rtf-flow'
import { type Paragraph, plainParagraph, type RtfState } from './rtf-state'

export class RtfParagraphs {
  private readonly shapes: CellShape[] = []
  private shape = { isMergedLeft: false, isMergedUp: false }

  constructor(
    private readonly state: RtfState,
    private readonly write: (words: string) => void
  ) {}

  word(word: string, value: number | undefined): void {
    const { group } = this.state
    const set = (change: Partial<Paragraph>) => {
      group.paragraph = { ...group.paragraph, ...change }
    }
    switch (word) {
      case 'pard':
        group.paragraph = plainParagraph
        break
      case 's':
        set({ style: value ?? -1 })
        break
      case 'outlinelevel':
        set({ outline: value ?? -1 })
        break
      case 'intbl':
        set({ isInTable: value !== 0 })
        break
      case 'itap':
        set({ isInTable: value !== 0 })
        break
      case 'ls':
        set({ list: value ?? 0 })
        break
      case 'ilvl':
        set({ listLevel: value ?? 0 })
        break
      case 'dropcapli':
        set({ isDropCap: true })
        break
      default:
        this.end(word)
    }
  }

  private end(word: string): void {
    const { state } = this
    const { flow, capture } = state.group
    switch (word) {
      case 'par':
      case 'sect':
      case 'page':
      case 'column':
        if (capture) this.write(' ')
        else flow.endParagraph(state.paragraphEnd())
        break
      case 'cell':
        if (!capture) flow.endCell(state.paragraphEnd())
        break
      case 'nestcell':
      case 'nestrow':
        this.write(' ')
        break
      case 'row':
        if (!capture) flow.endRow(this.shapes)
        break
      case 'trowd':
        this.shapes.length = 0
        break
      case 'clmrg':
        this.shape.isMergedLeft = true
        break
      case 'clvmrg':
        this.shape.isMergedUp = true
        break
      case 'cellx':
        if (this.shapes.length < 1000) this.shapes.push(this.shape)
        this.shape = { isMergedLeft: false, isMergedUp: false }
        break
    }
  }
}
