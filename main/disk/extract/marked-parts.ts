/** Letterheads and file numbers stand in headers: each is written once and marked, though it is printed on every page. */
import type { Setting } from './document'
import { TextBuilder } from './text-builder'
import type { TreeNode } from './tree-text'

export function writeMarked(
  mark: 'Header' | 'Footer',
  roots: readonly TreeNode[],
  builder: TextBuilder,
  setting: Setting,
  write: (root: TreeNode, builder: TextBuilder) => void
): void {
  const seen = new Set<string>()
  for (const root of roots) {
    const own = new TextBuilder(setting)
    write(root, own)
    const words = own
      .text()
      .replace(/\s*\n\s*/g, ' / ')
      .trim()
    // A page number alone is nothing to read.
    if (!/\p{L}/u.test(words.replace(/\b(page|seite|of|von)\b/gi, '')) || seen.has(words)) continue
    seen.add(words)
    builder.separate(2)
    builder.add(`[${mark}] ${words}`)
    builder.separate(2)
  }
}
