/**
 * The numbers of the window, measured on the built app in Chromium: `npm run measure` prints a table for docs/benchmarks.md.
 * Not part of the tests: a busy machine would make them fail without a reason.
 */
import { execFileSync } from 'node:child_process'
import { mkdtempSync, readFileSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Page } from '@playwright/test'
import { expect, test } from '../hosts'
import { ask, isAnswered, lastAnswer, longText, openDialog, question, reader, ready, row } from '../page'

const seconds = (begun: number): string => `${((performance.now() - begun) / 1000).toFixed(2)} s`
const say = (what: string, value: string): void => void process.stdout.write(`| ${what} | ${value} |\n`)

/** Lines of text of about so many bytes. */
const textOf = (bytes: number): string => {
  const piece = longText(20_000)
  return piece.repeat(Math.ceil(bytes / piece.length)).slice(0, bytes)
}

/** By path: what Playwright does with bytes in memory would be measured along. */
async function open(page: Page, name: string, text: string): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), 'readonce-measure-'))
  writeFileSync(join(folder, name), text)
  const chooser = page.waitForEvent('filechooser')
  await page.getByRole('button', { name: 'Open…' }).first().click()
  await (await chooser).setFiles(join(folder, name))
}

async function watchTasks(page: Page): Promise<() => Promise<number>> {
  await page.evaluate(() => {
    const all: number[] = ((window as unknown as { tasks: number[] }).tasks = [])
    new PerformanceObserver(list => all.push(...list.getEntries().map(entry => entry.duration))).observe({
      type: 'longtask'
    })
  })
  return () =>
    page.evaluate(() => {
      const { tasks } = window as unknown as { tasks: number[] }
      const longest = Math.max(0, ...tasks)
      tasks.length = 0
      return longest
    })
}
const task = (ms: number): string => (ms === 0 ? 'none above 50 ms' : `${ms.toFixed(0)} ms`)

/** Resident megabytes by kind of process. */
function memoryOf(library: string): string {
  const kinds: Record<string, number> = {}
  for (const line of execFileSync('ps', ['-eo', 'rss,args', '-ww']).toString().split('\n')) {
    const found = /^\s*(\d+) (.*)$/.exec(line)
    if (!found) continue
    const kind = found[2].includes(library)
      ? 'host (Node)'
      : (/chromium.*--type=(renderer|gpu-process)/.exec(found[2])?.[1] ?? '')
    if (kind) kinds[kind] = Math.max(kinds[kind] ?? 0, Number(found[1]) / 1000)
  }
  return Object.entries(kinds)
    .map(([kind, mb]) => `${kind} ${mb.toFixed(0)} MB`)
    .join(', ')
}

test('start', async ({ app }) => {
  for (const go of ['first start', 'second start']) {
    const begun = performance.now()
    await app.restart()
    await expect(app.page.getByRole('button', { name: 'Open…' }).first()).toBeVisible()
    const window = seconds(begun)
    await ready(app.page)
    say(`${go}: host and page up, library usable / engine ready`, `${window} / ${seconds(begun)}`)
  }
  const speed = await app.page.evaluate(async () => {
    const token = sessionStorage.getItem('readonce-token')
    let bytes = 0
    const begun = performance.now()
    for (let i = 0; i < 12; i++) {
      const response = await fetch('/bytes/models/embedded/files/model.safetensors', {
        headers: { authorization: `Bearer ${token}` }
      })
      bytes += (await response.arrayBuffer()).byteLength
    }
    return bytes / (performance.now() - begun) / 1000
  })
  say('weights through the browser host', `${speed.toFixed(0)} MB/s`)
})

test('5 MB', async ({ app: { page, library } }) => {
  test.setTimeout(300_000)
  await ready(page)
  const longest = await watchTasks(page)
  const begun = performance.now()
  await open(page, 'five.txt', textOf(5e6))
  await expect(row(page, 'five.txt')).toBeVisible()
  say('5 MB text, drop to its row in the library', seconds(begun))
  const card = page.getByRole('region', { name: 'Reading this document' })
  const now = card.getByRole('button', { name: 'Read now' })
  await expect(now).toBeVisible({ timeout: 120_000 })
  say('5 MB text, drop to its plan (tokens, time, disk)', seconds(begun))
  const asked = performance.now()
  await now.click()
  await expect(row(page, 'five.txt')).toContainText(/[1-9]\d*\.?\d*% read|0\.[1-9]% read/, {
    timeout: 120_000
  })
  say('from "Read now" to the first progress', seconds(asked))
  await page.waitForTimeout(10_000)
  say('longest task of the page, drop and 10 s of reading', task(await longest()))
  say('memory while reading', memoryOf(library))
  await ask(page, question)
  await expect(lastAnswer(page)).toContainText('in view', { timeout: 120_000 })
  say('longest task of the page while an answer streams beside reading', task(await longest()))
})

test('50 MB in the Reader', async ({ app: { page, library } }) => {
  test.setTimeout(300_000)
  await ready(page)
  const settings = await openDialog(page, 'Control+,', 'Settings')
  await settings.getByLabel('Longest text read without asking').fill('1000')
  await page.keyboard.press('Enter')
  await settings.getByRole('button', { name: 'Close' }).click()
  const longest = await watchTasks(page)
  const begun = performance.now()
  await open(page, 'fifty.txt', textOf(50e6))
  await expect(row(page, 'fifty.txt')).toBeVisible({ timeout: 120_000 })
  say('50 MB text, drop to its row in the library', seconds(begun))
  await expect(reader(page).locator('.cm-line').first()).toBeVisible({ timeout: 120_000 })
  say('50 MB text, drop to its first lines in the Reader', seconds(begun))
  say('longest task of the page while it opens', task(await longest()))
  await row(page, 'fifty.txt').getByRole('button').first().click()
  const jump = performance.now()
  await reader(page)
    .getByRole('button', { name: /%$|^(Line|Page|Go to)/ })
    .first()
    .click()
  await page.keyboard.type('73%')
  await page.keyboard.press('Enter')
  await page.waitForTimeout(50)
  say('jump to 73% (with typing it)', seconds(jump))
  await page.keyboard.press('Control+f')
  const find = performance.now()
  await page.keyboard.type('Lisbon')
  await expect(reader(page)).toContainText(/\d+ hits|of \d+/)
  say('find a word, all hits counted', seconds(find))
  say('longest task of the page, jump and find', task(await longest()))
  say('memory', memoryOf(library))
})

test('a page of answers', async ({ app: { page } }) => {
  await ready(page)
  await page.getByRole('button', { name: 'Try the sample' }).click()
  await expect(row(page, 'the-keeper')).toContainText(/Read with/)
  const longest = await watchTasks(page)
  for (let i = 0; i < 5; i++) {
    await ask(page, question)
    await isAnswered(page, /in view/)
  }
  say('longest task of the page, five answers', task(await longest()))
  say('processor', /model name\s*: (.*)/.exec(readFileSync('/proc/cpuinfo', 'utf8'))?.[1] ?? '')
})
