/** What axe finds serious on the screen, as sentences: none is wanted. */
import { AxeBuilder } from '@axe-core/playwright'
import type { Page } from '@playwright/test'

export async function complaints(page: Page): Promise<string[]> {
  // A button that becomes enabled while axe looks would change its colours slowly otherwise.
  await page.emulateMedia({ reducedMotion: 'reduce' })
  // Halfway from one colour to another, contrast is nobody's.
  await page.evaluate(() =>
    Promise.allSettled(
      document
        .getAnimations()
        .filter(({ effect }) => effect?.getComputedTiming().endTime !== Infinity)
        .map(({ finished }) => finished)
    )
  )
  const { violations } = await new AxeBuilder({ page }).analyze()
  const wide = await page.evaluate(() => document.documentElement.scrollWidth - innerWidth)
  return [
    ...violations
      .filter(({ impact }) => impact === 'serious' || impact === 'critical')
      .map(
        ({ id, help, nodes }) => `${id}: ${help}: ${nodes.map(({ html }) => html.slice(0, 120)).join(' | ')}`
      ),
    ...(wide > 0 ? [`the page is ${wide} pixels wider than the window`] : [])
  ]
}
