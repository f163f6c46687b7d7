/** What can be dropped, what is refused, and what happens when the file changes. */
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { writeSampleFiles } from '../main/disk/extract/testing/sample-files'
import { expect, test } from './hosts'
import {
  answerText,
  ask,
  drop,
  isAnswered,
  isRead,
  library,
  longText,
  openDialog,
  picture,
  question,
  reader,
  ready,
  row
} from './page'

let folder: string
test.beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'readonce-files-'))
  await writeSampleFiles(folder)
})
test.afterAll(() => rmSync(folder, { recursive: true }))

test('every format becomes text that is read', async ({ app: { page } }) => {
  test.slow()
  await ready(page)
  const names = readdirSync(folder)
  expect(names.length).toBeGreaterThan(10)
  for (const name of names) {
    await drop(page, { path: name, bytes: readFileSync(join(folder, name)) })
    const html = page.getByRole('dialog')
    if (await html.isVisible()) await html.getByRole('button', { name: 'Add' }).click()
    await isRead(page, name)
    await expect(reader(page)).toContainText(/Lisbon/)
  }
  await picture(page, 'all-formats-light')
})

test('what is no document is refused in words, and the library stays as it was', async ({
  app: { page }
}) => {
  await ready(page)
  const pdf = readFileSync(
    join(
      folder,
      readdirSync(folder).find(name => name.endsWith('.pdf'))!
    )
  )
  for (const [path, bytes, words] of [
    ['holiday.png', Buffer.from('\x89PNG\r\n\x1a\n\0\0\0\0', 'latin1'), /holiday\.png is a PNG picture/],
    ['empty.txt', Buffer.from(''), /empty\.txt holds no text: it is empty/],
    ['<b>noise.bin', Buffer.from(Array.from({ length: 4000 }, (_, i) => (i * 37) & 255)), /noise/],
    ['broken.pdf', pdf.subarray(0, 200), /broken\.pdf/],
    ['broken.docx', Buffer.from('PK\x03\x04 nothing behind it'), /broken\.docx/]
  ] as const) {
    await drop(page, { path, bytes })
    await expect(page.getByRole('alert').filter({ hasText: words }).first()).toBeVisible()
  }
  await picture(page, 'refused-light')
  await expect(library(page).locator('.document-row')).toHaveCount(0)
  await expect(page.locator('b', { hasText: 'noise' })).toHaveCount(0)
})

test('a German window says in German why a damaged file of each format is not read', async ({
  app: { page }
}) => {
  await ready(page)
  const dialog = await openDialog(page, 'Control+,', 'Settings')
  await dialog.getByLabel('Language').selectOption('de')
  await page.keyboard.press('Escape')
  const whole = (format: string): Buffer => readFileSync(join(folder, `sample.${format}`))
  for (const [path, bytes, words] of [
    ['kaputt.pdf', whole('pdf').subarray(0, 200), 'kaputt.pdf ist ein beschädigtes PDF'],
    ['kaputt.docx', whole('docx').subarray(0, 200), 'kaputt.docx ist beschädigt (die Liste der Dateien'],
    ['kaputt.epub', whole('epub').subarray(0, 200), 'kaputt.epub ist beschädigt (die Liste der Dateien'],
    ['kaputt.odt', whole('odt').subarray(0, 300), 'kaputt.odt ist beschädigt (die Liste der Dateien'],
    ['kaputt.rtf', Buffer.from('{\\rtf1 \x01\x02\x03\x04\x05'.repeat(9)), 'kaputt.rtf ist beschädigt ('],
    ['kaputt.html', Buffer.from('<html><body> </body></html>'), 'kaputt.html enthält keinen Text'],
    ['kaputt.ipynb', Buffer.from('{"cells":[],"nbformat":4}'), 'kaputt.ipynb enthält keinen Text'],
    ['leer.txt', Buffer.from(''), 'leer.txt enthält keinen Text: Die Datei ist leer.'],
    ['bild.png', Buffer.from('\x89PNG\r\n\x1a\n\0\0\0\0', 'latin1'), 'bild.png ist ein PNG-Bild'],
    ['name.pdf', Buffer.from('no PDF at all'), 'name.pdf ist nicht ein PDF']
  ] as const) {
    await drop(page, { path, bytes })
    await expect(page.getByRole('alert').filter({ hasText: words }).first()).toBeVisible()
  }
  await expect(page.getByRole('alert').filter({ hasText: /\b(is|not|read|file)\b/ })).toHaveCount(0)
  await picture(page, 'refused-german-light')
  await expect(library(page).locator('.document-row')).toHaveCount(0)
})

test('the file changed on disk: the beginning is kept and only the rest is read', async ({ app }) => {
  const path = join(app.library, '..', `${app.library.split('/').at(-1)}-report.txt`)
  const before = longText(400)
  writeFileSync(path, before)
  try {
    await ready(app.page)
    await app.restart(path)
    const { page } = app
    const name = path.split('/').at(-1)!
    await isRead(page, name)
    writeFileSync(path, `${before}\n\nThe special magic Oslo number is 7311.\n`)
    await expect(row(page, name)).toContainText('the file changed')
    await picture(page, 'changed-light')
    await row(page, name)
      .getByRole('button', { name: /^Read the change/ })
      .click()
    await isRead(page, name)
    await ask(page, 'What is the special magic Oslo number?')
    await isAnswered(page, '7311')
    await expect(library(page).locator('.document-row')).toHaveCount(1)
  } finally {
    rmSync(path, { force: true })
  }
})

test('a guessed encoding can be changed, and changed back', async ({ app }) => {
  const path = join(folder, 'letter.txt')
  writeFileSync(
    path,
    Buffer.from('Der Wächter öffnete die Tür. Über den Dächern lag Nebel.\n'.repeat(3), 'latin1')
  )
  await ready(app.page)
  await app.restart(path)
  const { page } = app
  await isRead(page, 'letter.txt')
  await reader(page).getByText('A note about this text').click()
  const encoding = reader(page).getByRole('combobox', { name: /^Encoding/ })
  await expect(encoding).toHaveValue('windows-1252')
  await picture(page, 'encoding-light')
  await encoding.selectOption('windows-1251')
  await expect(reader(page)).toContainText('Wдchter')
  await reader(page).getByText('A note about this text').click()
  await expect(reader(page).getByText('The encoding of this text was chosen by you.')).toBeVisible()
  await encoding.selectOption('windows-1252')
  await expect(reader(page)).toContainText('Wächter')
  rmSync(path)
})

test('several files as one document, with a heading for each', async ({ app: { page } }) => {
  await ready(page)
  await drop(
    page,
    { path: 'one.md', bytes: '# One\n\nThe first file speaks of boats.' },
    { path: 'two.md', bytes: '# Two\n\nThe special magic Lisbon number is 4821.' }
  )
  const dialog = page.getByRole('dialog', { name: 'Add 2 files' })
  await dialog.getByLabel('As one document').check()
  await picture(page, 'add-dialog-light')
  await dialog.getByRole('textbox', { name: 'Name' }).fill('both')
  await dialog.getByRole('button', { name: 'Add', exact: true }).click()
  await isRead(page, 'both')
  await expect(reader(page)).toContainText('one.md')
  await expect(reader(page)).toContainText('two.md')
  await ask(page, question)
  await isAnswered(page, answerText)
})
