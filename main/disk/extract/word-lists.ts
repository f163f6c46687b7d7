/** Word's way of counting lists, of Word documents and RTF: the label of each paragraph as Word shows it, "2.1", "(a)", "Section 5.b". */
import { formatted } from './list-numbers'

export interface Level {
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

export interface List {
  readonly levels: ReadonlyMap<number, Level>
  /** Lists of one definition count on together. */
  readonly definition: string
  readonly restarts: ReadonlyMap<number, number>
}

export interface Label {
  /** Empty: shown without one. */
  readonly text: string
  readonly isBullet: boolean
}

export class WordLists {
  private readonly counters = new Map<string, (number | undefined)[]>()
  private readonly begun = new Set<string>()

  constructor(private readonly lists: ReadonlyMap<string, List>) {}

  /** The level of a list that belongs to a style. */
  levelOfStyle(list: string, style: string): number | undefined {
    for (const [at, level] of this.lists.get(list)?.levels ?? []) if (level.style === style) return at
    return undefined
  }

  /** Counts one paragraph; undefined: there is no such list. */
  next(list: string, at: number): Label | undefined {
    const found = this.lists.get(list)
    if (!found) return undefined
    const level = found.levels.get(at) ?? plainLevel
    const counters = this.counters.get(found.definition) ?? []
    this.counters.set(found.definition, counters)
    const restart = found.restarts.get(at)
    if (restart !== undefined && !this.begun.has(`${list} ${at}`)) counters[at] = restart - 1
    this.begun.add(`${list} ${at}`)
    counters[at] = (counters[at] ?? level.start - 1) + 1
    for (let deeper = at + 1; deeper < 9; deeper++) {
      const { restart: after } = found.levels.get(deeper) ?? plainLevel
      if (after === undefined || at < after) counters[deeper] = undefined
    }
    if (level.format === 'bullet') return { text: '-', isBullet: true }
    if (level.format === 'none' && level.text === undefined) return { text: '', isBullet: false }
    const shown = (of: number) => {
      const { format, start } = found.levels.get(of) ?? plainLevel
      return formatted(counters[of] ?? start, level.isLegal ? 'decimal' : format)
    }
    const text = level.text ?? `%${at + 1}.`
    return { text: text.replace(/%([1-9])/g, (_, n: string) => shown(Number(n) - 1)).trim(), isBullet: false }
  }
}

/** Of a list that does not say how it counts. */
export const plainLevel: Level = {
  start: 1,
  format: 'decimal',
  text: undefined,
  isLegal: false,
  restart: undefined,
  style: undefined
}
