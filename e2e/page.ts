/** What a person does on the page, and how it is looked at. */
import type { Page } from '@playwright/test'
import { mkdirSync, readFileSync } from 'node:fs'
import { basename, join } from 'node:path'
import { expect, root } from './hosts'

export const sample = join(root, 'assets/samples/the-keeper-of-skerry-light.txt')
export const novel = join(root, 'assets/samples/the-adventures-of-sherlock-holmes.txt')
export const question = 'What is the special magic Lisbon number?'

export const ready = (page: Page) => expect(page.getByText('Computes on')).toBeVisible()

/** The real thing that a browser does with a dropped file, without the mouse. */
export async function drop(page: Page, name: string, bytes: Buffer): Promise<void> {
  const transfer = await page.evaluateHandle(
    ([name, base64]) => {
      const transfer = new DataTransfer()
      transfer.items.add(new File([Uint8Array.from(atob(base64), c => c.charCodeAt(0))], name))
      return transfer
    },
    [name, bytes.toString('base64')] as const
  )
  await page.dispatchEvent('main', 'drop', { dataTransfer: transfer })
}

export const dropFile = (page: Page, path: string) => drop(page, basename(path), readFileSync(path))

export async function ask(page: Page, text: string): Promise<void> {
  await page.getByLabel('Ask about this document').fill(text)
  await page.keyboard.press('Enter')
}

/** With READONCE_SCREENSHOTS=FOLDER, pictures for people to look at. */
export async function picture(page: Page, name: string): Promise<void> {
  const folder = process.env['READONCE_SCREENSHOTS']
  if (!folder) return
  mkdirSync(folder, { recursive: true })
  await page.screenshot({ path: join(folder, `${name}.png`), fullPage: true, animations: 'disabled' })
}

/** What a screen reader would stumble over and what is too pale to read, as sentences. */
export function complaints(page: Page): Promise<string[]> {
  return page.evaluate(() => {
    const found: string[] = []
    const shown = (element: Element) => element.checkVisibility({ visibilityProperty: true })
    const nameOf = (element: Element) =>
      element.getAttribute('aria-label') ??
      (element as HTMLInputElement).labels?.[0]?.textContent ??
      element.textContent
    for (const element of document.querySelectorAll('button, input, progress'))
      if (shown(element) && !nameOf(element)?.trim()) found.push(`no name: ${element.outerHTML}`)
    for (const element of document.querySelectorAll('[aria-labelledby]'))
      if (!document.getElementById(element.getAttribute('aria-labelledby')!))
        found.push(`no label: ${element.tagName}`)
    for (const landmark of ['header', 'main', 'footer'])
      if (document.querySelectorAll(landmark).length !== 1) found.push(`not one ${landmark}`)
    const levels = [...document.querySelectorAll('h1, h2, h3, h4')]
      .filter(shown)
      .map(h => Number(h.tagName[1]))
    if (levels[0] !== 1 || levels.some((level, i) => i > 0 && level > levels[i - 1] + 1))
      found.push(`headings ${levels.join(' ')}`)
    const ids = [...document.querySelectorAll('[id]')].map(({ id }) => id)
    if (new Set(ids).size !== ids.length) found.push('an id twice')
    if (!document.documentElement.lang) found.push('no language')
    if (document.documentElement.scrollWidth > innerWidth) found.push(`wider than the window: ${innerWidth}`)

    const channels = (colour: string) => colour.match(/[\d.]+/g)!.map(Number)
    const luminance = (colour: number[]) => {
      const [r, g, b] = colour
        .slice(0, 3)
        .map(c => (c / 255 <= 0.04045 ? c / 255 / 12.92 : ((c / 255 + 0.055) / 1.055) ** 2.4))
      return 0.2126 * r + 0.7152 * g + 0.0722 * b
    }
    const backgroundOf = (element: Element | null): number[] => {
      if (!element) return [255, 255, 255]
      const own = channels(getComputedStyle(element).backgroundColor)
      return own[3] === 0 ? backgroundOf(element.parentElement) : own
    }
    for (const element of document.querySelectorAll('body *')) {
      const text = [...element.childNodes].some(node => node.nodeType === 3 && node.textContent?.trim())
      if (!text || !shown(element) || element.matches(':disabled')) continue
      const [a, b] = [luminance(channels(getComputedStyle(element).color)), luminance(backgroundOf(element))]
      const contrast = (Math.max(a, b) + 0.05) / (Math.min(a, b) + 0.05)
      if (contrast < 4.5) found.push(`contrast ${contrast.toFixed(1)}: ${element.textContent?.slice(0, 40)}`)
    }
    return found
  })
}
