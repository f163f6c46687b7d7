/** What the benchmark says: Markdown tables ready for docs/benchmarks.md, or JSON lines; and bounds with their verdict. */
import type { Output } from '../output'

type Cell = string | number

export class Report {
  /** Bounds that were not met, in words. */
  readonly missed: string[] = []

  constructor(private readonly output: Output) {}

  section(title: string, how: string): void {
    this.output.record({ type: 'section', title, how })
    this.output.say(`\n## ${title}\n\n${how}\n`)
  }

  table(name: string, columns: readonly string[], rows: readonly (readonly Cell[])[]): void {
    for (const row of rows)
      this.output.record({ type: 'row', name, ...Object.fromEntries(columns.map((c, i) => [c, row[i]])) })
    const line = (cells: readonly Cell[]): string => `| ${cells.map(shown).join(' | ')} |\n`
    this.output.say(`\n${line(columns)}|${'---|'.repeat(columns.length)}\n${rows.map(line).join('')}`)
  }

  bound(what: string, found: number, most: number, unit = ''): void {
    this.judge(what, found <= most, `${shown(found)}${unit}, at most ${shown(most)}${unit}`)
  }

  least(what: string, found: number, least: number, unit = ''): void {
    this.judge(what, found >= least, `${shown(found)}${unit}, at least ${shown(least)}${unit}`)
  }

  remark(text: string): void {
    this.output.note(text)
  }

  private judge(what: string, met: boolean, numbers: string): void {
    this.output.record({ type: 'bound', what, met, numbers })
    this.output.say(`\n- ${met ? 'met' : 'NOT MET'}: ${what}: ${numbers}\n`)
    if (!met) this.missed.push(`${what}: ${numbers}`)
  }
}

/** Three digits that matter, thousands grouped. */
function shown(value: Cell): string {
  if (typeof value === 'string') return value
  if (!Number.isFinite(value)) return '-'
  const digits = value === 0 ? 0 : Math.max(0, 2 - Math.floor(Math.log10(Math.abs(value))))
  return value.toLocaleString('en', { maximumFractionDigits: Math.min(4, digits) })
}

export function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b)
  const middle = sorted.length >> 1
  return sorted.length % 2 === 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2
}

/** 4096 as 4K. */
export const inK = (tokens: number): string => (tokens % 1024 === 0 ? `${tokens / 1024}K` : String(tokens))
