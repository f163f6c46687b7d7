/** A folder of Gemma 4 as it is published, chosen in the window: told by name, imported, read with, asked, reopened. */
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { gemmaFolder } from '../gpu/testing/gemma-folder'
import { expect, test } from './hosts'
import { ask, command, isRead, lastAnswer, openDialog, picture, ready, row, sample } from './page'

test('a published Gemma folder is called by its name, imported, and documents are read and asked with it', async ({
  app
}) => {
  test.setTimeout(600_000)
  const { page } = app
  await ready(page)
  const folder = join(mkdtempSync(join(tmpdir(), 'readonce-gemma-')), 'gemma-4-tiny-it')
  mkdirSync(folder)
  for (const [name, bytes] of gemmaFolder()) writeFileSync(join(folder, name), bytes)
  const dialog = await openDialog(page, 'Control+Shift+M', 'Models')
  const chooser = page.waitForEvent('filechooser')
  await dialog.getByRole('button', { name: 'Import a folder' }).click()
  await (await chooser).setFiles(folder)
  await expect(dialog.getByRole('heading', { name: 'Gemma 4' })).toBeVisible()
  await expect(dialog).toContainText('gemma-4-tiny-it')
  await expect(dialog).toContainText('Ready as it lies')
  await expect(dialog).toContainText(/100 pages take/)
  await picture(page, 'gemma-offer-light')
  await dialog.getByRole('button', { name: /^Copy .+ and use it$/ }).click()
  await expect(dialog).toContainText('was imported')
  await dialog.getByRole('button', { name: 'Close' }).click()

  await page.getByRole('button', { name: 'Try the sample' }).click()
  await isRead(page, sample)
  await command(page, sample, /gemma-4-tiny-it/)
  await row(page, sample)
    .getByRole('button', { name: `Read: ${sample}` })
    .click()
  await expect(row(page, sample)).toContainText('Read with gemma-4-tiny-it', { timeout: 400_000 })
  await row(page, sample).click()
  await ask(page, 'What is the special magic Lisbon number?')
  await expect(lastAnswer(page).getByRole('button', { name: 'About this answer' })).toBeVisible({
    timeout: 400_000
  })
  await expect(lastAnswer(page)).not.toContainText('<|')
  await picture(page, 'gemma-answer-light')

  // Later nothing is read again, and it can be removed as any other.
  await page.reload()
  await expect(row(page, sample)).toContainText('Read with gemma-4-tiny-it', { timeout: 60_000 })
  await openDialog(page, 'Control+Shift+M', 'Models')
  await dialog.getByRole('button', { name: 'Actions for gemma-4-tiny-it' }).click()
  await page.getByRole('menuitem', { name: 'Remove' }).click()
  await dialog.getByRole('button', { name: 'Remove' }).click()
  await expect(dialog.getByRole('listitem')).toHaveCount(1)
  rmSync(folder, { recursive: true })
})
