/** Everything that is marked in the text, drawn for the visible part only. */
import { type Range, StateEffect, type Text } from '@codemirror/state'
import {
  Decoration,
  type DecorationSet,
  type EditorView,
  ViewPlugin,
  type ViewUpdate,
  WidgetType
} from '@codemirror/view'
import { firstFrom } from '../../search/count-while'
import type { HighlightSpan } from './highlights'
import type { SoftBreaks } from './soft-breaks'

/** All offsets are UTF-16 units of the text; `breaks` counts them over to the view. */
export interface Marks {
  readonly breaks: SoftBreaks
  /** The place an answer's source pointed to; a new object flashes again. */
  readonly place?: { readonly start: number; readonly end: number }
  readonly sources: readonly HighlightSpan[]
  readonly hits: { readonly starts: Uint32Array; readonly count: number; readonly length: number }
  /** Index of the hit that "next" came to; -1: none. */
  readonly activeHit: number
  readonly headings: { readonly starts: readonly number[]; readonly levels: readonly number[] }
  readonly sheets: readonly number[]
  /** About how far the model has read; absent: all, or nothing. */
  readonly read?: { readonly to: number; readonly label: string }
  readonly look: 'prose' | 'fixed' | 'log'
  readonly sheetLabel: (sheet: number) => string
}

export const setMarks = StateEffect.define<Partial<Marks>>()

export const noHits: Marks['hits'] = { starts: new Uint32Array(0), count: 0, length: 0 }

export const marksPlugin = (initial: Marks) =>
  ViewPlugin.define(view => new VisibleMarks(view, initial), { decorations: plugin => plugin.decorations })

class VisibleMarks {
  decorations: DecorationSet
  #flashes = 0

  constructor(
    view: EditorView,
    private marks: Marks
  ) {
    this.decorations = draw(view, marks, 0)
  }

  update({ transactions, docChanged, viewportChanged, view }: ViewUpdate): void {
    const changes = transactions.flatMap(({ effects }) => effects).filter(effect => effect.is(setMarks))
    for (const { value } of changes) {
      if (value.place && value.place !== this.marks.place) this.#flashes++
      this.marks = { ...this.marks, ...value }
    }
    if (changes.length > 0 || docChanged || viewportChanged)
      this.decorations = draw(view, this.marks, this.#flashes)
  }
}

const hit = Decoration.mark({ class: 'hit' })
const activeHit = Decoration.mark({ class: 'hit active' })
const source = Decoration.mark({ class: 'source' })

const numbered = (number: number): Decoration =>
  Decoration.widget({ widget: new SourceNumber(number), side: -1 })

/** The number of a source before its first word; no part of the text. */
class SourceNumber extends WidgetType {
  constructor(private readonly number: number) {
    super()
  }

  override eq(other: SourceNumber): boolean {
    return other.number === this.number
  }

  override toDOM(): HTMLElement {
    const label = document.createElement('span')
    label.className = 'source-number'
    label.textContent = String(this.number)
    return label
  }
}

// Two names for one animation: only a name that changes begins it again.
const flashes = [Decoration.mark({ class: 'place even' }), Decoration.mark({ class: 'place odd' })]

function draw(view: EditorView, marks: Marks, flashed: number): DecorationSet {
  const { breaks, place, sources, hits } = marks
  const found: Range<Decoration>[] = []
  const { from, to } = view.viewport
  const mark = (span: { start: number; end: number }, decoration: Decoration): void => {
    const start = Math.max(from, breaks.toView(span.start))
    const end = Math.min(to, breaks.endToView(span.end))
    if (start < end) found.push(decoration.range(start, end))
  }
  for (const [index, span] of sources.entries()) {
    mark(span, source)
    const at = breaks.toView(span.start)
    if (at >= from && at <= to) found.push(numbered(span.number ?? index + 1).range(at))
  }
  if (place) mark(place, flashes[flashed % 2]!)

  // Of a very long line the view lays out a part; hits elsewhere in it are not drawn.
  for (const visible of view.visibleRanges) {
    const last = breaks.toText(visible.to)
    let index = firstFrom(hits.starts, hits.count, breaks.toText(visible.from) - hits.length + 1)
    for (; index < hits.count && hits.starts[index]! < last; index++) {
      const start = hits.starts[index]!
      mark({ start, end: start + hits.length }, index === marks.activeHit ? activeHit : hit)
    }
  }
  if (marks.look === 'log') found.push(...levels(view))
  return Decoration.set([...lines(view, marks), ...found], true)
}

const level = {
  error: Decoration.mark({ class: 'log-error' }),
  warning: Decoration.mark({ class: 'log-warning' })
}
const levelWord =
  /\b(?:(FATAL|CRITICAL|SEVERE|PANIC|ERROR)|WARN(?:ING)?)\b|(?<=[[=<"])(?:(fatal|critical|panic|error)|warn(?:ing)?)\b/
/** Behind it stands what happened, in which such words mean nothing. */
const levelWithin = 120

/** The word for how bad it is, in each visible line of a log. */
function levels({ state: { doc }, visibleRanges }: EditorView): Range<Decoration>[] {
  const found: Range<Decoration>[] = []
  for (const { from, to } of visibleRanges)
    for (let line = doc.lineAt(from); ; line = doc.line(line.number + 1)) {
      const word = levelWord.exec(line.text.slice(0, levelWithin))
      if (word) {
        const at = line.from + word.index
        const isError = (word[1] ?? word[2]) !== undefined
        found.push(level[isError ? 'error' : 'warning'].range(at, at + word[0].length))
      }
      if (line.to >= to || line.number === doc.lines) break
    }
  return found
}

/** A row of a table, as extraction writes it; one alone may be anything. */
function isTableRow(doc: Text, number: number): boolean {
  const holds = (each: number): boolean =>
    each >= 1 && each <= doc.lines && doc.line(each).text.slice(0, 400).includes(' | ')
  return holds(number) && (holds(number - 1) || holds(number + 1))
}

/** Every visible line with its own direction, headings, beginnings of printed pages, what is not read yet. */
function lines(
  view: EditorView,
  { breaks, headings, sheets, read, look, sheetLabel }: Marks
): Range<Decoration>[] {
  const { doc } = view.state
  const { from, to } = view.viewport
  const found: Range<Decoration>[] = []
  const readTo = read && breaks.endToView(read.to)
  let heading = firstFrom(headings.starts, headings.starts.length, breaks.toText(from))
  let sheet = firstFrom(sheets, sheets.length, breaks.toText(from))
  for (let line = doc.lineAt(from); ; line = doc.line(line.number + 1)) {
    const classes: string[] = []
    const attributes: Record<string, string> = { dir: 'auto' }
    const end = breaks.toText(line.to)
    for (; heading < headings.starts.length && headings.starts[heading]! <= end; heading++)
      if (classes.length === 0) classes.push('heading', `level-${headings.levels[heading]}`)
    for (; sheet < sheets.length && sheets[sheet]! <= end; sheet++) {
      attributes['data-sheet'] = sheetLabel(sheet + 1)
      if (!classes.includes('sheet')) classes.push('sheet')
    }
    if (look === 'prose' && classes.length === 0 && isTableRow(doc, line.number)) classes.push('table-row')
    if (read && readTo !== undefined) {
      if (line.from > readTo) classes.push('unread')
      else if (readTo <= line.to) {
        classes.push('read-to')
        attributes['data-read'] = read.label
      }
    }
    found.push(Decoration.line({ class: classes.join(' '), attributes }).range(line.from))
    if (line.to >= to || line.number === doc.lines) return found
  }
}
