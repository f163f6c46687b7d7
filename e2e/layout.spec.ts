/** Where things stand, measured in the real page: panes by width, the library as an overlay, what must not move. */
import type { Locator, Page } from '@playwright/test'
import { complaints } from './axe'
import { expect, test } from './hosts'
import { chat, drop, dropAndRead, library, picture, reader, ready, row, sample } from './page'

const box = async (found: Locator) => (await found.boundingBox())!
const libraryButton = (page: Page) => page.getByRole('banner').getByRole('button', { name: /the library$/ })

test('700 to 1,100 pixels: text and conversation side by side, the library over them by button, key, Escape and a press beside it', async ({
  app: { page }
}) => {
  await ready(page)
  await dropAndRead(page)
  for (const [width, height] of [
    [1440, 900],
    [1000, 760],
    [900, 760],
    [820, 760],
    // A laptop of 1440 by 900 at 200% zoom.
    [720, 450]
  ] as const) {
    await page.setViewportSize({ width, height })
    await expect(reader(page)).toBeVisible()
    await expect(chat(page)).toBeVisible()
    const [text, talk] = [await box(reader(page)), await box(chat(page))]
    expect(text.x + text.width, `${width}: side by side`).toBeLessThanOrEqual(talk.x + 1)
    expect(text.width, `${width}: the text has the larger part`).toBeGreaterThan(talk.width)
    if (width <= 1000) expect(text.width + talk.width, `${width}: all of it`).toBeGreaterThan(width - 4)
    expect(text.height, `${width}: bars take little`).toBeGreaterThan(height - 72)
    if (width === 1440) await expect(library(page)).toBeVisible()
    else await expect(library(page)).toBeHidden()
  }

  await libraryButton(page).click()
  await expect(library(page)).toBeVisible()
  await expect(row(page, sample).getByRole('button').first()).toBeFocused()
  expect.soft(await complaints(page)).toEqual([])
  await picture(page, 'library-over-720-light')
  await page.keyboard.press('Escape')
  await expect(library(page)).toBeHidden()
  await expect(libraryButton(page)).toBeFocused()

  const question = page.getByRole('textbox', { name: 'Ask about this document' })
  await question.focus()
  await page.keyboard.press('Control+1')
  await expect(row(page, sample).getByRole('button').first()).toBeFocused()
  // A menu above it takes Escape for itself.
  await page.keyboard.press('Tab')
  await page.keyboard.press('Enter')
  await expect(page.getByRole('menuitem', { name: 'Rename…' })).toBeFocused()
  await page.keyboard.press('Escape')
  await expect(page.getByRole('menu')).toBeHidden()
  await expect(library(page)).toBeVisible()
  await page.mouse.click(700, 200)
  await expect(library(page)).toBeHidden()
  await expect(question).toBeFocused()

  // A drop goes through, and what was dropped is looked at.
  await page.keyboard.press('Control+1')
  await expect(library(page)).toBeVisible()
  await drop(page, { path: 'note.txt', bytes: 'The ferry leaves at noon.' })
  await expect(reader(page)).toContainText('The ferry leaves at noon.')
  await expect(library(page)).toBeHidden()
})

test('400 pixels: one pane, and the bars together take little of it', async ({ app: { page } }) => {
  await page.setViewportSize({ width: 400, height: 800 })
  await ready(page)
  await page.getByRole('button', { name: 'Try the sample' }).click()
  await page.getByRole('navigation', { name: 'Panes' }).getByRole('button', { name: 'Conversation' }).click()
  expect((await box(page.getByRole('contentinfo'))).height).toBeLessThan(32)
  await expect(library(page)).toBeHidden()
  await expect(reader(page)).toBeHidden()
  expect((await box(chat(page))).height).toBeGreaterThan(800 - 120)
})
