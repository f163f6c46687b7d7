/** Sentences about files of which no text can be had: see failure-words.ts. */
export const failuresOfFiles = {
  notReadHere: '{{name}} is {{what, said}}, which is not read here.',
  notReadHereBut: '{{name}} is {{what, said}}, which is not read here; {{advice, said}}.',
  notAsNamed:
    '{{name}} is not {{what, said}}, whatever its name says: its first bytes are not those of one. Download or export it again; if it is plain text, rename it to .txt.',
  isFolder: '{{path}} is a folder; give the path of a file.',
  isPipe: '{{path}} is a pipe; give the path of a file.',
  isDevice: '{{path}} is a device; give the path of a file.',
  textTooLong:
    '{{name}} has {{size, bytes}}; at most {{most, bytes}} of text can be read as one document. Split it.',
  fileTooLong:
    '{{name}} is {{what, said}} of {{size, bytes}}; at most {{most, bytes}} can be turned into text. Split it, or save it as text.',
  tooMuchText:
    '{{name}} turns into more than {{most, number}} characters of text, more than one document may have. Split it.',
  tooMuchTogether:
    '{{name}} has about {{characters, number}} characters in {{files, number}} files; at most {{most, number}} can be read as one document. Add its folders one by one.',
  tooManyFiles:
    '{{folder}} has more than {{most, number}} files, too many for one document. Add a folder inside it, or name what to leave out in a .gitignore.',
  outOfMemory:
    '{{name}} needs more than {{megabytes, number}} MB of memory to be turned into text. Split it, or save it as text.',
  tooSlow:
    '{{name}} was not turned into text within {{seconds, number}} seconds. Split it, or save it as text.',
  crashed:
    '{{name}} could not be read: the part of the program that turns files into text broke down over it. Save it as text and add that.',
  readStopped: 'Reading {{name}} was stopped.',
  gatherStopped: 'Looking through {{folder}} was stopped.',
  cutWhileRead: '{{path}} was cut short while it was being read. Try again.',
  changedWhileRead:
    '{{path}} was changed while it was being read. Wait until it is complete and start again.',
  noTextHere:
    '{{name}} is not plain text in an encoding that is known here (UTF-8, UTF-16 and the common 8-bit and East Asian ones). Save it as UTF-8 text.',
  emptyFile: '{{name}} holds no text: it is empty.',
  whiteSpace: '{{name}} holds no text, only white space.',
  nestedTooDeeply:
    '{{name}} could not be read: its parts are nested too deeply. Export or download it again, or save it as text.',
  brokeOff:
    '{{name}} could not be read: it is damaged ({{reason}}). Export or download it again, or save it as text.',
  damaged:
    '{{name}} is damaged ({{reason, said}}). It may not have been downloaded or copied as a whole; get it again.',
  damagedRtf: 'what follows its first bytes is not RTF',
  damagedText: 'its text is missing',
  damagedChapters: 'the list of its chapters is missing',
  damagedList: 'its list of files is missing',
  entryLocked: '{{entry}} is locked by a password',
  entryMisplaced: '{{entry}} is not where the list says',
  entryShort: '{{entry}} is cut short',
  entryLonger: '{{entry}} is longer than the list says',
  entryScrambled: '{{entry}} is cut short or scrambled',
  entryUnknown: '{{entry}} is packed in a way that is not known here ({{method}})',
  entryOther: '{{entry}} has another length than the list says',
  entryChecksum: 'the checksum of {{entry}} is another',
  protected:
    '{{name}} is protected by a password. Open it with its password, save a copy without one, and add that.',
  copyProtected:
    "{{name}} is locked by copy protection (DRM), so that only its shop's reader can open it. Get a copy without it.",
  memoryFiller:
    '{{name}} is built to fill the memory: {{packed, bytes}} in it unpack to {{size, bytes}}. It was left alone.',
  unpacksTooLong:
    '{{name}} unpacks to {{size, bytes}} and more; at most {{most, bytes}} can be read. Split it, or save it as text.',
  tooManyParts: '{{name}} holds more than {{most, number}} files, which no document has. Split it.',
  bookOfPictures:
    '{{name}} has no text: its pages are pictures. Recognise their text first (OCR) and add the result.',
  pdfProtected:
    '{{name}} is a PDF protected by a password. Open it with its password, save a copy without one, and add that.',
  pdfOtherProtection:
    '{{name}} is a PDF protected in a way that is not known here. Open it in the program it was made for, save a copy without protection, and add that.',
  pdfDamaged: '{{name}} is a damaged PDF: its pages could not be found. Download or export it again.',
  pdfPagesDamaged_one:
    '{{name}} is a damaged PDF: none of its {{count, number}} page can be read. Download or export it again.',
  pdfPagesDamaged_other:
    '{{name}} is a damaged PDF: none of its {{count, number}} pages can be read. Download or export it again.',
  pdfPictures_one:
    '{{name}} has no text: its {{count, number}} page is a picture, as a scanner makes them. Recognise the text first (OCR), for example with ocrmypdf, and add the result.',
  pdfPictures_other:
    '{{name}} has no text: its {{count, number}} pages are pictures, as a scanner makes them. Recognise the text first (OCR), for example with ocrmypdf, and add the result.',
  pdfEmpty_one: '{{name}} has no text: its {{count, number}} page is empty.',
  pdfEmpty_other: '{{name}} has no text: its {{count, number}} pages are empty.',
  noFileToRead: '{{name}} holds no file that can be read.',
  noneOfFiles: 'None of the {{files, number}} files of {{name}} can be read. {{first, said}}',
  dropIncomplete: 'Of {{path}}, {{arrived, number}} of {{expected, number}} bytes arrived. Send it again.',
  dropLost: 'Nothing of these files has arrived. Drop them again.',
  dropTooLong: '{{path}} is longer than was said or than {{most, bytes}}, the most that is taken.',
  dropName: '{{path}} is not a path below a dropped folder: plain names with "/" between them are expected.',
  notSent:
    '{{name}} could not be sent: it is a folder, cannot be read any more, or the program behind this page has ended.',
  sendStopped: 'Sending the files was stopped; nothing of them was kept.'
} as const satisfies Record<string, string>
