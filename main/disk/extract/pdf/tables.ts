/** Lines with wide gaps, one below the other → rows of a table, with its empty cells and with cells that go on in the next line. */
import { type Cell, gap, type Line, median } from './layout'

/** A row as text; `lines`: how many lines it took. */
export interface Row {
  readonly text: string
  readonly lines: number
}

/** Where a table begins at `lines[from]`: its rows. A table has two rows and two columns at least. */
export function tableAt(lines: readonly Line[], from: number): Row[] | undefined {
  const end = endOf(lines, from)
  const own = lines.slice(from, end)
  if (own.filter(line => line.cells.length > 1).length < 2) return undefined
  const columns = columnsOf(own)
  if (columns.length < 2) return undefined
  const rows: { cells: string[]; lines: number }[] = []
  const steps = own.slice(1).map((line, i) => line.y - own[i]!.y)
  const usual = median(steps.filter(step => step > 0))
  let above: { cells: (Cell | undefined)[]; y: number } | undefined
  for (const line of own) {
    const placed = placeIn(columns, line.cells)
    const last = rows.at(-1)
    if (last && above && goesOn(placed, above.cells, line.y - above.y, usual, line)) {
      placed.forEach((cell, i) => {
        if (cell) last.cells[i] = [last.cells[i], cell.text.trim()].filter(Boolean).join(' ')
      })
      last.lines++
      above = { cells: above.cells.map((cell, i) => placed[i] ?? cell), y: line.y }
    } else {
      rows.push({ cells: placed.map(cell => cell?.text.trim() ?? ''), lines: 1 })
      above = { cells: placed, y: line.y }
    }
  }
  // With an empty cell in it every row shows its borders, or numbers would seem to stand in another column.
  const hasHoles = rows.some(row => row.cells.includes(''))
  return rows.map(({ cells, lines: count }) => ({ text: rowText(cells, hasHoles), lines: count }))
}

/** A label and what is typed behind it belong together. */
function rowText(cells: readonly string[], hasHoles: boolean): string {
  if (!hasHoles) return cells.join(gap).trim()
  let text = ''
  cells.forEach((cell, i) => {
    if (i > 0) text += cells[i - 1]!.endsWith(':') && cell !== '' ? ' ' : ' | '
    text += cell
  })
  return text.trim()
}

/** Rows follow each other closely; single cells may stand between them. */
function endOf(lines: readonly Line[], from: number): number {
  let end = from + 1
  const edges = { x0: lines[from]!.x0, x1: lines[from]!.x1 }
  for (let i = from + 1; i < lines.length; i++) {
    const line = lines[i]!
    const step = line.y - lines[i - 1]!.y
    if (step <= 0 || step > 3.5 * line.size) break
    if (line.cells.length > 1) {
      end = i + 1
      edges.x0 = Math.min(edges.x0, line.x0)
      edges.x1 = Math.max(edges.x1, line.x1)
    } else if (line.x1 - line.x0 > 0.7 * (edges.x1 - edges.x0) || i - end >= 4) break
    else if (line.x0 > edges.x0 + line.size && i === end) end = i + 1
  }
  return end
}

interface Column {
  readonly x0: number
  readonly x1: number
}

/** The columns of the row that has most, widened by the cells of the others that stand in one of them alone. */
function columnsOf(lines: readonly Line[]): Column[] {
  const most = Math.max(...lines.map(line => line.cells.length))
  let columns: Column[] = lines
    .find(line => line.cells.length === most)!
    .cells.map(({ x0, x1 }) => ({ x0, x1 }))
    .sort((a, b) => a.x0 - b.x0)
  for (const line of lines)
    for (const cell of line.cells) {
      const met = columns.flatMap((column, i) =>
        Math.min(column.x1, cell.x1) > Math.max(column.x0, cell.x0) ? [i] : []
      )
      if (met.length === 1)
        columns = columns.map((column, i) =>
          i === met[0] ? { x0: Math.min(column.x0, cell.x0), x1: Math.max(column.x1, cell.x1) } : column
        )
      else if (met.length === 0)
        columns = [...columns, { x0: cell.x0, x1: cell.x1 }].sort((a, b) => a.x0 - b.x0)
    }
  return columns
}

/** Each cell in the column that it shares most with; two in one column become one. */
function placeIn(columns: readonly Column[], cells: readonly Cell[]): (Cell | undefined)[] {
  const placed: (Cell | undefined)[] = columns.map(() => undefined)
  for (const cell of cells) {
    let best = 0
    let most = -Infinity
    columns.forEach((column, i) => {
      const shared = Math.min(column.x1, cell.x1) - Math.max(column.x0, cell.x0)
      if (shared > most + 0.5) {
        most = shared
        best = i
      }
    })
    const there = placed[best]
    placed[best] = there ? { ...there, text: `${there.text} ${cell.text}`, x1: cell.x1 } : cell
  }
  return placed
}

/** A line that has nothing in the first column, closer to the line above than rows are to each other, or a wrapped text. */
function goesOn(
  cells: readonly (Cell | undefined)[],
  above: readonly (Cell | undefined)[],
  step: number,
  usual: number,
  line: Line
): boolean {
  if (cells[0] !== undefined || above[0] === undefined || step <= 0) return false
  const own = cells.flatMap((cell, i) => (cell ? [{ cell, above: above[i] }] : []))
  if (own.length * 2 > cells.length || own.some(pair => pair.above === undefined)) return false
  const isText = own.every(({ cell, above: upper }) => /\p{L}/u.test(cell.text) && /\p{L}/u.test(upper!.text))
  return isText && (step < 0.9 * usual || step < 1.5 * line.size)
}
