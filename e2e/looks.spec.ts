/** Both themes, narrow windows, the keyboard alone, another language; axe finds nothing serious anywhere. */
import { complaints } from './axe'
import { expect, test } from './hosts'
import {
  answerText,
  ask,
  dropAndRead,
  isAnswered,
  isRead,
  lastAnswer,
  openDialog,
  picture,
  question,
  questionBox,
  ready,
  sample,
  samplePath
} from './page'

for (const colorScheme of ['light', 'dark'] as const)
  test(`every screen, ${colorScheme}: axe finds nothing serious`, async ({ app: { page } }) => {
    await page.emulateMedia({ colorScheme, reducedMotion: 'reduce' })
    await ready(page)
    expect.soft(await complaints(page)).toEqual([])
    await picture(page, `empty-${colorScheme}`)
    await dropAndRead(page)
    await ask(page, question)
    await isAnswered(page, answerText)
    expect.soft(await complaints(page)).toEqual([])
    await picture(page, `answered-${colorScheme}`)
    for (const [keys, name] of [
      ['Control+,', 'Settings'],
      ['Control+Shift+M', 'Models'],
      ['Shift+?', 'Keyboard shortcuts'],
      ['Control+Shift+D', 'Diagnostics']
    ] as const) {
      await page.locator('body').click({ position: { x: 2, y: 2 } })
      const dialog = await openDialog(page, keys, name)
      expect.soft(await complaints(page), name).toEqual([])
      await picture(page, `${name.toLowerCase().replace(' ', '-')}-${colorScheme}`)
      await dialog.getByRole('button', { name: 'Close' }).click()
    }
    for (const [width, height] of [
      [900, 760],
      // A laptop of 1440 by 900 at 200% zoom.
      [720, 450],
      [400, 760]
    ] as const) {
      await page.setViewportSize({ width, height })
      expect.soft(await complaints(page), `${width} pixels wide`).toEqual([])
      await picture(page, `narrow-${width}-${colorScheme}`)
    }
  })

test('narrow: one pane at a time, and an answer’s source brings the text to the front', async ({
  app: { page }
}) => {
  await page.setViewportSize({ width: 400, height: 760 })
  await expect(page.getByRole('button', { name: 'Try the sample' })).toBeVisible({ timeout: 45_000 })
  await page.getByRole('button', { name: 'Try the sample' }).click()
  await page.getByRole('navigation', { name: 'Panes' }).getByRole('button', { name: 'Conversation' }).click()
  // Read to its end: before that, the answer has only a part in view.
  await expect(page.getByText('Enter asks')).toBeVisible({ timeout: 60_000 })
  await ask(page, question)
  await isAnswered(page, answerText)
  await lastAnswer(page)
    .getByRole('group', { name: 'Where the answer looked' })
    .getByRole('button')
    .first()
    .click()
  await expect(page.getByRole('main')).toBeVisible()
  await expect(page.locator('.cm-line').filter({ hasText: 'Lisbon number is 4821' }).first()).toBeInViewport()
})

test('the keyboard alone: open, read, ask, see the source, rename, remove', async ({ app: { page } }) => {
  await ready(page)
  const chooser = page.waitForEvent('filechooser')
  await page.keyboard.press('Control+o')
  // Where no file dialog may open by keys alone, a dialog with a button stands between.
  await page.keyboard.press('Enter').catch(() => undefined)
  await (await chooser).setFiles(samplePath)
  await isRead(page, sample)
  await page.keyboard.press('Control+l')
  await expect(questionBox(page)).toBeFocused()
  await page.keyboard.type(question)
  await page.keyboard.press('Enter')
  await isAnswered(page, answerText)
  const source = lastAnswer(page)
    .getByRole('group', { name: 'Where the answer looked' })
    .getByRole('button')
    .first()
  for (let i = 0; i < 30 && !(await source.evaluate(e => e === document.activeElement)); i++)
    await page.keyboard.press('Shift+Tab')
  await expect(source).toBeFocused()
  await page.keyboard.press('Enter')
  await expect(page.locator('.cm-line').filter({ hasText: 'Lisbon number is 4821' }).first()).toBeInViewport()
  await page.keyboard.press('Control+f')
  await page.keyboard.type('lighthouse')
  await page.keyboard.press('Enter')
  await expect(page.getByRole('main')).toContainText(/[12] of 2/)
  await page.keyboard.press('Escape')
})

test('settings count at once and stay: theme, font size, language', async ({ app }) => {
  await ready(app.page)
  const dialog = await openDialog(app.page, 'Control+,', 'Settings')
  await dialog.getByLabel('Theme').selectOption('dark')
  await dialog.getByLabel('Language').selectOption('de')
  const german = app.page.getByRole('dialog', { name: 'Einstellungen' })
  await expect(german).toBeVisible()
  await german.getByLabel('Schriftgröße').fill('18')
  await app.page.keyboard.press('Enter')
  await picture(app.page, 'settings-german-dark')
  await app.restart()
  const html = app.page.locator('html')
  await expect(html).toHaveAttribute('lang', 'de')
  await expect(html).toHaveAttribute('data-theme', 'dark')
  await expect.poll(() => html.evaluate(e => getComputedStyle(e).fontSize)).toBe('18px')
})

test('keys are given to another command, and a taken one is refused', async ({ app: { page } }) => {
  await ready(page)
  const dialog = await openDialog(page, 'Shift+?', 'Keyboard shortcuts')
  const find = dialog.getByRole('button', { name: /^Find in the text/ })
  await find.click()
  await page.keyboard.press('Control+o')
  await expect(dialog.getByRole('alert')).toContainText('These keys are used for “Open files”')
  await find.click()
  await page.keyboard.press('F8')
  await expect(find).toContainText('F8')
  await dialog.getByRole('button', { name: 'All as at first' }).click()
  await expect(find).not.toContainText('F8')
})
