/** Models from disk, a wrong one, and a budget that evicts what was not used for longest. */
import type { Locator, Page } from '@playwright/test'
import { cpSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, root, test } from './hosts'
import {
  answerText,
  ask,
  command,
  drop,
  isAnswered,
  isRead,
  library,
  longText,
  openDialog,
  picture,
  question,
  ready,
  row,
  sample
} from './page'

const modelFolder = join(root, 'assets/models/small')

async function pickFolder(page: Page, dialog: Locator, folder: string): Promise<void> {
  const chooser = page.waitForEvent('filechooser')
  await dialog.getByRole('button', { name: 'Import a folder' }).click()
  await (await chooser).setFiles(folder)
}

test('a model folder is looked at before anything is copied, then imported, used and removed', async ({
  app: { page, library: folder }
}) => {
  await ready(page)
  const dialog = await openDialog(page, 'Control+Shift+M', 'Models')
  await pickFolder(page, dialog, modelFolder)
  await expect(dialog).toContainText('Fits this computer.')
  await expect(dialog).toContainText(/7\.9 MB, 16-bit weights/)
  await expect(dialog).toContainText(/A text of 100,000 tokens takes/)
  expect(readdirSync(folder)).not.toContain('models')
  await dialog.getByRole('radio', { name: /^4 bits, 3\.2 MB/ }).check()
  await picture(page, 'model-offer-light')
  await dialog.getByRole('button', { name: /^Copy .+ and use it$/ }).click()
  await expect(dialog).toContainText('was imported')
  await expect(dialog.getByRole('listitem')).toHaveCount(2)
  await expect(dialog.getByRole('listitem').first()).toContainText('16-bit weights')
  await picture(page, 'models-light')
  expect(readdirSync(join(folder, 'models', 'small'))).toContain('model.int4.safetensors')
  await dialog.getByRole('button', { name: 'Close' }).click()

  await page.getByRole('button', { name: 'Try the sample' }).click()
  await isRead(page, sample)
  await command(page, sample, /^small$/)
  await expect(row(page, sample)).toContainText('Needs reading again: small (int4) is chosen')
  await row(page, sample)
    .getByRole('button', { name: `Read: ${sample}` })
    .click()
  await expect(row(page, sample)).toContainText('Read with small (int4)')

  await openDialog(page, 'Control+Shift+M', 'Models')
  await dialog.getByRole('listitem').nth(1).getByRole('button', { name: 'Actions for small' }).click()
  await page.getByRole('menuitem', { name: 'Remove' }).click()
  await dialog.getByRole('button', { name: 'Remove' }).click()
  await expect(dialog.getByRole('listitem')).toHaveCount(1)
})

