import { expect, test } from './hosts'
import { ask, complaints, drop, dropFile, novel, picture, question, ready, sample } from './page'

test('a dropped text is read whole and answers with its source; nothing is asked outside', async ({
  opened,
  host
}) => {
  const { page, origin } = opened
  const outside: string[] = []
  page.context().on('request', request => {
    if (!request.url().startsWith(`${origin}/`)) outside.push(request.url())
  })
  const errors: string[] = []
  page.on('pageerror', error => errors.push(error.message))
  page.on('console', message => message.type() === 'error' && errors.push(message.text()))
  await page.goto(host.address)
  await ready(page)
  await expect(page.getByRole('contentinfo')).toContainText(
    'This preview keeps nothing; the command line keeps what was read.'
  )
  await picture(page, 'ready-light')

  await dropFile(page, sample)
  await expect(page.getByRole('status')).toHaveText(/^Read: all \d+ tokens, in /)
  await ask(page, question)
  const answer = page.getByRole('article', { name: question })
  await expect(answer.getByRole('heading', { name: 'Where the answer looked' })).toBeVisible()
  await expect(answer.locator('.answer')).toHaveText('4821')
  await expect(answer.getByRole('listitem').first()).toContainText('The special magic Lisbon number is 4821.')
  await expect(answer).toContainText(/All \d+ tokens were in view/)
  await expect(page.getByRole('log')).toHaveAttribute('aria-busy', 'false')

  for (const colorScheme of ['light', 'dark'] as const) {
    await page.emulateMedia({ colorScheme })
    expect(await complaints(page)).toEqual([])
    await picture(page, `answered-${colorScheme}`)
  }
  await page.setViewportSize({ width: 340, height: 700 })
  expect(await complaints(page)).toEqual([])
  await picture(page, 'answered-narrow-dark')

  // The conversation goes on, and what was said stays.
  await ask(page, 'Who was the keeper of the light?')
  await expect(page.getByRole('heading', { name: 'Where the answer looked' })).toHaveCount(2)
  expect(outside).toEqual([])
  expect(errors).toEqual([])
})

test('reading a whole novel shows how far it is, and is cancelled at once', async ({
  opened: { page },
  host
}) => {
  await page.goto(host.address)
  await ready(page)
  await dropFile(page, novel)
  const bar = page.getByRole('progressbar', { name: 'Reading' })
  await expect
    .poll(() => bar.evaluate((element: HTMLProgressElement) => element.value), { timeout: 60_000 })
    .toBeGreaterThan(300)
  await expect(page.getByRole('article')).toContainText(
    /[\d,]+ of [\d,]+ tokens, \d+\.\d%, \d+ tokens\/s, about .+ left/
  )
  expect(await complaints(page)).toEqual([])
  await picture(page, 'reading-light')
  await page.emulateMedia({ colorScheme: 'dark' })
  await picture(page, 'reading-dark')
  await page.getByRole('button', { name: 'Cancel reading' }).click()
  await expect(page.getByRole('status')).toHaveText(
    /^Cancelled at [\d,]+ of [\d,]+ tokens\. Nothing of it is kept\.$/,
    {
      timeout: 5000
    }
  )
  await expect(page.getByLabel('Ask about this document')).toHaveCount(0)
  await picture(page, 'cancelled-dark')

  // The engine is free again, and the next file takes its place also while another is being read.
  await page.getByRole('button', { name: 'Read it again' }).click()
  await expect(bar).toBeVisible()
  await dropFile(page, sample)
  await expect(page.getByRole('status')).toHaveText(/^Read: all /)
  await expect(page.getByRole('article')).toHaveAccessibleName('the-keeper-of-skerry-light.txt')
})

test('what is no text is refused in words, and what was open stays', async ({ opened: { page }, host }) => {
  await page.goto(host.address)
  await ready(page)
  await dropFile(page, sample)
  await expect(page.getByRole('status')).toHaveText(/^Read: all /)
  for (const [name, bytes, words] of [
    [
      'holiday.png',
      Buffer.from('\x89PNG\r\n\x1a\n\0\0\0\0', 'latin1'),
      /holiday\.png is a PNG picture.*Nothing was changed/
    ],
    ['empty.txt', Buffer.from(''), /empty\.txt holds no text: it is empty/],
    [
      '<b>noise</b>.bin',
      Buffer.from(Array.from({ length: 4000 }, (_, i) => (i * 37) & 255)),
      /<b>noise<\/b>\.bin is /
    ]
  ] as const) {
    await drop(page, name, bytes)
    await expect(page.getByRole('alert')).toHaveText(words)
  }
  await picture(page, 'refused-light')
  expect(await complaints(page)).toEqual([])
  await ask(page, question)
  await expect(page.locator('.answer')).toHaveText('4821')
})

test('the keyboard alone opens a file and asks', async ({ opened: { page }, host }) => {
  const chooser = page.waitForEvent('filechooser')
  await page.goto(host.address)
  await ready(page)
  await page.keyboard.press('Tab')
  await expect(page.getByRole('button', { name: 'Open a text file' })).toBeFocused()
  await page.keyboard.press('Enter')
  await (await chooser).setFiles(sample)
  await expect(page.getByLabel('Ask about this document')).toBeFocused()
  await page.keyboard.type(question)
  await page.keyboard.press('Enter')
  await expect(page.locator('.answer')).toHaveText('4821')
})
