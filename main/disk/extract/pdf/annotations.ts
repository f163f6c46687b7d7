/** What was typed into a PDF after it was made: values of form fields, text on the page, notes; and the files attached to it. */
import type { PdfLibrary } from './library'

/** `rect` in the page's own space. */
export interface Typed {
  readonly text: string
  readonly rect: {
    readonly left: number
    readonly top: number
    readonly right: number
    readonly bottom: number
  }
  /** Text of several lines begins at the top; a value stands on the line of its label. */
  readonly isBlock: boolean
  /** A ticked box, whose value may be its label's word. */
  readonly isTick: boolean
}

export interface Annotations {
  readonly typed: Typed[]
  /** Notes that are shown when they are opened. */
  readonly notes: string[]
  readonly attachments: string[]
  readonly hidden: number
}

const kinds = { link: 2, freeText: 3, popup: 16, attachment: 17, widget: 20 } as const
const fields = { checkbox: 2, radio: 3, combo: 4, list: 5, text: 6 } as const
const [hiddenFlag, noViewFlag] = [1 << 1, 1 << 5]
const [multiline, password] = [1 << 12, 1 << 13]
const most = 20_000

export class AnnotationReader {
  /** Asks for values of fields; 0: the document has none. */
  private readonly form: number

  constructor(
    private readonly library: PdfLibrary,
    document: number
  ) {
    const { call } = library
    const info = call.PDFiumExt_OpenFormFillInfo()
    this.form = info === 0 ? 0 : call.PDFiumExt_InitFormFillEnvironment(document, info)
  }

  ofPage(page: number): Annotations {
    const { call } = this.library
    const found: Annotations & { hidden: number } = { typed: [], notes: [], attachments: [], hidden: 0 }
    const count = Math.min(most, call.FPDFPage_GetAnnotCount(page))
    for (let i = 0; i < count; i++) {
      const annotation = call.FPDFPage_GetAnnot(page, i)
      if (annotation === 0) continue
      try {
        this.take(annotation, found)
      } finally {
        call.FPDFPage_CloseAnnot(annotation)
      }
    }
    return found
  }

  /**
   * Puts among the page's objects what annotations show and do not say: captions of buttons, stamps, fields whose value is nowhere but in
   * their picture.
   */
  drawSilent(page: number): void {
    const { call } = this.library
    for (let i = 0, count = call.FPDFPage_GetAnnotCount(page); i < Math.min(most, count);) {
      const annotation = call.FPDFPage_GetAnnot(page, i)
      if (annotation !== 0) {
        if (this.isSilent(annotation)) call.EPDFAnnot_Flatten(page, annotation)
        call.FPDFPage_CloseAnnot(annotation)
      }
      // What was drawn is no annotation any more.
      const left = call.FPDFPage_GetAnnotCount(page)
      if (left >= count) i++
      count = left
    }
  }

  private isSilent(annotation: number): boolean {
    const { call } = this.library
    const kind = call.FPDFAnnot_GetSubtype(annotation)
    if (kind === kinds.link || kind === kinds.popup || kind === kinds.attachment) return false
    if ((call.FPDFAnnot_GetFlags(annotation) & (hiddenFlag | noViewFlag)) !== 0) return false
    if (call.EPDFAnnot_HasAppearanceStream(annotation, 0) === 0) return false
    return (kind === kinds.widget ? this.valueOf(annotation) : this.value(annotation, 'Contents')) === ''
  }

