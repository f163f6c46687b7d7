/** Reading: watched, paused, resumed, cancelled, killed, reopened, one after another. */
import { expect, test } from './hosts'
import {
  answerText,
  ask,
  chat,
  coverage,
  drop,
  dropAndRead,
  isAnswered,
  isRead,
  lastAnswer,
  longText,
  picture,
  question,
  ready,
  row,
  sample
} from './page'

// Some 8,000 tokens: about half a minute on a software adapter.
const book = {
  path: 'book.txt',
  bytes: `The special magic Oslo number is 3067.\n\n${longText(6_000)}`
}
const percentOf = async (text: string): Promise<number> => Number(/([\d.]+)% read/.exec(text)?.[1] ?? 0)

const isReading = (page: Parameters<typeof row>[0], atLeast: number) =>
  expect.poll(async () => percentOf(await row(page, book.path).innerText())).toBeGreaterThanOrEqual(atLeast)

test('reading is watched, paused, asked about and resumed', async ({ app: { page } }) => {
  await ready(page)
  await drop(page, book)
  const card = page.getByRole('region', { name: 'Reading this document' })
  await isReading(page, 10)
  await expect(card).toContainText(/about \d+ of \d+ pages/)
  await expect(card.getByTitle(/[\d,]+ of [\d,]+ tokens · [\d,]+ tokens\/s/)).toBeVisible()
  await expect(page).toHaveTitle(/^\d+% read: book\.txt – Readonce$/)
  await expect(card).toContainText(/left/)
  await expect(card).toContainText(/on disk/)
  await picture(page, 'reading-light')

  // A question while it is being read: answered from what was in view, and the answer says how much that was.
  await ask(page, 'What is the special magic Oslo number?')
  await isAnswered(page, '3067')
  await expect(lastAnswer(page)).toContainText(/\d+% read: [\d,]+ of [\d,]+ tokens in view/)

  await card.getByRole('button', { name: 'Pause' }).click()
  await expect(card).toContainText(/Paused after about \d+ of \d+ pages\. What was read is kept\./)
  const paused = await percentOf(await row(page, book.path).innerText())
  await picture(page, 'paused-light')
  await page.reload()
  await ready(page)
  // A paused one waits for a person's word, also after a reload.
  await expect(row(page, book.path)).toContainText(/% read/)
  await row(page, book.path)
    .getByRole('button', { name: /^Resume/ })
    .click()
  await isReading(page, paused)
  await isRead(page, book.path)
  await expect(row(page, book.path)).toContainText(/kept/)
})

test('cancelling drops what this reading had saved', async ({ app: { page } }) => {
  await ready(page)
  await drop(page, book)
  await isReading(page, 5)
  await page
    .getByRole('region', { name: 'Reading this document' })
    .getByRole('button', { name: 'Cancel' })
    .click()
  await expect(row(page, book.path)).toContainText('Not read')
  await expect(row(page, book.path)).not.toContainText('kept')
  await expect(chat(page)).toContainText('Read the document first')
})

test('killed while reading: the next start goes on from there', async ({ app }) => {
  await ready(app.page)
  await drop(app.page, book)
  await isReading(app.page, 25)
  await app.killAndRestart()
  await ready(app.page)
  // What the library noted last may be some seconds old; what reading goes on from is what the page file holds.
  const noted = await percentOf(await row(app.page, book.path).innerText())
  await row(app.page, book.path)
    .getByRole('button', { name: /^Resume/ })
    .click()
  let first = noted
  await expect
    .poll(async () => {
      const now = await percentOf(await row(app.page, book.path).innerText())
      // While the engine gets ready no share is shown.
      if (first === noted && now > 0) first = now
      return first
    })
    .not.toBe(noted)
  expect(first).toBeGreaterThanOrEqual(20)
  await isRead(app.page, book.path)
})

test('reopened after a new start: the first word comes at once and nothing is read again', async ({
  app
}) => {
  await ready(app.page)
  await dropAndRead(app.page)
  await app.restart()
  await ready(app.page)
  await expect(row(app.page, sample)).toContainText(/Read with readonce/)
  await row(app.page, sample).getByRole('button').first().click()
  await expect(app.page.getByRole('contentinfo')).toContainText(/reopened in [\d.]+ s/i)
  await ask(app.page, question)
  await isAnswered(app.page, answerText)
  await lastAnswer(app.page).getByRole('button', { name: 'About this answer' }).focus()
  const told = lastAnswer(app.page).locator('.tip:popover-open')
  // How soon is a matter of the computer and of what else it does.
  await expect(told).toContainText(/First word after\s*[\d.]+ s/)
})

test('a reload in the middle of an answer loses nothing of the question', async ({ app: { page } }) => {
  await ready(page)
  await dropAndRead(page)
  await ask(page, question)
  await isAnswered(page, answerText)
  // Its words are there before its end, and until then Enter asks nothing.
  await expect(lastAnswer(page)).toContainText(coverage)
  await ask(page, 'Tell me about the widow and the keeper of the light.')
  // Not by its text alone: the box it is typed into has that as well.
  const asked = page.getByRole('article', { name: 'Your question' }).last()
  await expect(asked).toContainText('Tell me about the widow')
  await page.reload()
  await ready(page)
  await expect(asked).toContainText('Tell me about the widow')
  await expect(lastAnswer(page)).toContainText(/before the answer was complete|tokens in view/)
  const again = lastAnswer(page).getByRole('button', { name: 'Ask again' })
  if (await again.isVisible()) await again.click()
  await expect(lastAnswer(page)).toContainText(coverage)
})

test('two documents: read one after the other, each with its own answers', async ({ app: { page } }) => {
  await ready(page)
  const other = longText(300, 7).replace('4821', '7093')
  await drop(page, { path: 'other.txt', bytes: other })
  await isRead(page, 'other.txt')
  await ask(page, question)
  await isAnswered(page, '7093')
  await dropAndRead(page)
  await row(page, sample).getByRole('button').first().click()
  await ask(page, question)
  await isAnswered(page, answerText)
  await row(page, 'other.txt').getByRole('button').first().click()
  await expect(lastAnswer(page)).toContainText('7093')
})
