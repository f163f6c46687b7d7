/**
 * The text on the screen: CodeMirror, read-only, in a shadow root. There it brings its style rules in as an adopted
 * sheet; in the document itself it would add a <style> element, which the content security policy forbids.
 */
import { Compartment, EditorSelection, EditorState, type StateEffect, type Text } from '@codemirror/state'
import { EditorView, keymap, lineNumbers } from '@codemirror/view'
import { countWhile } from '../../search/count-while'
import { type Marks, marksPlugin, noHits, setMarks } from './marks'
import { SoftBreaks } from './soft-breaks'
import styles from './text.css?inline'

interface TextViewOptions {
  /** For screen readers. */
  readonly label: string
  readonly look: 'prose' | 'fixed'
  /** Words for how bad a line of a log is are coloured. */
  readonly isLog: boolean
  readonly sheetLabel: (sheet: number) => string
  /** The offset in the text at the top of the view, after scrolling; at most once a frame. */
  readonly onScroll: (offset: number) => void
}

export class TextView {
  readonly #page = document.createElement('div')
  readonly #view: EditorView
  readonly #wrapping = new Compartment()
  #breaks = new SoftBreaks([])
  #length = 0
  #frame = 0
  #again = 0

  constructor(holder: HTMLElement, options: TextViewOptions) {
    const root = holder.shadowRoot ?? holder.attachShadow({ mode: 'open' })
    const sheet = new CSSStyleSheet()
    sheet.replaceSync(styles)
    root.adoptedStyleSheets = [sheet]
    // Classes of ours are on an element of ours: the editor writes its own anew when the focus comes or goes.
    this.#page.className = options.look
    root.replaceChildren(this.#page)
    this.#view = new EditorView({ root, parent: this.#page, state: this.#stateOf(options) })
    // Meant for the field that this is not.
    for (const name of ['aria-multiline', 'aria-readonly']) this.#view.contentDOM.removeAttribute(name)
    // The editor takes the focus by itself when it is pressed, and that looks as if the keyboard had brought it there.
    this.#page.addEventListener('pointerdown', () => this.#page.classList.add('pressed'))
    this.#page.addEventListener('keydown', () => this.#page.classList.remove('pressed'))
    this.#view.scrollDOM.addEventListener('scroll', () => {
      this.#frame ||= requestAnimationFrame(() => {
        this.#frame = 0
        options.onScroll(this.top())
      })
    })
  }

  #stateOf({ label, look, isLog, sheetLabel }: TextViewOptions): EditorState {
    const marks: Marks = {
      breaks: this.#breaks,
      sources: [],
      hits: noHits,
      activeHit: -1,
      headings: { starts: [], levels: [] },
      sheets: [],
      look: isLog ? 'log' : look,
      sheetLabel
    }
    return EditorState.create({
      extensions: [
        EditorState.readOnly.of(true),
        EditorView.editable.of(false),
        this.#wrapping.of(EditorView.lineWrapping),
        look === 'fixed'
          ? lineNumbers({ formatNumber: (number, { doc }) => this.#numberOf(number, doc) })
          : [],
        EditorView.perLineTextDirection.of(true),
        // A document to be read and no field to be filled in; focusable, so that keys scroll it.
        EditorView.contentAttributes.of({
          role: 'document',
          tabindex: '0',
          'aria-label': label
        }),
        marksPlugin(marks),
        keymap.of([
          { key: 'Mod-a', run: selectAll },
          // The browser's own way to the ends is animated and stops where rows turn out higher than they were taken for.
          ...['Home', 'Mod-Home', 'Cmd-ArrowUp'].map(key => ({ key, run: toStart })),
          ...['End', 'Mod-End', 'Cmd-ArrowDown'].map(key => ({ key, run: toEnd }))
        ]),
        EditorView.domEventHandlers({ copy: event => this.#copy(event) })
      ]
    })
  }

  /** Number of the text's line that is the view's `number`; what a long line was broken into has none. */
  #numberOf(number: number, doc: Text): string {
    // The gutter asks for the widest number there may be, too.
    if (number > doc.lines) return String(number)
    const { from } = doc.line(number)
    const before = this.#breaks.before(from)
    return before > this.#breaks.before(from - 1) ? '' : String(number - before)
  }

  /** Long lines go on in the next row, or out of the view. */
  wrap(isWrapped: boolean): void {
    this.#page.classList.toggle('one-row', !isWrapped)
    this.#view.dispatch({
      effects: this.#wrapping.reconfigure(isWrapped ? EditorView.lineWrapping : [])
    })
  }

  /** Adds to the end; `breaks` are those of the whole text so far. */
  append(text: Text, breaks: readonly number[]): void {
    this.#breaks = new SoftBreaks(breaks)
    this.#view.dispatch({
      changes: { from: this.#view.state.doc.length, insert: text },
      effects: setMarks.of({ breaks: this.#breaks })
    })
    this.#length = this.#breaks.toText(this.#view.state.doc.length)
    this.#page.classList.toggle('paragraphs', hasParagraphLines(this.#view.state.doc))
  }

  /** UTF-16 units of the text that are here. */
  get length(): number {
    return this.#length
  }

  mark(marks: Partial<Marks>): void {
    this.#view.dispatch({ effects: setMarks.of(marks) })
  }

  /** Scrolls so that the line with `offset` is the first. */
  jump(offset: number): void {
    const position = this.#breaks.toView(this.#within(offset))
    this.#scroll(() => EditorView.scrollIntoView(position, { y: 'start', yMargin: 20 }))
  }

  /** Brings a span to the middle; of one that is taller than the view, its beginning to the top. */
  reveal(start: number, end: number): void {
    const from = this.#breaks.toView(this.#within(start))
    const to = Math.max(from, this.#breaks.endToView(this.#within(end)))
    const range = EditorSelection.range(to, from)
    this.#scroll(() => EditorView.scrollIntoView(range, { y: 'center' }))
  }

  /**
   * Twice: the first time rows are taken for as high as their like, and within a very long line that can be
   * a whole window off; a frame later those around the place have been measured.
   */
  #scroll(effect: () => StateEffect<unknown>): void {
    this.#view.dispatch({ effects: effect() })
    cancelAnimationFrame(this.#again)
    this.#again = requestAnimationFrame(() => this.#view.dispatch({ effects: effect() }))
  }

  /** The offset about in the first row that is wholly visible: where `jump` puts what it is asked for. */
  top(): number {
    const view = this.#view
    const height = view.scrollDOM.getBoundingClientRect().top - view.documentTop + view.defaultLineHeight
    const block = view.lineBlockAtHeight(height)
    // Within a paragraph of many rows, about where the row lies.
    const share = Math.min(1, Math.max(0, (height - block.top) / block.height))
    return this.#breaks.toText(block.from + Math.floor(block.length * share))
  }

  /** Number of the line in the text, from 1, and how many there are. */
  lineAt(offset: number): { readonly line: number; readonly lines: number } {
    const { doc } = this.#view.state
    const { number, from } = doc.lineAt(this.#breaks.toView(this.#within(offset)))
    return { line: number - this.#breaks.before(from), lines: doc.lines - this.#breaks.at.length }
  }

  /** Offset in the text where a line, counted from 1, begins. */
  startOfLine(line: number): number {
    const { doc } = this.#view.state
    // Breaks for display are lines of the view, too: the first of its lines that belongs to the one sought.
    const number =
      1 +
      countWhile(doc.lines - 1, index => {
        const { from } = doc.line(index + 1)
        return index + 1 - this.#breaks.before(from) < line
      })
    return this.#breaks.toText(doc.line(number).from)
  }

  /** The text between two offsets; line breaks as "\n". */
  slice(start: number, end: number): string {
    const { doc } = this.#view.state
    const from = this.#within(start)
    const to = this.#within(end)
    let text = ''
    let position = from
    for (let index = this.#breaks.before(this.#breaks.toView(from)); ; index++) {
      const at = this.#breaks.at[index]
      if (at === undefined || at >= to) break
      text += doc.sliceString(this.#breaks.toView(position), this.#breaks.endToView(at))
      position = at
    }
    return text + doc.sliceString(this.#breaks.toView(position), this.#breaks.endToView(to))
  }

  /** After a change of the type's size. */
  measure(): void {
    this.#view.requestMeasure()
  }

  focus(): void {
    this.#view.focus()
  }

  destroy(): void {
    cancelAnimationFrame(this.#frame)
    cancelAnimationFrame(this.#again)
    this.#view.destroy()
  }

  #within(offset: number): number {
    return Math.min(Math.max(0, offset), this.#length)
  }

  /** What is copied is the text, without the breaks that were made for display. */
  #copy(event: ClipboardEvent): boolean {
    const { from, to } = this.#view.state.selection.main
    if (from === to || !event.clipboardData) return false
    event.preventDefault()
    event.clipboardData.setData('text/plain', this.slice(this.#breaks.toText(from), this.#breaks.toText(to)))
    return true
  }
}

/** Whether a line is a paragraph, as in books of our time, and no row of one; paragraphs are set apart. */
function hasParagraphLines(doc: Text): boolean {
  const lines = [...doc.iterLines(1, Math.min(doc.lines, 400) + 1)].filter(line => line.trim() !== '')
  const units = lines.reduce((sum, { length }) => sum + length, 0)
  // Rows that were broken by hand are 60 to 80 characters long.
  return lines.length > 0 && units / lines.length > 110
}

function toStart(view: EditorView): boolean {
  view.dispatch({ effects: EditorView.scrollIntoView(0, { y: 'start', yMargin: 1000 }) })
  return true
}

function toEnd(view: EditorView): boolean {
  view.dispatch({ effects: EditorView.scrollIntoView(view.state.doc.length, { y: 'end', yMargin: 80 }) })
  return true
}

function selectAll(view: EditorView): boolean {
  view.dispatch({ selection: { anchor: 0, head: view.state.doc.length } })
  return true
}
