import { expect, test } from 'vitest'
import { failureSaying } from '../../contract/failure'
import { type FailureWord, failureWords, inEnglish, type Said } from '../../contract/failure-words'
import { failures as german } from './de/failures'
import { failureHere, failureSentence } from './failure-sentence'
import i18next from './index'

const pdf: Said = { name: 'kindPdf', values: {} }
/** A value for every placeholder that any sentence has. */
const values = (sentence: string): Said['values'] =>
  Object.fromEntries(
    [...sentence.matchAll(/\{\{(\w+)(?:, (\w+))?\}\}/g)].map(([, name, format]) => [
      name,
      format === 'said' ? pdf : format === undefined ? `<${name}>` : 1234
    ])
  )

test('what a file is and what to do with it are said in the language of the window', async () => {
  await i18next.changeLanguage('de')
  const { message, said } = failureSaying('unsupported-file', 'notReadHereBut', {
    name: 'a.zip',
    what: { name: 'kindZip', values: {} },
    advice: { name: 'adviceUnpack', values: {} }
  })
  expect(failureSentence(message, said)).toBe(
    'a.zip ist ein ZIP-Archiv, und das wird hier nicht gelesen; entpacken Sie es vorher.'
  )
  expect(message).toBe('a.zip is a ZIP archive, which is not read here; unpack it first.')
  const pages = failureSaying('empty-document', 'pdfPictures', { name: 'b.pdf', count: 1200 })
  expect(failureSentence(pages.message, pages.said)).toMatch(/^b\.pdf hat keinen Text: Die 1\.200 Seiten/)
  expect(pages.message).toMatch(/^b\.pdf has no text: its 1,200 pages are pictures/)
  const first = { name: 'whiteSpace', values: { name: 'c.txt' } } as const
  const none = failureSaying('empty-document', 'noneOfFiles', { name: 'folder', files: 2, first })
  expect(failureSentence(none.message, none.said)).toMatch(/ c\.txt enthält keinen Text, nur Leerraum\.$/)
  expect(failureHere('cancelled', 'sendStopped', {}).message).toMatch(/^Das Senden/)
  await i18next.changeLanguage('en')
})

test('a failure of another version is said as it came', () => {
  expect(failureSentence('As it came.', { name: 'unheardOf', values: {} })).toBe('As it came.')
  expect(failureSentence('As it came.', undefined)).toBe('As it came.')
})

test('English is the same on both sides; every German sentence is another and names the same values', async () => {
  const placeholders = (sentence: string) => (sentence.match(/\{\{\w+(, \w+)?/g) ?? []).sort()
  for (const [name, sentence] of Object.entries(failureWords)) {
    const words = german[name as keyof typeof german]
    if (/[a-z]{4}/.test(sentence.replace(/\{\{.*?\}\}/g, ''))) expect(words).not.toBe(sentence)
    expect([name, placeholders(words)]).toEqual([name, placeholders(sentence)])
    const bare = name.replace(/_(one|other)$/, '') as FailureWord
    const given = { ...values(sentence), ...(name.endsWith('_one') ? { count: 1 } : {}) }
    await i18next.changeLanguage('en')
    expect(failureSentence('not said', { name: bare, values: given })).toBe(inEnglish(bare, given))
    await i18next.changeLanguage('de')
    expect(failureSentence('not said', { name: bare, values: given })).not.toMatch(/\{\{|undefined|not said/)
  }
  await i18next.changeLanguage('en')
})
