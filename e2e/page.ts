/** What a person does in the window, and how it is looked at. Everything is found by the names that a screen reader says. */
import type { Locator, Page } from '@playwright/test'
import { mkdirSync, readFileSync } from 'node:fs'
import { basename, join } from 'node:path'
import { expect, root } from './hosts'

export const samplePath = join(root, 'assets/samples/the-keeper-of-skerry-light.txt')
export const sample = basename(samplePath)
export const question = 'What is the special magic Lisbon number?'
export const answerText = '4821'

/** The engine has loaded its model. */
export const ready = (page: Page) =>
  expect(page.getByRole('contentinfo').getByRole('button', { name: /readonce/ })).toBeVisible()

export interface GivenFile {
  /** With "/" between folders. */
  readonly path: string
  readonly bytes: Buffer | string
}

/** The real thing that a browser does with dropped files, without the mouse. Folders cannot be made up in a page. */
export async function drop(page: Page, ...files: readonly GivenFile[]): Promise<void> {
  const transfer = await page.evaluateHandle(
    files => {
      const transfer = new DataTransfer()
      for (const [name, base64] of files)
        transfer.items.add(new File([Uint8Array.from(atob(base64), c => c.charCodeAt(0))], name))
      return transfer
    },
    files.map(({ path, bytes }) => [path, Buffer.from(bytes).toString('base64')] as const)
  )
  await page.dispatchEvent('body', 'drop', { dataTransfer: transfer })
}

export const dropPath = (page: Page, path: string) =>
  drop(page, { path: basename(path), bytes: readFileSync(path) })

export const library = (page: Page) => page.getByRole('navigation', { name: 'Library' })
/** A document's row; its text tells name, state and sizes. */
export const row = (page: Page, name: string): Locator =>
  library(page).getByRole('region', { name: 'Documents' }).getByRole('listitem').filter({ hasText: name })
export const reader = (page: Page) => page.getByRole('main')
export const chat = (page: Page) => page.getByRole('complementary', { name: 'Conversation' })

export const isRead = (page: Page, name: string) =>
  // A text of ten thousand tokens takes a minute where the computer is busy.
  expect(row(page, name)).toContainText(/Read with readonce/, { timeout: 120_000 })

/** Dropped, read whole and shown. */
export async function dropAndRead(page: Page, path = samplePath): Promise<void> {
  await dropPath(page, path)
  await isRead(page, basename(path))
}

export const questionBox = (page: Page) => page.getByRole('textbox', { name: 'Ask about this document' })

export async function ask(page: Page, text: string): Promise<void> {
  await questionBox(page).fill(text)
  await page.keyboard.press('Enter')
}

export const answers = (page: Page) => page.getByRole('article', { name: 'Answer' })
export const lastAnswer = (page: Page) => answers(page).last()
/** The answer has come to its end. */
export const isAnswered = (page: Page, words: string | RegExp) =>
  expect(lastAnswer(page)).toContainText(words)
export const coverage = /([\d,]+) of ([\d,]+) tokens in view/

/** Opens one of the dialogs by its keys, as a person would who knows them. */
export async function openDialog(page: Page, keys: string, name: string): Promise<Locator> {
  await page.keyboard.press(keys)
  const dialog = page.getByRole('dialog', { name })
  await expect(dialog).toBeVisible()
  return dialog
}

/** A command of a document's own menu. */
export async function command(page: Page, document: string, name: string | RegExp): Promise<void> {
  await row(page, document).hover()
  await row(page, document)
    .getByRole('button', { name: `Commands for ${document}` })
    .click()
  await page.getByRole('menuitem', { name }).or(page.getByRole('menuitemradio', { name })).click()
}

/** With READONCE_SCREENSHOTS=FOLDER, pictures for people to look at. */
export async function picture(page: Page, name: string): Promise<void> {
  const folder = process.env['READONCE_SCREENSHOTS']
  if (!folder) return
  mkdirSync(folder, { recursive: true })
  // After a crash of the GPU process none can be taken.
  await page.screenshot({ path: join(folder, `${name}.png`), animations: 'disabled' }).catch(() => undefined)
}

/** A text of about `words` words in paragraphs, with the planted number in its middle; the same for the same seed. */
export function longText(words: number, seed = 1): string {
  const parts =
    'the harbour was quiet and old boats lay in it while men carried wool from ships to stone houses'.split(
      ' '
    )
  let state = seed
  const next = () => (state = (state * 1103515245 + 12345) % 2147483648)
  const sentences: string[] = []
  for (let count = 0; count < words;) {
    const length = 6 + (next() % 9)
    const sentence = Array.from({ length }, () => parts[next() % parts.length]).join(' ')
    sentences.push(`${sentence[0].toUpperCase()}${sentence.slice(1)}.`)
    count += length
  }
  sentences.splice(Math.floor(sentences.length / 2), 0, 'The special magic Lisbon number is 4821.')
  return sentences.map((sentence, i) => sentence + ((i + 1) % 6 === 0 ? '\n\n' : ' ')).join('')
}
