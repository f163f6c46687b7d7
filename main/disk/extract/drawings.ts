/** Drawings (SVG) in a book's page: one without words is told by its title, which is written for those who do not see it. */
import { textOf } from './html-roles'
import { elementsOf, isElement, tagOf, type TreeElement, type TreeNode } from './tree-text'

/** What may stand around a drawing's words and shows none itself. */
const frames = /^(svg|title|desc|metadata|style|script|g|defs)$/
const titles = /^(title|desc)$/
const scripts = /^(script|style)$/

export class Drawings {
  /** Of every drawing that was looked at, by an outer one too: whether it is told by its titles. */
  private readonly known = new Map<TreeElement, boolean>()

  /** In brackets; undefined where the drawing has words of its own, or no title. */
  titleOf(drawing: TreeElement): string | undefined {
    if (!this.known.has(drawing)) this.judge(drawing)
    if (this.known.get(drawing) !== true) return undefined
    return `[${titlesIn(drawing).join('. ')}]`
  }

  /** Each element once, inner ones first: drawings may lie in each other 20,000 deep. */
  private judge(outer: TreeElement): void {
    const worded = new Set<TreeNode>()
    const shown = new Set<TreeNode>()
    const titled = new Set<TreeNode>()
    for (const element of [outer, ...elementsOf(outer)].reverse()) {
      const tag = tagOf(element)
      let hasWords = false
      for (let child = element.firstChild; child; child = child.nextSibling) {
        hasWords ||= worded.has(child) || isWord(child)
        if (shown.has(child) || (worded.has(child) && isElement(child) && !frames.test(tagOf(child))))
          shown.add(element)
        if (titled.has(child)) titled.add(element)
      }
      if (hasWords && !scripts.test(tag)) worded.add(element)
      if (hasWords && titles.test(tag)) titled.add(element)
      if (tag === 'svg') this.known.set(element, titled.has(element) && !shown.has(element))
    }
  }
}

function titlesIn(drawing: TreeElement): string[] {
  const said: string[] = []
  const open: TreeNode[] = [drawing]
  for (let node; (node = open.pop());) {
    if (isElement(node) && titles.test(tagOf(node))) {
      said.push(textOf(node).replace(/\s+/g, ' ').trim())
      continue
    }
    const inner: TreeNode[] = []
    for (let child = node.firstChild; child; child = child.nextSibling) inner.push(child)
    for (const child of inner.reverse()) open.push(child)
  }
  return said.filter(Boolean)
}

/** Text that shows; scripts are the caller's. */
export const isWord = (node: TreeNode) =>
  (node.nodeType === 3 || node.nodeType === 4) && /\S/.test((node as unknown as { data: string }).data)
