/** Markup → a tree, by linkedom. */
import { DOMParser, parseHTML } from 'linkedom'
import { checkNesting } from './nesting'
import type { TreeNode } from './tree-text'

// linkedom's node for <!DOCTYPE> has no parent and no next sibling: a walk would end there. Nothing here needs it.
const withoutDoctype = (source: string) => source.replace(/<!doctype/gi, '<!none')

const escaped = (text: string) => text.replace(/&/g, '&amp;').replace(/</g, '&lt;').replace(/>/g, '&gt;')

/** linkedom parses as it is written; what a browser's parser adds and takes as text is put in before. */
export function parseHtml(source: string): TreeNode {
  const whole = withBody(withRawText(source))
  checkNesting(whole, false)
  return parseHTML(withoutDoctype(whole)).document as unknown as TreeNode
}

/** Raw text, whose "<" begins no tag. */
function withRawText(source: string): string {
  if (!/<(xmp|plaintext)\b/i.test(source)) return source
  return source
    .replace(/<xmp\b[^>]*>([\s\S]*?)<\/xmp\s*>/gi, (_, text: string) => `<pre>${escaped(text)}</pre>`)
    .replace(/<plaintext\b[^>]*>([\s\S]*)$/i, (_, text: string) => `<pre>${escaped(text)}</pre>`)
}

const ofHead = /^(html|head|title|meta|link|script|style|base|basefont|noscript|template)$/i

/**
 * What follows </body> and </html> belongs to the page, also another page that was appended; and a head that is not closed ends where its
 * first word or other element begins.
 */
function withBody(source: string): string {
  const open = source.replace(/<\/(body|html)\s*>/gi, ' ')
  if (!/<head\b/i.test(open) || /<(body|frameset)\b|<\/head\s*>/i.test(open)) return open
  const tags =
    /<!--[\s\S]*?-->|<(script|style|title|noscript|template)\b[\s\S]*?<\/\1\s*>|<\/?([a-z][\w-]*)\b/gi
  for (let tag; (tag = tags.exec(open));)
    if (tag[2] !== undefined && !ofHead.test(tag[2]))
      return `${open.slice(0, tag.index)}</head><body>${open.slice(tag.index)}`
  return open
}

export function parseXml(source: string): TreeNode {
  checkNesting(source, true)
  return new DOMParser().parseFromString(withoutDoctype(source), 'text/xml') as unknown as TreeNode
}

/** Read as HTML, whose entities XHTML uses too; but there <a/> is whole, and as HTML would open and never close. */
export const parseXhtml = (source: string): TreeNode =>
  parseHtml(
    source
      .replace(/<!\[CDATA\[([\s\S]*?)\]\]>/g, (_, text: string) => escaped(text))
      .replace(/<([a-zA-Z][\w:-]*)((?:\s[^<>]*)?)\/>/g, (all, tag: string, attributes: string) =>
        /^(br|hr|img|input|meta|link|col|area|base|source|track|wbr|embed|param)$/i.test(tag)
          ? all
          : `<${tag}${attributes}></${tag}>`
      )
  )
