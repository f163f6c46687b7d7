/**
 * Folders of Gemma 4 as they are published, in the window: the mobile one dragged, with keys and values on its grid, read, asked, reopened and
 * given up; the one in BF16 chosen, with weights of four bits made of it.
 */
import type { Page } from '@playwright/test'
import { mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { basename, join } from 'node:path'
import { gemmaFolder } from '../gpu/testing/gemma-folder'
import { expect, test } from './hosts'
import {
  answers,
  ask,
  command,
  drop,
  isRead,
  lastAnswer,
  openDialog,
  picture,
  reader,
  ready,
  row
} from './page'

// Chromium compiles Gemma's kernels for some ten seconds, and a software adapter reads some hundred tokens a second.
const slow = { timeout: 400_000 }
const name = 'letter.txt'
const letter = Array.from(
  { length: 12 },
  (_, i) => `Chapter ${i + 1}. The name of house ${i * 37} was written in the garden.\n\n`
).join('')

/** Written for one test; what it gives removes it. */
function published(kind: 'plain' | 'mobile', folderName: string) {
  const parent = mkdtempSync(join(tmpdir(), 'readonce-gemma-'))
  const folder = join(parent, folderName)
  mkdirSync(folder)
  for (const [file, bytes] of gemmaFolder(kind)) writeFileSync(join(folder, file), bytes)
  return { folder, remove: () => rmSync(parent, { recursive: true }) }
}

/** A folder of this computer dropped on the window, as by the mouse: pages cannot make up folders, browsers can. */
async function dropFolder(page: Page, folder: string): Promise<void> {
  const session = await page.context().newCDPSession(page)
  const data = { items: [], files: [folder], dragOperationsMask: 1 }
  for (const type of ['dragEnter', 'dragOver', 'drop'] as const)
    await session.send('Input.dispatchDragEvent', { type, x: 400, y: 300, data })
  await session.detach()
}

async function readWith(page: Page, model: string | RegExp): Promise<void> {
  await command(page, name, model)
  await row(page, name)
    .getByRole('button', { name: `Read: ${name}` })
    .click()
}

test('a mobile folder that is dragged is called by its name, imported, read and asked with on its own grid, given up', async ({
  app: { page, library }
}) => {
  test.setTimeout(600_000)
  const { folder, remove } = published('mobile', 'gemma-4-tiny-it-qat-mobile')
  const called = basename(folder)
  await ready(page)
  await dropFolder(page, folder)
  const dialog = page.getByRole('dialog', { name: 'Models' })
  await expect(dialog.getByRole('heading', { name: 'Gemma 4, mobile' })).toBeVisible()
  await expect(dialog).toContainText(called)
  await expect(dialog).toContainText('Ready as it lies')
  await expect(dialog).toContainText(/Weights in memory\s*\d+ kB, 4-bit weights/)
  await expect(dialog).toContainText(/100 pages take\s*35 MB of memory, \d+ MB on disk/)
  await expect(dialog.getByRole('radio')).toHaveCount(0)
  await picture(page, 'gemma-mobile-offer-light')
  await dialog.getByRole('button', { name: /^Copy .+ and use it$/ }).click()
  await expect(dialog).toContainText('was imported. To read new documents with it, choose “Use for new')
  remove()

  await dialog.getByRole('button', { name: `Actions for ${called}` }).click()
  await page.getByRole('menuitem', { name: 'Precision' }).click()
  const choosing = dialog.getByRole('region', { name: `How ${called} is run` })
  await expect(choosing).toContainText('run as they lie: no others are made of them')
  await choosing.getByRole('radio', { name: /^8 bits: .*steps that its makers wrote/ }).check()
  await picture(page, 'gemma-mobile-precision-light')
  await choosing.getByRole('button', { name: 'Use', exact: true }).click()
  await expect(choosing).toHaveCount(0)
  await dialog.getByRole('button', { name: 'Close' }).click()

  await drop(page, { path: name, bytes: letter })
  await isRead(page, name)
  await readWith(page, called)
  await expect(row(page, name)).toContainText(`Read with ${called} (K/V int8)`, slow)
  await row(page, name).click()
  await ask(page, 'What was written in the garden?')
  await expect(lastAnswer(page).getByRole('button', { name: 'About this answer' })).toBeVisible(slow)
  await expect(lastAnswer(page)).not.toContainText(/<\||\|>/)
  await picture(page, 'gemma-mobile-answer-light')
  const [document] = readdirSync(join(library, 'documents'))
  const readings = () =>
    readdirSync(join(library, 'documents', document!)).filter(each => /\.pages$/.test(each))
  expect(readings().some(each => /^gemma-4-tiny-it-qat-mobile-[0-9a-f]+-kv8\.pages$/.test(each))).toBe(true)

  // Later nothing is read again, and the places that an answer came from are shown in the text.
  await page.reload()
  await expect(row(page, name)).toContainText(`Read with ${called} (K/V int8)`)
  await ask(page, 'And the name of the house?')
  await expect(answers(page)).toHaveCount(2)
  await expect(lastAnswer(page).getByRole('button', { name: 'About this answer' })).toBeVisible(slow)
  const places = lastAnswer(page).getByRole('list', { name: 'Where the answer looked' })
  await places.getByRole('button').first().click()
  await expect(reader(page).locator('.cm-line [class*=source]').first()).toBeVisible()

  // A budget gives it up for another document; its text and its conversation stay.
  const settings = await openDialog(page, 'Control+,', 'Settings')
  await settings.getByLabel('Room for read documents').fill('0.0006')
  await page.keyboard.press('Enter')
  await settings.getByRole('button', { name: 'Close' }).click()
  await drop(page, { path: 'second.txt', bytes: letter.replaceAll('garden', 'harbour') })
  await row(page, 'second.txt').click()
  const plan = page.locator('.card-plan')
  await expect(plan).toContainText(/giving up what was read of letter\.txt \([\d,]+ tokens/)
  await picture(page, 'gemma-mobile-evicts-light')
  await plan.getByRole('button', { name: 'Read now' }).click()
  await isRead(page, 'second.txt')
  await expect(row(page, name)).toContainText('Not read')
  expect(readings()).toEqual([])
})

test('a folder in BF16 that is chosen is imported with weights of four bits made of it, used and removed', async ({
  app: { page, library }
}) => {
  test.setTimeout(600_000)
  const { folder, remove } = published('plain', 'gemma-4-tiny-it')
  await ready(page)
  const dialog = await openDialog(page, 'Control+Shift+M', 'Models')
  const chooser = page.waitForEvent('filechooser')
  await dialog.getByRole('button', { name: 'Import a folder' }).click()
  await (await chooser).setFiles(folder)
  await expect(dialog.getByRole('heading', { name: 'Gemma 4', exact: true })).toBeVisible()
  await expect(dialog).toContainText('gemma-4-tiny-it')
  await expect(dialog).toContainText('Ready as it lies')
  await expect(dialog).toContainText(/100 pages take/)
  await dialog.getByRole('radio', { name: /^4 bits, / }).check()
  await picture(page, 'gemma-offer-light')
  await dialog.getByRole('button', { name: /^Copy .+ and use it$/ }).click()
  await expect(dialog).toContainText('was imported')
  remove()
  expect(readdirSync(join(library, 'models', 'gemma-4-tiny-it'))).toContain('model.int4.safetensors')
  await dialog.getByRole('button', { name: 'Close' }).click()

  await drop(page, { path: name, bytes: letter })
  await isRead(page, name)
  await readWith(page, /gemma-4-tiny-it/)
  await expect(row(page, name)).toContainText('Read with gemma-4-tiny-it (int4)', slow)
  await row(page, name).click()
  await ask(page, 'What was written in the garden?')
  await expect(lastAnswer(page).getByRole('button', { name: 'About this answer' })).toBeVisible(slow)
  await expect(lastAnswer(page)).not.toContainText('<|')
  await picture(page, 'gemma-answer-light')

  await openDialog(page, 'Control+Shift+M', 'Models')
  await dialog.getByRole('button', { name: 'Actions for gemma-4-tiny-it' }).click()
  await page.getByRole('menuitem', { name: 'Remove' }).click()
  await dialog.getByRole('button', { name: 'Remove' }).click()
  await expect(dialog.getByRole('listitem')).toHaveCount(1)
})
