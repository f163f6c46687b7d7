/** How well the time of a reading is told, and how soon a very long text has its plan. */
import { mkdtempSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Page } from '@playwright/test'
import { expect, test } from '../hosts'
import { drop, isRead, longText, openDialog, ready, row } from '../page'

const say = (...cells: string[]): void => void process.stdout.write(`| ${cells.join(' | ')} |\n`)
const card = (page: Page) => page.getByRole('region', { name: 'Reading this document' })

async function readUnasked(page: Page, tokens: number): Promise<void> {
  const settings = await openDialog(page, 'Control+,', 'Settings')
  await settings.getByLabel('Longest text read without asking').fill(String(tokens))
  await page.keyboard.press('Enter')
  await settings.getByRole('button', { name: 'Close' }).click()
}

test('estimates', async ({ app }) => {
  test.setTimeout(900_000)
  await ready(app.page)
  for (const [i, words] of [4000, 12_000, 8000, 16_000, 6000].entries()) {
    // A program that is started anew knows what the one before learnt.
    if (i === 3) {
      await app.restart()
      await ready(app.page)
    }
    const { page } = app
    const name = `text-${i}.txt`
    // Longer than the limit, so that the plan waits and can be read off.
    await readUnasked(page, 100)
    await drop(page, { path: name, bytes: longText(words, i + 7) })
    const plan = card(page).locator('.card-figures')
    await expect(plan).toContainText('on this computer')
    const told = await plan.innerText()
    await readUnasked(page, 0)
    const begun = performance.now()
    await card(page).getByRole('button', { name: 'Check again' }).click()
    await expect(row(page, name)).toContainText(/Read with readonce/, { timeout: 300_000 })
    const took = (performance.now() - begun) / 1000
    say(
      `reading ${i + 1}${i === 3 ? ' (started anew)' : ''}`,
      told.split(' · ').slice(0, 2).join(', '),
      `${took.toFixed(1)} s`
    )
  }
  await isRead(app.page, 'text-0.txt')
})

test('the plan of 50 MB', async ({ app: { page } }) => {
  test.setTimeout(300_000)
  await ready(page)
  await page.evaluate(() => {
    const all: number[] = ((window as unknown as { gaps: number[] }).gaps = [])
    let last = performance.now()
    const tick = (): void => {
      const now = performance.now()
      all.push(now - last)
      last = now
      requestAnimationFrame(tick)
    }
    requestAnimationFrame(tick)
  })
  const piece = longText(20_000)
  const path = join(mkdtempSync(join(tmpdir(), 'readonce-measure-')), 'fifty.txt')
  writeFileSync(path, piece.repeat(Math.ceil(50e6 / piece.length)).slice(0, 50e6))
  const chooser = page.waitForEvent('filechooser')
  await page.getByRole('button', { name: 'Open…' }).first().click()
  const begun = performance.now()
  await (await chooser).setFiles(path)
  await expect(row(page, 'fifty.txt')).toBeVisible({ timeout: 120_000 })
  const shown = performance.now()
  await expect(card(page).getByRole('button', { name: 'Not now' })).toBeVisible({ timeout: 200_000 })
  const seconds = (from: number, to: number): string => `${((to - from) / 1000).toFixed(1)} s`
  const now = performance.now()
  say(
    '50 MB text, drop to its row / from there to its plan / in all',
    [seconds(begun, shown), seconds(shown, now), seconds(begun, now)].join(' / ')
  )
  const gap = await page.evaluate(() => Math.max(...(window as unknown as { gaps: number[] }).gaps))
  say('longest gap between two frames meanwhile', `${gap.toFixed(0)} ms`)
  say('its plan', await card(page).locator('.card-figures').innerText())
})
