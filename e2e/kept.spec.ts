/** Nothing is lost: conversations, what was taken away, the place in a text, a plan, a program that ends, a worker that hangs. */
import { existsSync } from 'node:fs'
import { expect, test } from './hosts'
import {
  answers,
  ask,
  chat,
  command,
  drop,
  dropAndRead,
  isRead,
  lastAnswer,
  longText,
  openDialog,
  picture,
  question,
  questionBox,
  reader,
  ready,
  row,
  sample
} from './page'

type Page = Parameters<typeof row>[0]

const asked = (page: Page) => page.getByRole('article', { name: 'Your question' })
const undoOf = (page: Page, words: string | RegExp) =>
  page.locator('.notice').filter({ hasText: words }).getByRole('button', { name: 'Undo' })

/** Answers of one word: as many conversations' worth of saving as one likes, in little time. */
async function shortAnswers(page: Page): Promise<void> {
  const dialog = await openDialog(page, 'Control+,', 'Settings')
  await dialog.getByLabel('Longest answer').fill('1')
  await page.keyboard.press('Enter')
  await dialog.getByRole('button', { name: 'Close' }).click()
}

test('twenty questions in one conversation are forty messages after a reload', async ({ app: { page } }) => {
  await ready(page)
  await dropAndRead(page)
  await shortAnswers(page)
  for (let i = 1; i <= 20; i++) {
    await ask(page, `Question ${i}: who kept the light?`)
    await expect(answers(page)).toHaveCount(i)
    await expect(page.getByRole('button', { name: 'Stop (Esc)' })).toHaveCount(0)
  }
  await expect(chat(page).getByRole('alert')).toHaveCount(0)
  await page.reload()
  await ready(page)
  await expect(asked(page).last()).toContainText('Question 20')
  const list = chat(page).getByRole('button', { name: /^Conversations/ })
  await list.click()
  await expect(page.getByRole('dialog', { name: 'Conversations' })).toContainText('40 messages')
})

test('the window is closed in the middle of an answer: question and what was said are there afterwards', async ({
  app
}) => {
  await ready(app.page)
  await dropAndRead(app.page)
  await ask(app.page, 'Tell me about the keeper of the light and the winter of the storm.')
  // Words of the answer, not those that stand there while it is waited for.
  await expect(lastAnswer(app.page).locator('.words.growing')).toContainText(/\w/)
  await expect(lastAnswer(app.page).locator('.words .waiting')).toHaveCount(0)
  // As a person closes it: the page hears of it.
  const closed = app.page.waitForEvent('close')
  await app.page.close({ runBeforeUnload: true })
  await closed
  await app.restart()
  await ready(app.page)
  await row(app.page, sample).getByRole('button').first().click()
  await expect(asked(app.page)).toContainText('Tell me about the keeper')
  const said = await lastAnswer(app.page).locator('.words').innerText()
  expect(said.trim()).not.toBe('')
})

test('what was taken away comes back: a document, what was read, a conversation, settings', async ({
  app: { page }
}) => {
  await ready(page)
  await dropAndRead(page)
  await shortAnswers(page)
  await ask(page, question)
  await expect(lastAnswer(page)).toBeVisible()
  await expect(page.getByRole('button', { name: 'Stop (Esc)' })).toHaveCount(0)

  await command(page, sample, /^Remove what was read/)
  await expect(page.getByRole('dialog')).toContainText(/[\d,]+ tokens were read/)
  await page.getByRole('dialog').getByRole('button', { name: 'Remove' }).click()
  await expect(row(page, sample)).toContainText('Not read')
  await picture(page, 'undo-light')
  await undoOf(page, /What was read of/).click()
  await isRead(page, sample)

  await command(page, sample, /^Remove document/)
  await page.getByRole('dialog').getByRole('button', { name: 'Remove document' }).click()
  await expect(row(page, sample)).toHaveCount(0)
  // The way back is there after a reload too.
  await page.reload()
  await ready(page)
  await undoOf(page, /was removed\./).click()
  await isRead(page, sample)
  await expect(asked(page)).toContainText(question)

  await chat(page)
    .getByRole('button', { name: /^Conversations/ })
    .click()
  const list = page.getByRole('dialog', { name: 'Conversations' })
  await list.getByRole('button', { name: /^Delete/ }).click()
  await list.getByRole('button', { name: 'Delete', exact: true }).click()
  await page.keyboard.press('Escape')
  await undoOf(page, /was deleted/).click()
  // It is on the screen again, and among the others.
  await expect(asked(page)).toContainText(question)
  await chat(page)
    .getByRole('button', { name: /^Conversations/ })
    .click()
  await expect(list).toContainText('2 messages')
  await page.keyboard.press('Escape')

  const dialog = await openDialog(page, 'Control+,', 'Settings')
  await dialog.getByRole('button', { name: /^Reset all settings/ }).click()
  await dialog.getByRole('button', { name: 'Reset all settings', exact: true }).click()
  await expect(dialog.getByLabel('Longest answer')).toHaveValue('256')
  await dialog.getByRole('button', { name: 'Undo' }).click()
  await expect(dialog.getByLabel('Longest answer')).toHaveValue('1')

  await dialog.getByText(/documents? ha(s|ve) been read/).click()
  await dialog.getByRole('button', { name: `Erase what was read of ${sample}` }).click()
  await expect(dialog).toContainText(/[\d,]+ tokens have to be read again/)
  await dialog.getByRole('button', { name: 'Keep', exact: true }).click()
  await dialog.getByRole('button', { name: 'Close' }).click()
  await isRead(page, sample)
})

