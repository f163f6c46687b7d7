/** Word's lists: the label of each paragraph as Word shows it, "2.1", "(a)", "Section 5.b". */
import { formatted } from './list-numbers'
import { isElement, type TreeElement, type TreeNode } from './tree-text'

interface Level {
  readonly start: number
  readonly format: string
  /** "%1.%2"; undefined: the level's own number and a full stop. */
  readonly text: string | undefined
  readonly isLegal: boolean
  /** A deeper list goes on counting after this level and those above; undefined: after every level above. */
  readonly restart: number | undefined
  /** Paragraphs of this style are at this level. */
  readonly style: string | undefined
}

interface List {
  readonly levels: ReadonlyMap<number, Level>
  /** Lists of one definition count on together. */
  readonly definition: string
  readonly restarts: ReadonlyMap<number, number>
}

interface Label {
  /** Empty: shown without one. */
  readonly text: string
  readonly isBullet: boolean
}

export const childrenOf = (node: TreeNode, name?: string): TreeElement[] => {
  const found: TreeElement[] = []
  for (let child = node.firstChild; child; child = child.nextSibling)
    if (isElement(child) && (name === undefined || child.localName === name)) found.push(child)
  return found
}
export const childOf = (node: TreeNode | undefined, name: string): TreeElement | undefined =>
  node && childrenOf(node, name)[0]
export const valueOf = (node: TreeNode | undefined, name: string): string | undefined =>
  childOf(node, name)?.getAttribute('w:val') ?? undefined
const numberOf = (value: string | null | undefined): number | undefined =>
  value !== null && value !== undefined && /^-?\d{1,9}$/.test(value) ? Number(value) : undefined

export class Numbering {
  private readonly lists = new Map<string, List>()
  private readonly counters = new Map<string, (number | undefined)[]>()
  private readonly begun = new Set<string>()

  constructor(root: TreeNode | undefined) {
    const numbering = root && childOf(root, 'w:numbering')
    if (!numbering) return
    const definitions = new Map<string, ReadonlyMap<number, Level>>()
    for (const definition of childrenOf(numbering, 'w:abstractNum'))
      definitions.set(definition.getAttribute('w:abstractNumId') ?? '', levelsOf(definition))
    for (const list of childrenOf(numbering, 'w:num')) {
      const definition = valueOf(list, 'w:abstractNumId') ?? ''
      const levels = new Map(definitions.get(definition))
      const restarts = new Map<number, number>()
      for (const override of childrenOf(list, 'w:lvlOverride')) {
        const at = numberOf(override.getAttribute('w:ilvl')) ?? 0
        for (const [, level] of levelsOf(override)) levels.set(at, level)
        const start = numberOf(valueOf(override, 'w:startOverride'))
        if (start !== undefined) restarts.set(at, start)
      }
      this.lists.set(list.getAttribute('w:numId') ?? '', { levels, definition, restarts })
    }
  }

  /** The level of a list that belongs to a style. */
  levelOfStyle(list: string, style: string): number | undefined {
    for (const [at, level] of this.lists.get(list)?.levels ?? []) if (level.style === style) return at
    return undefined
  }

  /** Counts one paragraph; undefined: there is no such list. */
  next(list: string, at: number): Label | undefined {
    const found = this.lists.get(list)
    if (!found) return undefined
    const level = found.levels.get(at) ?? plain
    const counters = this.counters.get(found.definition) ?? []
    this.counters.set(found.definition, counters)
    const restart = found.restarts.get(at)
    if (restart !== undefined && !this.begun.has(`${list} ${at}`)) counters[at] = restart - 1
    this.begun.add(`${list} ${at}`)
    counters[at] = (counters[at] ?? level.start - 1) + 1
    for (let deeper = at + 1; deeper < 9; deeper++) {
      const { restart: after } = found.levels.get(deeper) ?? plain
      if (after === undefined || at < after) counters[deeper] = undefined
    }
    if (level.format === 'bullet') return { text: '-', isBullet: true }
    if (level.format === 'none' && level.text === undefined) return { text: '', isBullet: false }
    const shown = (of: number) => {
      const { format, start } = found.levels.get(of) ?? plain
      return formatted(counters[of] ?? start, level.isLegal ? 'decimal' : format)
    }
    const text = level.text ?? `%${at + 1}.`
    return { text: text.replace(/%([1-9])/g, (_, n: string) => shown(Number(n) - 1)).trim(), isBullet: false }
  }
}

const plain: Level = {
  start: 1,
  format: 'decimal',
  text: undefined,
  isLegal: false,
  restart: undefined,
  style: undefined
}

function levelsOf(definition: TreeElement): Map<number, Level> {
  const levels = new Map<number, Level>()
  for (const level of childrenOf(definition, 'w:lvl'))
    levels.set(numberOf(level.getAttribute('w:ilvl')) ?? 0, {
      start: numberOf(valueOf(level, 'w:start')) ?? 1,
      format: valueOf(level, 'w:numFmt') ?? 'decimal',
      text: valueOf(level, 'w:lvlText'),
      isLegal: childOf(level, 'w:isLgl') !== undefined,
      restart: numberOf(valueOf(level, 'w:lvlRestart')),
      style: valueOf(level, 'w:pStyle')
    })
  return levels
}
