import { expect, test } from 'vitest'
import { noteInEnglish, noteNames, type NoteSaid, noteWords } from '../../contract/note-words'
import { notes as german } from './de/notes'
import i18next from './index'
import { noteSentence } from './note-sentence'

const said: NoteSaid = { name: 'lostParts', values: { count: 1234, which: 'word/a.xml' } }
const note = { kind: 'missing-part', message: noteInEnglish(said), said } as const

test('a note is said in the language of the window', async () => {
  await i18next.changeLanguage('de')
  expect(noteSentence(note)).toBe('1.234 Teile dieses Dokuments fehlen in der Datei: word/a.xml.')
  expect(noteSentence({ ...note, said: { ...said, values: { count: 1, which: 'x' }, file: 'b.docx' } })).toBe(
    'b.docx: 1 Teil dieses Dokuments fehlt in der Datei: x.'
  )
  expect(noteSentence({ ...note, said: { name: 'cutShort', values: {} } })).toMatch(
    /^Diese Datei endet mittendrin/
  )
  await i18next.changeLanguage('en')
  expect(noteSentence(note)).toBe(note.message)
})

test('a note of another version is said as it was written', () => {
  expect(noteSentence({ kind: 'other', message: 'As it was.' })).toBe('As it was.')
  expect(noteSentence({ ...note, said: { ...said, name: 'unheardOf' as 'cutShort' } })).toBe(note.message)
})

test('English sentences are the same on both sides, and every German one names the same values', async () => {
  const values = {
    count: 2,
    of: 3,
    taken: 1,
    which: 'a',
    encoding: 'b',
    declared: 'c',
    certainty: 80,
    line: 4
  }
  for (const name of noteNames as NoteSaid['name'][])
    expect(noteSentence({ kind: 'other', message: 'not said', said: { name, values } })).toBe(
      noteInEnglish({ name, values })
    )
  const placeholders = (sentence: string) => (sentence.match(/\{\{\w+/g) ?? []).sort()
  for (const [name, sentence] of Object.entries(noteWords)) {
    const words = german[name as keyof typeof german]
    expect(words).not.toBe(sentence)
    expect([name, placeholders(words)]).toEqual([name, placeholders(sentence)])
  }
})