test('cancelling after a pause asks by all that was read, and can be undone', async ({ app: { page } }) => {
  const book = { path: 'book.txt', bytes: longText(6_000) }
  await ready(page)
  await drop(page, book)
  const card = page.getByRole('region', { name: 'Reading this document' })
  await expect(row(page, 'book.txt')).toContainText(/[1-9]\d*% read/)
  await card.getByRole('button', { name: 'Pause' }).click()
  await expect(card).toContainText('What was read is kept.')
  await card.getByRole('button', { name: 'Resume' }).click()
  await expect(card.getByRole('button', { name: 'Pause' })).toBeVisible()
  await expect(card).toContainText(/ of [\d,]+ pages/)
  await card.getByRole('button', { name: 'Cancel' }).click()
  const asking = page.getByRole('dialog', { name: 'Cancel reading?' })
  await expect(asking).toContainText(/[\d,]+ tokens were read, about .* of work/)
  await expect(asking).toContainText(/[\d,]+ of them were read before/)
  await picture(page, 'cancel-asked-light')
  await asking.getByRole('button', { name: 'Cancel reading' }).click()
  await expect(row(page, 'book.txt')).toContainText('Not read')
  await undoOf(page, /What was read of/).click()
  await expect(row(page, 'book.txt')).toContainText(/[1-9]\d*% read/)
})

test('the place in a text is found again after a restart, at another width of the window too', async ({
  app
}) => {
  const lines = Array.from({ length: 3000 }, (_, i) => `Paragraph ${i + 1}. ${longText(40, i + 1)}`)
  await ready(app.page)
  await drop(app.page, {
    path: 'scrolled.txt',
    bytes: lines.join('\n\n').replaceAll(/\n\n(?!Paragraph)/g, ' ')
  })
  await expect(reader(app.page)).toContainText('Paragraph 1.')
  await expect(row(app.page, 'scrolled.txt')).toContainText('Waits for your word')
  await reader(app.page).locator('.reader-position').click()
  const place = reader(app.page).locator('.reader-goto').getByRole('textbox')
  await place.fill('60%')
  await place.press('Enter')
  const shown = (): Promise<number> =>
    reader(app.page)
      .locator('.cm-line')
      .evaluateAll(all => {
        const top = document.querySelector('.reader-page')!.getBoundingClientRect().top
        const first = all.find(
          each => each.getBoundingClientRect().bottom > top + 30 && /^Paragraph \d/.test(each.textContent)
        )
        return Number(/^Paragraph (\d+)/.exec(first?.textContent ?? '')?.[1] ?? 0)
      })
  await expect.poll(shown).toBeGreaterThan(1500)
  await app.page.waitForTimeout(800)
  const before = await shown()
  await app.restart()
  await app.page.setViewportSize({ width: 1440, height: 800 })
  await ready(app.page)
  // The plan waits as before, with its tokens.
  await expect(row(app.page, 'scrolled.txt')).toContainText('Waits for your word')
  await row(app.page, 'scrolled.txt').getByRole('button').first().click()
  await expect(app.page.getByRole('region', { name: 'Reading this document' })).toContainText(
    /about \d+ pages/
  )
  await expect.poll(shown).toBeGreaterThan(1500)
  expect(Math.abs((await shown()) - before)).toBeLessThanOrEqual(2)
})

test('a worker that hangs is told after ten seconds, and one press brings the engine back', async ({
  app: { page }
}) => {
  await page.addInitScript(() => {
    // The page's worker with a way to keep it busy: a task that never ends, as a bad pattern would be.
    const Real = Worker
    window.Worker = class extends Real {
      constructor(url: string | URL, options?: WorkerOptions) {
        super(url, options)
        ;(window as unknown as { engine?: Worker }).engine ??= this
      }
      override postMessage(message: unknown): void {
        // Pings never arrive: to the page that is a worker which does not come to its messages.
        if (
          (window as unknown as { hang?: Worker }).hang === this &&
          (message as { type: string }).type === 'ping'
        )
          return
        super.postMessage(message)
      }
    }
  })
  await page.reload()
  await ready(page)
  await dropAndRead(page)
  await page.evaluate(() => {
    const all = window as unknown as { engine?: Worker; hang?: Worker }
    all.hang = all.engine
  })
  const banner = page.getByRole('alert').filter({ hasText: 'The engine does not answer' })
  await expect(banner).toBeVisible({ timeout: 30_000 })
  await picture(page, 'silent-light')
  await banner.getByRole('button', { name: 'Restart the engine' }).click()
  await expect(banner).toHaveCount(0)
  await ready(page)
  await isRead(page, sample)
  await ask(page, question)
  await expect(lastAnswer(page)).toContainText('4821')
})

test('a program that ends is one banner, at once, and nothing else complains', async ({
  app,
  chromiumForAll
}) => {
  test.skip(!chromiumForAll, 'in Electron page and program end together')
  const { page } = app
  await ready(page)
  await dropAndRead(page)
  await shortAnswers(page)
  app.kill()
  const banner = page.getByRole('alert').filter({ hasText: 'does not answer' })
  await expect(banner).toBeVisible()
  await expect(banner.getByRole('button')).toHaveCount(1)
  // The engine and its pages are in the window: it answers, and what cannot be saved waits.
  await ask(page, question)
  await expect(lastAnswer(page)).toBeVisible()
  await expect(banner).toContainText('1 conversation waits to be saved')
  await expect(page.getByText('Failed to fetch')).toHaveCount(0)
  await expect(page.locator('[role=alert]:visible').filter({ hasText: /\S/ })).toHaveCount(1)
  await picture(page, 'host-gone-light')
  await expect(questionBox(page)).toBeEnabled()
  expect(existsSync(app.library)).toBe(true)
})