test('how a model is run is chosen: its weights are made once, readings of each way stand beside each other', async ({
  app: { page, library: folder }
}) => {
  await ready(page)
  await page.getByRole('button', { name: 'Try the sample' }).click()
  await isRead(page, sample)
  const dialog = await openDialog(page, 'Control+Shift+M', 'Models')
  const model = dialog.getByRole('listitem').first()
  const open = async (): Promise<Locator> => {
    await model.getByRole('button', { name: /^Actions for/ }).click()
    await page.getByRole('menuitem', { name: 'Precision' }).click()
    return dialog.getByRole('region', { name: /^How .+ is run$/ })
  }
  const choosing = await open()
  await expect(choosing.getByRole('radio', { name: /As in its files: 16 bits, 7\.9 MB/ })).toBeChecked()
  await expect(choosing.getByRole('radio', { name: /16 bits: 38 MB for 100,000 tokens/ })).toBeChecked()
  await choosing.getByRole('radio', { name: /^8 bits, 4\.2 MB/ }).check()
  await choosing.getByRole('radio', { name: /^8 bits: 21 MB for 100,000 tokens/ }).check()
  await picture(page, 'model-precision-light')
  await choosing.getByRole('button', { name: 'Make 4.2 MB and use it' }).click()
  await expect(model).toContainText(/8-bit weights · 8-bit keys and values/)
  const made = readdirSync(join(folder, 'models', '.made-embedded'))
  expect(made).toEqual(['model.int8.safetensors'])
  await dialog.getByRole('button', { name: 'Close' }).click()

  await expect(row(page, sample)).toContainText('Needs reading again')
  await row(page, sample)
    .getByRole('button', { name: `Read: ${sample}` })
    .click()
  await expect(row(page, sample)).toContainText('Read with readonce-small (int8, K/V int8)')
  await ask(page, question)
  await isAnswered(page, answerText)

  await page.keyboard.press('Control+Shift+M')
  const again = await open()
  await expect(again.getByRole('radio', { name: /^8 bits, 4\.2 MB \(made already\)/ })).toBeChecked()
  await again.getByRole('radio', { name: /As in its files/ }).check()
  await again.getByRole('radio', { name: /^16 bits: / }).check()
  await again.getByRole('button', { name: 'Use', exact: true }).click()
  await expect(model).toContainText(/16-bit weights · 16-bit keys and values/)
  const last = await open()
  await last.getByRole('button', { name: 'Delete the weights of 8 bits (4.2 MB)' }).click()
  await expect(last.getByRole('button', { name: /^Delete/ })).toHaveCount(0)
  expect(readdirSync(join(folder, 'models', '.made-embedded'))).toEqual([])
  await dialog.getByRole('button', { name: 'Close' }).click()
  // What was read before serves as it is.
  await expect(row(page, sample)).toContainText('Read with readonce-small')
  await expect(row(page, sample)).not.toContainText('int8')
})

test('a folder that is no model of ours is refused by name and nothing is copied', async ({
  app: { page, library: folder }
}) => {
  await ready(page)
  const dialog = await openDialog(page, 'Control+Shift+M', 'Models')
  const broken = mkdtempSync(join(tmpdir(), 'readonce-model-'))
  cpSync(modelFolder, broken, { recursive: true })
  const params = readFileSync(join(modelFolder, 'params.json'), 'utf8')
  writeFileSync(join(broken, 'params.json'), params.replace('"dim": 192', '"dim": 256'))
  await pickFolder(page, dialog, broken)
  await expect(dialog.getByRole('alert')).toContainText(/cannot be used.*Nothing was copied/s)
  await picture(page, 'model-refused-light')
  expect(readdirSync(folder)).not.toContain('models')
  rmSync(broken, { recursive: true })
})

test('the budget gives up what was not used for longest by a word only, and spares what is pinned', async ({
  app: { page }
}) => {
  await ready(page)
  for (const [i, name] of ['first.txt', 'second.txt'].entries()) {
    await drop(page, { path: name, bytes: longText(500, i + 1) })
    await isRead(page, name)
  }
  await command(page, 'first.txt', 'Keep what was read')
  const dialog = await openDialog(page, 'Control+,', 'Settings')
  await dialog.getByLabel('Room for read documents').fill('0.0013')
  await page.keyboard.press('Enter')
  await picture(page, 'settings-light')
  await dialog.getByRole('button', { name: 'Close' }).click()
  await drop(page, { path: 'third.txt', bytes: longText(500, 3) })
  const card = page.locator('.card-plan')
  await expect(card).toContainText(
    /Room for it is made by giving up what was read of second\.txt \([\d,]+ tokens, about .+ to read again\)/
  )
  await picture(page, 'plan-evicts-light')
  await expect(row(page, 'second.txt')).toContainText('Read with')
  // It waits for a word after a reload too.
  await page.reload()
  await row(page, 'third.txt').click()
  await expect(card).toContainText('giving up what was read of second.txt')
  await expect(row(page, 'second.txt')).toContainText('Read with')
  await card.getByRole('button', { name: 'Read now' }).click()
  await isRead(page, 'third.txt')
  await expect(row(page, 'second.txt')).toContainText('Not read')
  await expect(row(page, 'first.txt')).toContainText('Read with')
  await expect(library(page).locator('.document-row')).toHaveCount(3)
})
