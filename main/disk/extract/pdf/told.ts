/** What a person is told of a PDF besides its text. */
import type { Note, NoteKind } from '../../../../contract/document'
import { failureSaying, type HostFailure } from '../../../../contract/failure'
import { counted, note } from '../document'
import { LeftOut } from '../left-out'
import type { ReadSheet } from './sheet'

const ocr = ' To have them read, recognise their text first (OCR), for example with ocrmypdf.'

export function notesOf(
  sheets: readonly ReadSheet[],
  attachments: readonly string[],
  isForm: boolean
): Note[] {
  const left = new LeftOut()
  left.count(
    'pictures',
    sum(sheets, sheet => sheet.pictures)
  )
  left.count(
    'hidden-text',
    sum(sheets, sheet => sheet.hidden)
  )
  const all = sheets.length
  return [
    ...pagesNote(
      'pictures',
      numbers(sheets, 'picture'),
      all,
      'is a picture without text',
      'are pictures without text',
      ocr
    ),
    ...pagesNote(
      'damaged',
      numbers(sheets, 'broken'),
      all,
      'is damaged and was left out',
      'are damaged and were left out'
    ),
    ...lettersNotes(sheets),
    ...attachmentsNote(attachments),
    ...(isForm
      ? [
          note(
            'structure',
            'This form keeps its words beside its pages (XFA): they were taken from there, in the order of its fields.'
          )
        ]
      : []),
    ...left.notes()
  ]
}

const sum = (sheets: readonly ReadSheet[], of: (sheet: ReadSheet) => number) =>
  sheets.reduce((total, sheet) => total + of(sheet), 0)

/** Of the pages in this state, from 1. */
const numbers = (sheets: readonly ReadSheet[], state: ReadSheet['state']) =>
  sheets.flatMap((sheet, i) => (sheet.state === state ? [i + 1] : []))

function pagesNote(
  kind: NoteKind,
  pages: readonly number[],
  of: number,
  one: string,
  many: string,
  advice = ''
): Note[] {
  if (pages.length === 0) return []
  const which = pages.length <= 12 ? ` (page ${pages.join(', ')})` : ''
  return [
    note(
      kind,
      `${pages.length} of ${counted(of, 'page', 'pages')} ${pages.length === 1 ? one : many}${which}.${advice}`,
      {
        count: pages.length,
        where: `page ${pages.slice(0, 12).join(', ')}`
      }
    )
  ]
}

/** Fonts that do not tell their letters. A few signs of formulas are nothing to speak of. */
function lettersNotes(sheets: readonly ReadSheet[]): Note[] {
  const lost = sum(sheets, sheet => sheet.lost)
  const letters = sum(sheets, sheet => sheet.letters)
  const mended = sum(sheets, sheet => sheet.mended)
  const where = (of: (sheet: ReadSheet) => number) =>
    `page ${sheets
      .flatMap((sheet, i) => (of(sheet) > 0 ? [i + 1] : []))
      .slice(0, 12)
      .join(', ')}`
  const notes: Note[] = []
  if (lost >= 20 || lost > letters / 200)
    notes.push(
      note(
        'unreadable-letters',
        `${counted(lost, 'character', 'characters')} could not be told: this PDF does not say which letters its fonts show. Recognising its text (OCR) may give better results.`,
        { count: lost, where: where(sheet => sheet.lost) }
      )
    )
  if (mended > 0)
    notes.push(
      note(
        'converter',
        `${counted(mended, 'character', 'characters')} of fonts without a table of letters were worked out from their places in the font. Compare them with the pages.`,
        { count: mended, where: where(sheet => sheet.mended) }
      )
    )
  return notes
}

function attachmentsNote(names: readonly string[]): Note[] {
  if (names.length === 0) return []
  const shown = names.slice(0, 12).join(', ') + (names.length > 12 ? ', …' : '')
  const are =
    names.length === 1 ? 'is attached to this PDF and not read' : 'are attached to this PDF and not read'
  return [
    note(
      'attachments',
      `${counted(names.length, 'file', 'files')} ${are}: ${shown}. Save them from a PDF viewer to read them.`,
      {
        count: names.length
      }
    )
  ]
}

export function withoutText(name: string, sheets: readonly ReadSheet[]): HostFailure {
  const pages = sheets.length
  const broken = numbers(sheets, 'broken').length
  const pictures = numbers(sheets, 'picture').length
  if (broken === pages) return failureSaying('unreadable-file', 'pdfPagesDamaged', { name, count: pages })
  return pictures > 0
    ? failureSaying('empty-document', 'pdfPictures', { name, count: pictures })
    : failureSaying('empty-document', 'pdfEmpty', { name, count: pages })
}
