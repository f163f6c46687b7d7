/** Two models came with the program: what a plan says and offers, the choice for a document, and the reading with the better one. */
import type { Page } from '@playwright/test'
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { writeTwoModels } from '../gpu/testing/two-models'
import { complaints } from './axe'
import { expect, test as base } from './hosts'
import { chat, command, drop, longText, openDialog, picture, ready, row } from './page'

const test = base.extend<{ models: string }>({
  // eslint-disable-next-line no-empty-pattern -- Playwright wants a pattern even where nothing is used.
  models: async ({}, use) => {
    const folder = mkdtempSync(join(tmpdir(), 'readonce-e2e-two-'))
    await writeTwoModels(folder)
    await use(folder)
    rmSync(folder, { recursive: true })
  }
})

const isReadWith = (page: Page, document: string, model: string) =>
  expect(row(page, document)).toContainText(`Read with readonce-${model}`)

interface Speed {
  readonly modelKey: string
  readonly adapter: string
}

/** As if this computer had read a token a second with a model before. */
async function slowDown(library: string, model: string): Promise<void> {
  const file = join(library, 'speeds.json')
  const speeds = (): Speed[] => (JSON.parse(readFileSync(file, 'utf8')) as { readings: Speed[] }).readings
  await expect(() => expect(speeds().length).toBeGreaterThan(0)).toPass()
  const documents = join(library, 'documents')
  const records = readdirSync(documents).map(id => readFileSync(join(documents, id, 'document.json'), 'utf8'))
  const [modelKey] = records.flatMap(text => text.match(new RegExp(`readonce-${model}-[0-9a-f]{12}`)) ?? [])
  expect(modelKey).toBeDefined()
  const { adapter } = speeds()[0]!
  const slow = { modelKey, adapter, tokens: 1000, seconds: 1000, probed: 1, at: new Date().toISOString() }
  const others = speeds().filter(each => each.modelKey !== modelKey)
  writeFileSync(file, JSON.stringify({ readings: [...others, ...Array<typeof slow>(8).fill(slow)] }))
}

test('the better model reads where it is quick enough; elsewhere each is one press and says what it costs', async ({
  app
}) => {
  let { page } = app
  await ready(page)
  await drop(page, { path: 'short.txt', bytes: longText(1500, 1) })
  await isReadWith(page, 'short.txt', 'base')
  await expect(chat(page)).toContainText('readonce-base: What base can do.')
  await expect(chat(page)).not.toContainText('which answers better')

  await slowDown(app.library, 'base')
  await drop(page, { path: 'longer.txt', bytes: longText(1500, 2) })
  await isReadWith(page, 'longer.txt', 'small')
  const better = chat(page).getByRole('button', {
    name: /^Read with readonce-base, which answers better: about .+/
  })
  await expect(better).toBeVisible()
  expect(await complaints(page)).toEqual([])
  await picture(page, 'better-model-light')
  await better.focus()
  await page.keyboard.press('Enter')
  await isReadWith(page, 'longer.txt', 'base')
  await expect(chat(page)).toContainText('readonce-base: What base can do.')
  // What the other one read is there still.
  await command(page, 'longer.txt', 'readonce-small')
  await isReadWith(page, 'longer.txt', 'small')
  await expect(
    chat(page).getByRole('button', { name: 'Ask readonce-base, which has read it too and answers better' })
  ).toBeVisible()
  await app.restart()
  ;({ page } = app)
  await ready(page)
  await isReadWith(page, 'longer.txt', 'small')
  await isReadWith(page, 'short.txt', 'base')

  // Too long for both: it waits for a word.
  await slowDown(app.library, 'small')
  await drop(page, { path: 'long.txt', bytes: longText(1500, 3) })
  const plan = page.locator('.card-plan')
  await expect(plan.getByRole('button')).toHaveText([
    /^Read with readonce-base: .+/,
    /^Read with readonce-small: .+/,
    'Not now'
  ])
  await expect(plan).toContainText('readonce-base answers better, readonce-small reads faster.')
  await expect(plan).toContainText('with readonce-small: ')
  expect(await complaints(page)).toEqual([])
  await pictures(page, 'en')
  const dialog = await openDialog(page, 'Control+,', 'Settings')
  const usual = dialog.getByLabel('Model for new documents')
  await expect(usual).toHaveValue('embedded')
  await expect(usual).toHaveAccessibleDescription(/^Chosen by Readonce: the best one that is quick enough/)
  await picture(page, 'settings-models-light')
  await dialog.getByLabel('Language').selectOption('de')
  await page.keyboard.press('Escape')
  await expect(plan.getByRole('button').first()).toHaveText(/^Mit readonce-base lesen: .+/)
  await pictures(page, 'de')
  await plan.getByRole('button', { name: /^Mit readonce-base lesen/ }).focus()
  await page.keyboard.press('Enter')
  const long = page.getByRole('listitem').filter({ hasText: 'long.txt' })
  await expect(long).toContainText('Gelesen mit readonce-base')
})

/** Wide and narrow, in both themes. */
async function pictures(page: Page, language: string): Promise<void> {
  for (const colorScheme of ['light', 'dark'] as const) {
    await page.emulateMedia({ colorScheme, reducedMotion: 'reduce' })
    for (const [width, height] of [
      [1440, 900],
      [400, 760]
    ] as const) {
      await page.setViewportSize({ width, height })
      // One pane at a time where it is narrow.
      if (width < 720) await page.getByRole('button', { name: 'Text', exact: true }).click()
      await picture(page, `plan-models-${language}-${width}-${colorScheme}`)
    }
  }
  await page.setViewportSize({ width: 1280, height: 800 })
}
