/** Wraps the quotations of an answer in `<mark data-quotation="index">`, where one lies within a run of plain text. */
import type { ChatMessage } from '../../../contract/chat'

type Quotations = NonNullable<ChatMessage['quotations']>

/** What is used here of a tree of HTML as rehype has it. */
interface Node {
  type: string
  tagName?: string
  value?: string
  properties?: Record<string, unknown>
  children?: Node[]
}

export const markQuotations = (quotations: Quotations) => () => (tree: Node) => {
  if (quotations.length > 0) wrap(tree, quotations)
}

function wrap(node: Node, quotations: Quotations): void {
  node.children = node.children?.flatMap(child => {
    if (child.type === 'text') return pieces(child.value ?? '', quotations)
    if (child.tagName !== 'code') wrap(child, quotations)
    return [child]
  })
}

function pieces(text: string, quotations: Quotations): Node[] {
  const found = quotations
    .map((quotation, index) => ({ index, at: text.indexOf(quotation.text), length: quotation.text.length }))
    .filter(({ at }) => at >= 0)
    .sort((a, b) => a.at - b.at)
  const nodes: Node[] = []
  let done = 0
  for (const { index, at, length } of found) {
    if (at < done) continue
    nodes.push({ type: 'text', value: text.slice(done, at) })
    nodes.push({
      type: 'element',
      tagName: 'mark',
      properties: { dataQuotation: index },
      children: [{ type: 'text', value: text.slice(at, at + length) }]
    })
    done = at + length
  }
  nodes.push({ type: 'text', value: text.slice(done) })
  return nodes.filter(({ type, value }) => type !== 'text' || value !== '')
}