  private take(annotation: number, found: Annotations & { hidden: number }): void {
    const { call } = this.library
    const kind = call.FPDFAnnot_GetSubtype(annotation)
    if (kind === kinds.link || kind === kinds.popup) return
    const text = kind === kinds.widget ? this.valueOf(annotation) : tidy(this.value(annotation, 'Contents'))
    if (kind === kinds.attachment) {
      const file = call.FPDFAnnot_GetFileAttachment(annotation)
      found.attachments.push(file === 0 ? text : attachmentName(this.library, file))
      return
    }
    if (text === '') return
    if ((call.FPDFAnnot_GetFlags(annotation) & (hiddenFlag | noViewFlag)) !== 0) {
      if (!/^\[.\]$/.test(text)) found.hidden++
      return
    }
    if (kind !== kinds.widget && kind !== kinds.freeText) {
      // "Accepted" and the like, set by a reviewer, are a state of another note.
      if (this.value(annotation, 'StateModel') !== '') return
      const author = tidy(this.value(annotation, 'T')).replace(/\n/g, ' ')
      found.notes.push(`[Note${author === '' ? '' : ` by ${author}`}: ${text.replace(/\s*\n\s*/g, ' / ')}]`)
      return
    }
    const [left, top, right, bottom] =
      this.library.floats(4, out => call.FPDFAnnot_GetRect(annotation, out)) ?? []
    if (bottom === undefined) return
    const flags = kind === kinds.widget ? call.FPDFAnnot_GetFormFieldFlags(this.form, annotation) : 0
    const type = kind === kinds.widget ? call.FPDFAnnot_GetFormFieldType(this.form, annotation) : 0
    found.typed.push({
      text,
      rect: { left: left!, top: top!, right: right!, bottom },
      isBlock:
        kind === kinds.freeText ||
        type === fields.list ||
        (type === fields.text && (flags & multiline) !== 0),
      isTick: type === fields.checkbox || type === fields.radio
    })
  }

  private valueOf(annotation: number): string {
    const { call } = this.library
    const { form } = this
    if (form === 0) return ''
    const type = call.FPDFAnnot_GetFormFieldType(form, annotation)
    if (type === fields.checkbox || type === fields.radio) {
      const state = this.value(annotation, 'AS')
      const isOn = call.FPDFAnnot_IsChecked(form, annotation) !== 0 || (state !== '' && state !== 'Off')
      if (!isOn) return '[ ]'
      const exported = this.read((at, length) =>
        call.FPDFAnnot_GetFormFieldExportValue(form, annotation, at, length)
      )
      const value = exported === '' ? state : exported
      return /\p{L}{2}/u.test(value) && !/^(on|off|true|checked|choice ?\d+)$/i.test(value)
        ? tidy(value)
        : '[x]'
    }
    if (type !== fields.text && type !== fields.combo && type !== fields.list) return ''
    if (type === fields.text && (call.FPDFAnnot_GetFormFieldFlags(form, annotation) & password) !== 0)
      return ''
    const options = type === fields.text ? [] : this.optionsOf(annotation)
    // A list shows all that can be chosen, a box that opens only what is.
    if (type === fields.list && options.length > 0)
      return options.map(({ label, isChosen }) => `${isChosen ? '[x]' : '[ ]'} ${label}`).join('\n')
    const chosen = options.filter(({ isChosen }) => isChosen).map(({ label }) => label)
    if (chosen.length > 0) return chosen.join(', ')
    return tidy(this.read((at, length) => call.FPDFAnnot_GetFormFieldValue(form, annotation, at, length)))
  }

  private optionsOf(annotation: number): { label: string; isChosen: boolean }[] {
    const { call } = this.library
    const count = Math.min(most, call.FPDFAnnot_GetOptionCount(this.form, annotation))
    return Array.from({ length: Math.max(0, count) }, (_, i) => ({
      label: tidy(
        this.read((at, length) => call.FPDFAnnot_GetOptionLabel(this.form, annotation, i, at, length))
      ).replace(/\n/g, ' '),
      isChosen: call.FPDFAnnot_IsOptionSelected(this.form, annotation, i) !== 0
    }))
  }

  private read(ask: (at: number, length: number) => number): string {
    return this.library.textOf(ask)
  }

  private value(annotation: number, key: string): string {
    const { call } = this.library
    return this.library.withString(key, name =>
      this.read((at, length) => call.FPDFAnnot_GetStringValue(annotation, name, at, length))
    )
  }
}

const tidy = (text: string) =>
  text
    .replace(/\r\n?/g, '\n')
    .replace(/[^\S\n]+/g, ' ')
    .trim()

function attachmentName(library: PdfLibrary, file: number): string {
  return (
    library.textOf((at, length) => library.call.FPDFAttachment_GetName(file, at, length)).trim() ||
    'without a name'
  )
}

/** Names of the files that lie in the document itself; a portfolio is a cover page and such files. */
export function attachedFiles(library: PdfLibrary, document: number): string[] {
  const { call } = library
  const count = Math.min(most, call.FPDFDoc_GetAttachmentCount(document))
  return Array.from({ length: Math.max(0, count) }, (_, i) => {
    const file = call.FPDFDoc_GetAttachment(document, i)
    return file === 0 ? 'without a name' : attachmentName(library, file)
  })
}
