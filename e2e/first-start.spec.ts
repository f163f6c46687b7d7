/** From the first window to the first answer; nothing is asked of the network. */
import { complaints } from './axe'
import { expect, test } from './hosts'
import {
  answers,
  answerText,
  ask,
  chat,
  coverage,
  isAnswered,
  isRead,
  lastAnswer,
  library,
  openDialog,
  picture,
  question,
  questionBox,
  reader,
  ready,
  sample
} from './page'

test('first start: the sample is one press away, is read and answers; nothing leaves the computer', async ({
  app
}) => {
  const { page, origin } = app
  const outside: string[] = []
  const errors: string[] = []
  page.context().on('request', request => {
    if (!request.url().startsWith(`${origin}/`) && !request.url().startsWith('blob:'))
      outside.push(request.url())
  })
  page.on('pageerror', error => errors.push(error.message))
  page.on('console', message => message.type() === 'error' && errors.push(message.text()))
  await page.reload()
  await ready(page)
  await expect(page.getByRole('contentinfo')).toContainText(/no GPU found: small models only, slow/i)
  expect.soft(await complaints(page)).toEqual([])
  await picture(page, 'empty-light')

  await page.getByRole('button', { name: 'Try the sample' }).click()
  await isRead(page, sample)
  await expect(reader(page)).toContainText('In the spring of 1887')

  await chat(page).getByRole('button', { name: question }).click()
  await isAnswered(page, answerText)
  await expect(lastAnswer(page)).toContainText(coverage)
  // The whole needs no words: it stands behind "About this answer", also for the keyboard.
  const about = lastAnswer(page).getByRole('button', { name: 'About this answer' })
  await about.focus()
  const told = lastAnswer(page).locator('.tip:popover-open')
  await expect(told).toContainText(/First word after/)
  const [, seen, all] = coverage.exec(await told.innerText())!
  await page.keyboard.press('Escape')
  await expect(told).toHaveCount(0)
  expect(seen).toBe(all)

  // The conversation goes on, and what was said stays.
  await ask(page, 'Who was the keeper of the light?')
  await expect(answers(page)).toHaveCount(2)
  await expect(lastAnswer(page)).toContainText(coverage)
  await expect(questionBox(page)).toBeEnabled()

  const dialog = await openDialog(page, 'Control+Shift+D', 'Diagnostics')
  await expect(dialog).toContainText('0 requests have left this computer')
  await expect(dialog).toContainText(/adapter/i)
  await expect(dialog).toContainText('weights f16, keys and values f16')
  await picture(page, 'diagnostics-light')
  expect.soft(await complaints(page)).toEqual([])
  expect(outside).toEqual([])
  expect(errors).toEqual([])
})

test('a passage behind an answer leads to its place in the text', async ({ app: { page } }) => {
  await ready(page)
  await page.getByRole('button', { name: 'Try the sample' }).click()
  await isRead(page, sample)
  await ask(page, question)
  await isAnswered(page, answerText)
  const source = lastAnswer(page)
    .getByRole('group', { name: 'Where the answer looked' })
    .getByRole('button')
    .first()
  await source.hover()
  await expect(page.locator('.passage:popover-open')).toContainText(
    'The special magic Lisbon number is 4821.'
  )
  await source.click()
  const marked = reader(page).locator('.cm-line mark, .cm-line [class*=place], .cm-line [class*=source]')
  await expect(marked.filter({ hasText: 'Lisbon' }).first()).toBeInViewport()
  await picture(page, 'source-shown-light')
})

test('how often something is mentioned is counted by exact search, and the count leads to the places', async ({
  app: { page }
}) => {
  await ready(page)
  await page.getByRole('button', { name: 'Try the sample' }).click()
  await isRead(page, sample)
  await ask(page, 'How often is the word "bell" mentioned?')
  await isAnswered(page, 'Exact search: 4 places with “bell”')
  await lastAnswer(page).getByRole('button', { name: 'Show them' }).click()
  const words = reader(page)
    .getByRole('searchbox')
    .or(reader(page).getByRole('textbox', { name: 'Words to find' }))
  await expect(words.first()).toHaveValue('bell')
  await expect(reader(page)).toContainText(/4 hits|of 4/)
  await picture(page, 'find-light')
})

test('files given on the command line are opened', async ({ app }) => {
  const { samplePath } = await import('./page')
  await ready(app.page)
  await app.restart(samplePath)
  await isRead(app.page, sample)
  await expect(library(app.page).locator('.document-row')).toHaveCount(1)
})
