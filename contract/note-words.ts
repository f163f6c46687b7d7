/**
 * Sentences of notes about a text, in English here, for both sides and the command line; the other languages in renderer/words.
 * `{{name}}` stands for a value, `{{count, number}}` for a number; two forms by `count`: _one and _other.
 */

export const noteWords = {
  pictures_one: '{{count, number}} picture is not read.',
  pictures_other: '{{count, number}} pictures are not read.',
  drawings_one: '{{count, number}} drawing is not read.',
  drawings_other: '{{count, number}} drawings are not read.',
  charts_one: '{{count, number}} chart is not read.',
  charts_other: '{{count, number}} charts are not read.',
  objects_one: '{{count, number}} embedded object is not read.',
  objects_other: '{{count, number}} embedded objects are not read.',
  comments_one: '{{count, number}} comment is not read.',
  comments_other: '{{count, number}} comments are not read.',
  deletedText_one: '{{count, number}} piece of deleted text (tracked changes) is left out.',
  deletedText_other: '{{count, number}} pieces of deleted text (tracked changes) are left out.',
  hiddenText_one: '{{count, number}} piece of hidden text is left out.',
  hiddenText_other: '{{count, number}} pieces of hidden text are left out.',
  embeddedDocuments_one: '{{count, number}} embedded document is not read.',
  embeddedDocuments_other: '{{count, number}} embedded documents are not read.',
  outputs_one: '{{count, number}} output of a cell is not read: a picture or the like.',
  outputs_other: '{{count, number}} outputs of cells are not read: pictures and the like.',
  lostNotes_one: '{{count, number}} footnote or endnote is missing in the file.',
  lostNotes_other: '{{count, number}} footnotes or endnotes are missing in the file.',
  lostParts_one: '{{count, number}} part of this document is missing in the file: {{which}}.',
  lostParts_other: '{{count, number}} parts of this document are missing in the file: {{which}}.',
  damagedParts_one: '{{count, number}} part of this document is damaged: {{which}}.',
  damagedParts_other: '{{count, number}} parts of this document are damaged: {{which}}.',
  cutShort: 'This file ends in the middle: something after the last words is missing.',
  bookLost_one: '{{count, number}} of {{of, number}} parts of this book is missing or damaged ({{which}}).',
  bookLost_other:
    '{{count, number}} of {{of, number}} parts of this book are missing or damaged ({{which}}).',
  bookPictures_one: '{{count, number}} of {{of, number}} parts of this book is a picture without text.',
  bookPictures_other: '{{count, number}} of {{of, number}} parts of this book are pictures without text.',
  contentsPage: 'The page of contents was left out: the outline holds it.',
  noArticle: 'No main text could be told from the rest of this page, so all its text was taken.',
  menus:
    'Menus and the like were left out: {{taken, number}} of {{of, number}} characters were taken. Take the page in as whole text if something is missing.',
  savedParts_one: '{{count, number}} other part that was saved with this page is not read: {{which}}.',
  savedParts_other: '{{count, number}} other parts that were saved with this page are not read: {{which}}.',
  escapes_one: '{{count, number}} letter that the file writes as an escape (\\u…) stands as itself.',
  escapes_other: '{{count, number}} letters that the file writes as escapes (\\u…) stand as themselves.',
  nulHole_one: '{{count, number}} NUL byte was left out: a hole in the file.',
  nulHole_other: '{{count, number}} NUL bytes were left out: a hole in the file.',
  encodingGuessed:
    'The file does not name its encoding: {{encoding}} was guessed (certainty {{certainty, number}}%).',
  encodingWrong:
    'The file says that its encoding is {{declared}}, which it is not: {{encoding}} was guessed (certainty {{certainty, number}}%).',
  mixedAscii_one:
    'The file holds more than one encoding: {{count, number}} byte in it is plain ASCII and was read as that.',
  mixedAscii_other:
    'The file holds more than one encoding: {{count, number}} bytes in it are plain ASCII and were read as that.',
  mixedLines_one:
    'The file holds more than one encoding: {{count, number}} line in it is not UTF-8 and was read as {{encoding}}.',
  mixedLines_other:
    'The file holds more than one encoding: {{count, number}} lines in it are not UTF-8 and were read as {{encoding}}.',
  undecoded_one:
    '{{count, number}} character could not be decoded and stands as \ufffd, in line {{line, number}}.',
  undecoded_other:
    '{{count, number}} characters could not be decoded and stand as \ufffd, the first in line {{line, number}}.',
  pdfPicturePages_one:
    '{{count, number}} of {{of, number}} pages is a picture without text (page {{which}}). To have it read, recognise its text first (OCR), for example with ocrmypdf.',
  pdfPicturePages_other:
    '{{count, number}} of {{of, number}} pages are pictures without text (page {{which}}). To have them read, recognise their text first (OCR), for example with ocrmypdf.',
  pdfDamagedPages_one:
    '{{count, number}} of {{of, number}} pages is damaged and was left out (page {{which}}).',
  pdfDamagedPages_other:
    '{{count, number}} of {{of, number}} pages are damaged and were left out (page {{which}}).',
  pdfForm:
    'This form keeps its words beside its pages (XFA): they were taken from there, in the order of its fields.',
  pdfLostLetters_one:
    '{{count, number}} character could not be told: this PDF does not say which letters its fonts show. Recognising its text (OCR) may give better results.',
  pdfLostLetters_other:
    '{{count, number}} characters could not be told: this PDF does not say which letters its fonts show. Recognising its text (OCR) may give better results.',
  pdfMendedLetters_one:
    '{{count, number}} character of a font without a table of letters was worked out from its place in the font. Compare it with the page.',
  pdfMendedLetters_other:
    '{{count, number}} characters of fonts without a table of letters were worked out from their places in the font. Compare them with the pages.',
  pdfAttachments_one:
    '{{count, number}} file is attached to this PDF and not read: {{which}}. Save it from a PDF viewer to read it.',
  pdfAttachments_other:
    '{{count, number}} files are attached to this PDF and not read: {{which}}. Save them from a PDF viewer to read them.'
} as const satisfies Record<string, string>

type Bare<K> = K extends `${infer Name}_one` | `${infer Name}_other` ? Name : K
export type NoteWord = Bare<keyof typeof noteWords>
export type NoteValues = Readonly<Record<string, string | number>>

/** What a note says, for whoever shows it in the language of the window. */
export interface NoteSaid {
  readonly name: NoteWord
  readonly values: NoteValues
  /** Of several files read as one: which one it is about. */
  readonly file?: string
}

export const noteNames: readonly string[] = [
  ...new Set(Object.keys(noteWords).map(key => key.replace(/_(one|other)$/, '')))
]

/** The sentence in English. */
export function noteInEnglish({ name, values, file }: NoteSaid): string {
  const words = noteWords as Readonly<Record<string, string | undefined>>
  const sentence = words[name] ?? words[`${name}_${values['count'] === 1 ? 'one' : 'other'}`] ?? name
  const said = sentence.replace(/\{\{(\w+)(?:, number)?\}\}/g, (_, key: string) => {
    const value = values[key]
    return typeof value === 'number' ? value.toLocaleString('en-US') : (value ?? '')
  })
  return file === undefined ? said : `${file}: ${said}`
}
