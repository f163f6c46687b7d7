/** The lists of a Word document, which word-lists.ts counts; and how the children of an element are found. */
import { isElement, type TreeElement, type TreeNode } from './tree-text'
import { type Level, type List, WordLists } from './word-lists'

export const childrenOf = (node: TreeNode, name?: string): TreeElement[] => {
  const found: TreeElement[] = []
  for (let child = node.firstChild; child; child = child.nextSibling)
    if (isElement(child) && (name === undefined || child.localName === name)) found.push(child)
  return found
}
export const childOf = (node: TreeNode | undefined, name: string): TreeElement | undefined =>
  node && childrenOf(node, name)[0]
export const valueOf = (node: TreeNode | undefined, name: string): string | undefined =>
  childOf(node, name)?.getAttribute('w:val') ?? undefined
const numberOf = (value: string | null | undefined): number | undefined =>
  value !== null && value !== undefined && /^-?\d{1,9}$/.test(value) ? Number(value) : undefined

export function numberingOf(root: TreeNode | undefined): WordLists {
  const lists = new Map<string, List>()
  const numbering = root && childOf(root, 'w:numbering')
  if (!numbering) return new WordLists(lists)
  const definitions = new Map<string, ReadonlyMap<number, Level>>()
  for (const definition of childrenOf(numbering, 'w:abstractNum'))
    definitions.set(definition.getAttribute('w:abstractNumId') ?? '', levelsOf(definition))
  for (const list of childrenOf(numbering, 'w:num')) {
    const definition = valueOf(list, 'w:abstractNumId') ?? ''
    const levels = new Map(definitions.get(definition))
    const restarts = new Map<number, number>()
    for (const override of childrenOf(list, 'w:lvlOverride')) {
      const at = numberOf(override.getAttribute('w:ilvl')) ?? 0
      for (const [, level] of levelsOf(override)) levels.set(at, level)
      const start = numberOf(valueOf(override, 'w:startOverride'))
      if (start !== undefined) restarts.set(at, start)
    }
    lists.set(list.getAttribute('w:numId') ?? '', { levels, definition, restarts })
  }
  return new WordLists(lists)
}

function levelsOf(definition: TreeElement): Map<number, Level> {
  const levels = new Map<number, Level>()
  for (const level of childrenOf(definition, 'w:lvl'))
    levels.set(numberOf(level.getAttribute('w:ilvl')) ?? 0, {
      start: numberOf(valueOf(level, 'w:start')) ?? 1,
      format: valueOf(level, 'w:numFmt') ?? 'decimal',
      text: valueOf(level, 'w:lvlText'),
      isLegal: childOf(level, 'w:isLgl') !== undefined,
      restart: numberOf(valueOf(level, 'w:lvlRestart')),
      style: valueOf(level, 'w:pStyle')
    })
  return levels
}
