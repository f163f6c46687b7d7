/** A web page → its article as Readability finds it, or all its visible text. */
import { Readability } from '@mozilla/readability'
import { type DecodedText, decodeText } from '../decode-text'
import type { Note } from '../../../contract/document'
import { type Extraction, noteSaying, type Setting } from './document'
import { looksLikeMhtml, mimeParts } from './mime'
import { parseHtml } from './parse-tree'
import { emptyText, noText } from './plain'
import { TextBuilder } from './text-builder'
import { htmlRole } from './html-roles'
import { elementsOf, isElement, type Role, type TreeElement, type TreeNode, writeTree } from './tree-text'

/** Readability walks down by recursion in places, and takes quadratic time in depth. Real pages have below 100 levels. */
const deepest = 400
const mostlyArticle = 0.75
/** Characters. */
const shortPage = 1_500

export async function readHtml(bytes: Uint8Array, setting: Setting): Promise<Extraction> {
  const page = await pageOf(bytes, setting)
  const { markup } = page
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
    notes: [...notes, ...page.notes, ...markup.notes]
  })
  if (setting.html === 'whole') return done(whole, [])
  // Before Readability, which takes the page apart.
  const withoutMenus = (element: TreeElement): Role => (isMenu(element) ? { is: 'skip' } : htmlRole(element))
  const menuless = write(document, setting, withoutMenus)
  const leftOut = (taken: number): Note[] =>
    taken < whole.length
      ? [noteSaying('menus', 'menus', { count: whole.length - taken, taken, of: whole.length })]
      : []
  // What is around the article of a short page is short too, and often what it is about: a form, a list of buttons.
  if (whole.length < shortPage) {
    const isMenu = menuless.length < whole.length / 2
    const taken = titled(titleOf(document), document, setting, isMenu ? htmlRole : withoutMenus)
    return done(taken, isMenu ? [] : leftOut(menuless.length))
  }
  const article = articleOf(document, setting)
  if (article === undefined || article.length < Math.min(250, whole.length / 2))
    return done(whole, [noteSaying('structure', 'noArticle')])
  // Of a page with little around its article only the menus go: what else is called unlikely in it is often a warning or an appendix.
  const isMostlyArticle = article.length >= whole.length * mostlyArticle && article.length < menuless.length
  const taken = isMostlyArticle ? menuless : article
  return done(taken, leftOut(taken.length))
}

/** The page, and what was saved with it where it is one file of several parts. */
async function pageOf(
  bytes: Uint8Array,
  setting: Setting
): Promise<{ markup: DecodedText | undefined; notes: Note[] }> {
  const head = Buffer.from(bytes.buffer, bytes.byteOffset, Math.min(bytes.length, 4096)).toString('latin1')
  const parts = looksLikeMhtml(head) ? mimeParts(bytes) : undefined
  const page =
    parts?.find(({ type }) => /html/.test(type)) ?? parts?.find(({ type }) => type === 'text/plain')
  if (!parts || !page) return { markup: await decodeText(bytes, setting), notes: [] }
  const markup = await decodeText(page.body, { encoding: setting.encoding ?? page.charset })
  const pictures = parts.filter(({ type }) => type.startsWith('image/')).length
  const others = parts.filter(
    part => part !== page && /^text\/(html|plain)$|pdf|msword|officedocument/.test(part.type)
  )
  const notes: Note[] = pictures > 0 ? [noteSaying('pictures', 'pictures', { count: pictures })] : []
  if (others.length > 0) {
    const which = others
      .slice(0, 5)
      .map(({ location, type }) => location || type)
      .join(', ')
    notes.push(noteSaying('attachments', 'savedParts', { count: others.length, which }))
  }
  return { markup, notes }
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
  return titled(article.title ?? '', article.content, setting, htmlRole)
}

/** With its title before it, where the beginning does not say it. */
function titled(
  name: string,
  root: TreeNode,
  setting: Setting,
  roleOf: (element: TreeElement) => Role
): TextBuilder {
  const builder = new TextBuilder(setting)
  const title = name.replace(/\s+/g, ' ').trim()
  const body = write(root, setting, roleOf)
  if (title !== '' && body.length > 0 && !body.text().slice(0, 500).includes(title)) builder.heading(title, 1)
  writeTree(root, builder, roleOf)
  return builder
}

function titleOf(document: TreeNode): string {
  const title = elementsOf(document).find(each => each.localName.toLowerCase() === 'title')
  return (title as unknown as { textContent: string | null } | undefined)?.textContent ?? ''
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
