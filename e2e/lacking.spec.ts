/** What a person sees when something is missing: the address's key, the graphics device, the adapter. */
import { expect, launchChromium, test } from './hosts'
import { ask, complaints, dropFile, picture, question, ready, sample } from './page'

test.describe('in a browser', () => {
  test.skip(() => test.info().project.name !== 'browser', 'a matter of the browser host')

  test('without the key of this run, or with another, a sentence says what to open', async ({
    opened,
    host
  }) => {
    const { page, origin } = opened
    await page.goto(`${origin}/`)
    await expect(page.getByRole('alert')).toContainText('Open the whole address that Readonce printed')
    await page.goto(`${origin}/?again#token=wrong`)
    await expect(page.getByRole('alert')).toContainText('belongs to an earlier run')
    await picture(page, 'failed-light')
    expect(await complaints(page)).toEqual([])
    await page.goto(host.address.replace('/#', '/?right#'))
    await ready(page)
    // The key is not left in the address, and a reload still has it.
    expect(page.url()).toBe(`${origin}/`)
    await page.reload()
    await ready(page)
  })

  test('no adapter is a named state with what to do', async ({ host }) => {
    const browser = await launchChromium([])
    const page = await browser.newPage({ colorScheme: 'dark' })
    await page.goto(host.address)
    await expect(page.getByRole('alert')).toContainText('This computer cannot run the engine yet')
    await expect(page.getByRole('alert')).toContainText('No WebGPU adapter was found')
    await expect(page.getByRole('button', { name: 'Open a text file' })).toHaveCount(0)
    await picture(page, 'unsupported-dark')
    expect(await complaints(page)).toEqual([])
    await browser.close()
  })

  test('a graphics device that goes away is a named state, and one button goes on', async ({ host }) => {
    // Its own browser: what is done to it here, others need not go through.
    const browser = await launchChromium()
    const page = await browser.newPage()
    await page.goto(host.address)
    await ready(page)
    await dropFile(page, sample)
    await expect(page.getByRole('status')).toHaveText(/^Read: all /)
    // The GPU process ends, as in a driver's crash.
    await (await browser.newBrowserCDPSession()).send('Browser.crashGpuProcess')
    await expect(page.getByRole('alert')).toContainText('The graphics device went away')
    await picture(page, 'lost-light')
    await page.getByRole('button', { name: 'Start again and read' }).click()
    await expect(page.getByRole('status')).toHaveText(/^Read: all /)
    await ask(page, question)
    await expect(page.locator('.answer')).toHaveText('4821')
    await browser.close()
  })
})
