/** What a person is told of a PDF besides its text. */
import type { Note, NoteKind } from '../../../../contract/document'
import { failureSaying, type HostFailure } from '../../../../contract/failure'
import type { NoteWord } from '../../../../contract/note-words'
import { noteSaying } from '../document'
import { LeftOut } from '../left-out'
import type { ReadSheet } from './sheet'

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
    ...pagesNote('pictures', 'pdfPicturePages', numbers(sheets, 'picture'), all),
    ...pagesNote('damaged', 'pdfDamagedPages', numbers(sheets, 'broken'), all),
    ...lettersNotes(sheets),
    ...attachmentsNote(attachments),
    ...(isForm ? [noteSaying('structure', 'pdfForm')] : []),
    ...left.notes()
  ]
}

const sum = (sheets: readonly ReadSheet[], of: (sheet: ReadSheet) => number) =>
  sheets.reduce((total, sheet) => total + of(sheet), 0)

/** Of the pages in this state, from 1. */
const numbers = (sheets: readonly ReadSheet[], state: ReadSheet['state']) =>
  sheets.flatMap((sheet, i) => (sheet.state === state ? [i + 1] : []))

function pagesNote(kind: NoteKind, word: NoteWord, pages: readonly number[], of: number): Note[] {
  if (pages.length === 0) return []
  const which = firstOf(pages)
  return [noteSaying(kind, word, { count: pages.length, of, which }, `page ${which}`)]
}

const firstOf = (all: readonly (string | number)[]) =>
  all.slice(0, 12).join(', ') + (all.length > 12 ? ', …' : '')

/** Fonts that do not tell their letters. A few signs of formulas are nothing to speak of. */
function lettersNotes(sheets: readonly ReadSheet[]): Note[] {
  const lost = sum(sheets, sheet => sheet.lost)
  const letters = sum(sheets, sheet => sheet.letters)
  const mended = sum(sheets, sheet => sheet.mended)
  const where = (of: (sheet: ReadSheet) => number) =>
    `page ${firstOf(sheets.flatMap((sheet, i) => (of(sheet) > 0 ? [i + 1] : [])))}`
  const notes: Note[] = []
  if (lost >= 20 || lost > letters / 200)
    notes.push(
      noteSaying(
        'unreadable-letters',
        'pdfLostLetters',
        { count: lost },
        where(sheet => sheet.lost)
      )
    )
  if (mended > 0)
    notes.push(
      noteSaying(
        'converter',
        'pdfMendedLetters',
        { count: mended },
        where(sheet => sheet.mended)
      )
    )
  return notes
}

const attachmentsNote = (names: readonly string[]): Note[] =>
  names.length === 0
    ? []
    : [noteSaying('attachments', 'pdfAttachments', { count: names.length, which: firstOf(names) })]

export function withoutText(name: string, sheets: readonly ReadSheet[]): HostFailure {
  const pages = sheets.length
  const broken = numbers(sheets, 'broken').length
  const pictures = numbers(sheets, 'picture').length
  if (broken === pages) return failureSaying('unreadable-file', 'pdfPagesDamaged', { name, count: pages })
  return pictures > 0
    ? failureSaying('empty-document', 'pdfPictures', { name, count: pictures })
    : failureSaying('empty-document', 'pdfEmpty', { name, count: pages })
}
