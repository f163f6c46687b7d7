/** Markup → a tree, by linkedom. */
import { DOMParser, parseHTML } from 'linkedom'
import { checkNesting } from './nesting'
import type { TreeNode } from './tree-text'

// linkedom's node for <!DOCTYPE> has no parent and no next sibling: a walk would end there. Nothing here needs it.
const withoutDoctype = (source: string) => source.replace(/<!doctype/gi, '<!none')

export function parseHtml(source: string): TreeNode {
  checkNesting(source, false)
  return parseHTML(withoutDoctype(source)).document as unknown as TreeNode
}

export function parseXml(source: string): TreeNode {
  checkNesting(source, true)
  return new DOMParser().parseFromString(withoutDoctype(source), 'text/xml') as unknown as TreeNode
}

/** Read as HTML, whose entities XHTML uses too; but there <a/> is whole, and as HTML would open and never close. */
export const parseXhtml = (source: string): TreeNode =>
  parseHtml(
    source.replace(/<([a-zA-Z][\w:-]*)((?:\s[^<>]*)?)\/>/g, (all, tag: string, attributes: string) =>
      /^(br|hr|img|input|meta|link|col|area|base|source|track|wbr|embed|param)$/i.test(tag)
        ? all
        : `<${tag}${attributes}></${tag}>`
    )
  )
