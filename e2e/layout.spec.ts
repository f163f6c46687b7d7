/** Where things stand, measured in the real page: panes by width, the library as an overlay, what must not move. */
import type { Locator, Page } from '@playwright/test'
import { complaints } from './axe'
import { expect, test } from './hosts'
import {
  ask,
  chat,
  drop,
  dropAndRead,
  isRead,
  lastAnswer,
  library,
  longText,
  openDialog,
  picture,
  reader,
  ready,
  row,
  sample
} from './page'

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

test('the text stays where it is: while it is planned, read, paused; when another document is added; after a click', async ({
  app: { page }
}) => {
  await ready(page)
  await drop(page, { path: 'book.txt', bytes: longText(5_000) })
  const line = reader(page).locator('.cm-line').first()
  const card = page.getByRole('region', { name: 'Reading this document' })
  await expect(line).toBeVisible()
  const { y } = await box(line)
  await expect(card.getByRole('button', { name: 'Pause' })).toBeVisible()
  expect((await box(line)).y, 'while it is read').toBe(y)
  expect((await box(card)).y).toBeGreaterThan(y)
  // Told once: of the open document its row has words and no bar.
  await expect(page.getByRole('progressbar')).toHaveCount(1)

  await drop(page, { path: 'another.txt', bytes: 'The ferry leaves at noon.' })
  const added = page.getByRole('status').filter({ hasText: 'another.txt was added' })
  await expect(added).toBeVisible()
  await expect(reader(page).getByRole('heading', { name: 'book.txt' })).toBeVisible()

  await card.getByRole('button', { name: 'Pause' }).click()
  await expect(card).toContainText('Paused')
  expect((await box(line)).y, 'paused').toBe(y)

  const outline = () =>
    reader(page)
      .locator('.cm-editor')
      .evaluate(editor => getComputedStyle(editor).outlineStyle)
  await line.click()
  expect(await outline(), 'no ring after a press of the mouse').toBe('none')
  await page.keyboard.press('Shift+Tab')
  await page.keyboard.press('Tab')
  expect(await outline(), 'a ring for the keyboard').toBe('solid')

  await added.getByRole('button', { name: 'Show it' }).click()
  await expect(reader(page)).toContainText('The ferry leaves at noon.')
  await expect(added).toBeHidden()
})

test('refusals push nothing away, long names show both ends, the order is kept, lines stay in forced colours', async ({
  app
}) => {
  const { page } = app
  await ready(page)
  const names = ['a-report-of-the-harbour-office-for-the-year-2024.txt', 'b-short.txt']
  await drop(page, { path: names[0], bytes: longText(60, 2) })
  await isRead(page, names[0])
  await drop(page, { path: names[1], bytes: longText(300, 3) })
  await isRead(page, names[1])
  const rowBox = await box(row(page, names[0]))
  expect(rowBox.height).toBeLessThan(52)
  const end = await box(row(page, names[0]).locator('.cut-name > :last-child'))
  expect(end.x + end.width).toBeLessThan(rowBox.x + rowBox.width)

  const order = () => library(page).locator('.document-row').allInnerTexts()
  await expect.poll(async () => (await order())[0]).toContain('b-short')
  await page.getByRole('button', { name: 'Order of the documents' }).click()
  await page.getByRole('menuitemradio', { name: 'By name' }).click()
  await expect.poll(async () => (await order())[0]).toContain('a-report')

  for (let i = 0; i < 6; i++) await drop(page, { path: `empty-${i}.txt`, bytes: '' })
  await expect(page.getByText('6 notices')).toBeVisible()
  await expect(row(page, names[0])).toBeInViewport({ ratio: 1 })
  await picture(page, 'notices-light')
  await page.setViewportSize({ width: 900, height: 760 })
  await expect(page.getByText('6 notices')).toBeVisible()
  expect.soft(await complaints(page)).toEqual([])
  await picture(page, 'notices-900-light')
  await page.getByRole('button', { name: 'Dismiss all' }).click()
  await expect(page.getByText('empty-0.txt')).toBeHidden()

  await page.emulateMedia({ forcedColors: 'active' })
  const bar = page.getByRole('separator', { name: 'Width of the conversation' })
  const colours = await bar.evaluate(element => [
    getComputedStyle(element).backgroundColor,
    getComputedStyle(document.body).backgroundColor
  ])
  expect(colours[0]).not.toBe(colours[1])
  await app.restart()
  await ready(app.page)
  await expect
    .poll(async () => (await library(app.page).locator('.document-row').allInnerTexts())[0])
    .toContain('a-report')
})

test('logs: numbered lines, coloured levels, long lines in one row if wanted; tables and dates', async ({
  app: { page }
}) => {
  await ready(page)
  const long = `2026-11-27 12:00:02 WARN disk ${'almost full '.repeat(60)}`
  await drop(page, {
    path: 'server.log',
    bytes: `2026-11-27 12:00:00 INFO start\n2026-11-27 12:00:01 ERROR no error here\n${long}\nlast line\n`
  })
  const text = reader(page)
  await expect(text.locator('.cm-lineNumbers')).toContainText('4')
  await expect(text.locator('.log-error')).toHaveText(['ERROR'])
  await expect(text.locator('.log-warning')).toHaveText(['WARN'])
  const line = text.locator('.cm-line').filter({ hasText: 'almost full' })
  const wrapped = (await box(line)).height
  const wrap = text.getByRole('button', { name: 'Wrap long lines' })
  await wrap.click()
  await expect(wrap).toHaveAttribute('aria-pressed', 'false')
  await expect.poll(async () => (await box(line)).height).toBeLessThan(wrapped / 3)
  expect.soft(await complaints(page)).toEqual([])
  await picture(page, 'log-light')

  // Under en-GB days stand before months.
  await isRead(page, 'server.log')
  await ask(page, 'What is almost full?')
  await expect(lastAnswer(page)).toContainText(/in view/)
  await chat(page)
    .getByRole('button', { name: /^Conversations/ })
    .click()
  const today = new Intl.DateTimeFormat('en-GB').format(new Date())
  await expect(page.getByRole('dialog', { name: 'Conversations' })).toContainText(today)
})

test('settings: all fields are equally wide', async ({ app: { page } }) => {
  await ready(page)
  const dialog = await openDialog(page, 'Control+,', 'Settings')
  const widths = await dialog
    .locator('.setting select, .setting input')
    .evaluateAll(fields =>
      fields.map(field => Math.round(field.getBoundingClientRect().width)).filter(width => width > 0)
    )
  expect(new Set(widths).size).toBe(1)
})
