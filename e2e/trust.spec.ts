/** Nothing looks surer than it is: what comes first, what is claimed, what stands behind an answer. */
import type { Locator, Page } from '@playwright/test'
import { cpSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, root, test } from './hosts'
import {
  answerText,
  ask,
  chat,
  dropAndRead,
  isAnswered,
  lastAnswer,
  openDialog,
  picture,
  question,
  ready
} from './page'

const passages = (page: Page): Locator =>
  lastAnswer(page).getByRole('list', { name: 'Where the answer looked' })
const chips = (page: Page): Locator =>
  lastAnswer(page).getByRole('group', { name: 'Where the answer looked' }).getByRole('button')
const top = async (it: Locator): Promise<number> => (await it.first().boundingBox())!.y

test('sure: the answer first; unsure: the passages; a silent one shows no support', async ({
  app: { page }
}) => {
  await ready(page)
  await dropAndRead(page)
  // What the model can do, before anything is asked.
  await expect(chat(page)).toContainText(/readonce-small: It finds single facts in English texts/)
  await ask(page, question)
  await isAnswered(page, answerText)
  await expect(chips(page).first()).toBeVisible()
  await expect(lastAnswer(page)).not.toContainText('Not sure')
  // The outline is fetched with the first answer.
  await expect(chips(page).last().locator('.where')).toHaveText(/^at \d+% of the text$/)
  const labels = await chips(page).locator('.where').allInnerTexts()
  expect(labels.every(label => /\d% of the text$/.test(label))).toBe(true)
  expect(new Set(labels).size).toBe(labels.length)
  expect((await chips(page).first().boundingBox())!.width).toBeGreaterThan(300)
  // The passage of a chip leaves the answer in sight.
  await chips(page).first().focus()
  const answer = (await lastAnswer(page).locator('.words').boundingBox())!
  const tip = (await lastAnswer(page).locator('.passage:popover-open').boundingBox())!
  const covered = tip.y < answer.y + answer.height && tip.x < answer.x + answer.width
  expect(covered && tip.y + tip.height > answer.y && tip.x + tip.width > answer.x).toBe(false)
  await page.keyboard.press('Escape')
  for (const [width, colorScheme] of [
    [1440, 'light'],
    [1440, 'dark']
  ] as const) {
    await page.emulateMedia({ colorScheme })
    await page.setViewportSize({ width, height: 900 })
    await picture(page, `sure-${width}-${colorScheme}`)
  }
  await page.emulateMedia({ colorScheme: 'light' })

  await ask(page, 'Who gave the keeper his silver watch?')
  await isAnswered(page, 'Not sure: the model’s words are more often wrong than right here.')
  await expect(passages(page).getByRole('listitem')).not.toHaveCount(0)
  expect(await top(passages(page))).toBeLessThan(await top(lastAnswer(page).locator('.words')))
  await expect(chips(page)).toHaveCount(0)
  for (const [width, colorScheme] of [
    [1440, 'light'],
    [1440, 'dark'],
    [900, 'light'],
    [400, 'dark']
  ] as const) {
    await page.emulateMedia({ colorScheme })
    await page.setViewportSize({ width, height: 900 })
    if (width === 400)
      await page
        .getByRole('navigation', { name: 'Panes' })
        .getByRole('button', { name: 'Conversation' })
        .click()
    await picture(page, `unsure-${width}-${colorScheme}`)
  }
  await page.setViewportSize({ width: 1280, height: 800 })

  await ask(page, 'What colour is the keeper’s car?')
  await isAnswered(page, 'The document does not say.')
  await isAnswered(page, 'no proof that nothing is there')
  await expect(chips(page)).toHaveCount(0)
  await expect(passages(page)).toHaveCount(0)
  await expect(page.locator('.cm-line [class*=source]')).toHaveCount(0)

  await ask(page, 'How many times is Agnes mentioned?')
  await isAnswered(page, /Exact search: \d places with “Agnes”/)
  await picture(page, 'counted-light')
})

test('without readonce.json nothing is claimed: passages first, and only what a search answers is suggested', async ({
  app: { page }
}) => {
  const folder = mkdtempSync(join(tmpdir(), 'readonce-bare-'))
  const bare = join(folder, 'bare')
  cpSync(join(root, 'assets/models/small'), bare, { recursive: true })
  rmSync(join(bare, 'readonce.json'))
  await ready(page)
  const dialog = await openDialog(page, 'Control+Shift+M', 'Models')
  const chooser = page.waitForEvent('filechooser')
  await dialog.getByRole('button', { name: 'Import a folder' }).click()
  await (await chooser).setFiles(bare)
  await dialog.getByRole('button', { name: /^Copy .+ and use it$/ }).click()
  await expect(dialog).toContainText('was imported')
  rmSync(folder, { recursive: true })
  await dialog.getByRole('button', { name: 'Actions for bare' }).click()
  await page
    .getByRole('menuitem', { name: 'Use for new documents' })
    .or(page.getByRole('menuitemcheckbox', { name: 'Use for new documents' }))
    .or(page.getByRole('menuitemradio', { name: 'Use for new documents' }))
    .click()
  await dialog.getByRole('button', { name: 'Close' }).click()
  await page.getByRole('button', { name: 'Try the sample' }).click()
  await expect(page.getByText('Enter asks')).toBeVisible({ timeout: 60_000 })
  await expect(chat(page)).not.toContainText('It finds single facts')
  await expect(chat(page).getByRole('button', { name: question })).toHaveCount(0)
  await ask(page, question)
  await isAnswered(page, 'How far this model can be trusted was not measured.')
  expect(await top(passages(page))).toBeLessThan(await top(lastAnswer(page).locator('.words')))
  await expect(lastAnswer(page)).not.toContainText('Not sure')
})
