/** A web page → its article as Readability finds it, or all its visible text. */
import { Readability } from '@mozilla/readability'
import { decodeText } from '../decode-text'
import type { Note } from '../../../contract/document'
import { type Extraction, noteSaying, type Setting } from './document'
import { parseHtml } from './parse-tree'
import { emptyText, noText } from './plain'
import { TextBuilder } from './text-builder'
import { htmlRole } from './html-roles'
import { isElement, type Role, type TreeElement, type TreeNode, writeTree } from './tree-text'

/** Readability walks down by recursion in places, and takes quadratic time in depth. Real pages have below 100 levels. */
const deepest = 400
const mostlyArticle = 0.75

export async function readHtml(bytes: Uint8Array, setting: Setting): Promise<Extraction> {
  const markup = await decodeText(bytes, setting)
  if (!markup) throw noText(setting.name)
  const { text: source, encoding } = markup
  const document = parseHtml(source)
  const whole = write(document, setting)
  if (!/\S/.test(whole.text())) throw emptyText(setting.name, bytes.length)
  const done = (builder: TextBuilder, notes: Note[]): Extraction => ({
    text: builder.text(),
    kind: 'html',
    encoding,
    outline: builder.outline(),
    notes: [...notes, ...markup.notes]
  })
  if (setting.html === 'whole') return done(whole, [])
  // Before Readability, which takes the page apart.
  const menuless = write(document, setting, element => (isMenu(element) ? { is: 'skip' } : htmlRole(element)))
  const article = articleOf(document, setting)
  if (article === undefined || article.length < Math.min(250, whole.length / 2))
    return done(whole, [noteSaying('structure', 'noArticle')])
  // Of a page with little around its article only the menus go: what else is called unlikely in it is often a warning or an appendix.
  const isMostlyArticle = article.length >= whole.length * mostlyArticle && article.length < menuless.length
  const taken = isMostlyArticle ? menuless : article
  const left = taken.length < whole.length
  return done(
    taken,
    left
      ? [
          noteSaying('menus', 'menus', {
            count: whole.length - taken.length,
            taken: taken.length,
            of: whole.length
          })
        ]
      : []
  )
}

function write(
  root: TreeNode,
  setting: Setting,
  roleOf: (element: TreeElement) => Role = htmlRole
): TextBuilder {
  const builder = new TextBuilder(setting)
  writeTree(root, builder, roleOf)
  return builder
}

/** A menu, or the foot of the page; the foot of an article belongs to it. */
function isMenu(element: TreeElement): boolean {
  const tag = element.localName.toLowerCase()
  if (tag === 'nav' || /^(navigation|menubar|search)$/.test(element.getAttribute('role') ?? '')) return true
  if (tag !== 'footer') return false
  for (let node = element.parentNode; node; node = node.parentNode)
    if (isElement(node) && /^(article|main|section|blockquote)$/i.test(node.localName)) return false
  return true
}

/** Changes the document. Undefined when it has no article, or is nested so deep that it is no page of a person. */
function articleOf(document: TreeNode, setting: Setting): TextBuilder | undefined {
  if (depthOf(document) > deepest) return undefined
  let article
  try {
    article = new Readability<TreeNode>(document as never, {
      maxElemsToParse: 300_000,
      serializer: node => node as unknown as TreeNode
    }).parse()
  } catch {
    return undefined
  }
  if (!article?.content) return undefined
  const builder = new TextBuilder(setting)
  const title = (article.title ?? '').replace(/\s+/g, ' ').trim()
  const body = write(article.content, setting)
  if (title !== '' && !body.text().slice(0, 500).includes(title)) builder.heading(title, 1)
  writeTree(article.content, builder, htmlRole)
  return builder
}

function depthOf(root: TreeNode): number {
  let depth = 0
  let most = 0
  for (let node = root; ;) {
    if (node.firstChild) {
      node = node.firstChild
      most = Math.max(most, ++depth)
      continue
    }
    while (node !== root && !node.nextSibling) {
      node = node.parentNode!
      depth--
    }
    if (node === root) return most
    node = node.nextSibling!
  }
}
