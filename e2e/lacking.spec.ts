/** What a person sees when something is missing: the address's key, the adapter, the device. */
import { complaints } from './axe'
import { expect, launchChromium, test } from './hosts'
import { answerText, ask, dropAndRead, isAnswered, picture, question, ready, row, sample } from './page'

test.skip(({ chromiumForAll }) => !chromiumForAll, 'a matter of the browser host')

test('without the key of this run, or with another, a sentence says what to open', async ({ app }) => {
  const { origin, address } = app
  const context = await app.context.browser()!.newContext()
  const page = await context.newPage()
  await page.goto(`${origin}/`)
  await expect(page.getByRole('alert').first()).toContainText('Open the whole address that Readonce printed')
  await page.goto(`${origin}/?again#token=wrong`)
  await expect(page.getByRole('alert').first()).toContainText('belongs to an earlier run')
  await picture(page, 'failed-light')
  await page.goto(address.replace('/#', '/?right#'))
  await ready(page)
  // The key is not left in the address, and a reload still has it.
  expect(page.url()).toBe(`${origin}/`)
  await page.reload()
  await ready(page)
  await context.close()
})

test('no adapter is a named state with what to do', async ({ app }) => {
  const browser = await launchChromium([])
  const page = await (await browser.newContext({ colorScheme: 'dark' })).newPage()
  await page.goto(app.address)
  await expect(page.getByText('No WebGPU adapter was found')).toBeVisible()
  await expect(page.getByRole('button', { name: 'Try again' })).toBeVisible()
  await picture(page, 'unsupported-dark')
  expect.soft(await complaints(page)).toEqual([])
  await browser.close()
})

test('where the program can start itself again, no adapter offers to do without the GPU', async ({ app }) => {
  const browser = await launchChromium([])
  const page = await (await browser.newContext()).newPage()
  // As Electron's side answers; the browser host cannot start its browser in another way.
  await page.route('**/call/about', async route => {
    const reply = await route.fetch()
    const { value } = (await reply.json()) as { value: object }
    const graphics = { now: 'automatic', others: ['x11', 'software'] }
    await route.fulfill({ json: { ok: true, value: { ...value, graphics } } })
  })
  const asked: unknown[] = []
  await page.route('**/call/restartProgram', async route => {
    asked.push(route.request().postDataJSON())
    await route.fulfill({ json: { ok: false, code: 'bad-request', message: 'Not this time.' } })
  })
  await page.goto(app.address)
  await expect(page.getByText('No graphics adapter was found')).toBeVisible()
  await expect(page.getByRole('button', { name: 'Start again under X11' })).toBeVisible()
  await page.getByRole('button', { name: 'Start again without the GPU' }).click()
  await expect(page.getByText('Not this time.')).toBeVisible()
  expect(asked).toEqual([['software']])
  await picture(page, 'unsupported-desktop-light')
  expect.soft(await complaints(page)).toEqual([])
  await browser.close()
})

test('a graphics device that goes away is a named state, and one button goes on', async ({ app }) => {
  // Its own browser: what is done to it here, others need not go through.
  const browser = await launchChromium()
  const page = await browser.newPage()
  await page.goto(app.address)
  await ready(page)
  await dropAndRead(page)
  // The GPU process ends, as in a driver's crash.
  await (await browser.newBrowserCDPSession()).send('Browser.crashGpuProcess')
  await expect(page.getByText('The graphics device went away').first()).toBeVisible()
  await picture(page, 'lost-light')
  await page.getByRole('button', { name: 'Start again' }).first().click()
  await ready(page)
  await expect(row(page, sample)).toContainText('Read with')
  await ask(page, question)
  await isAnswered(page, answerText)
  await browser.close()
})
