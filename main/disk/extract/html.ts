/** A web page → its article as Readability finds it, or all its visible text. */
import { Readability } from '@mozilla/readability'
import { decodeText } from '../decode-text'
import type { Note } from '../../../contract/document'
import { count, type Extraction, note, type Setting } from './document'
import { parseHtml } from './parse-tree'
import { emptyText, noText } from './plain'
import { TextBuilder } from './text-builder'
import { htmlRole } from './html-roles'
import { type TreeNode, writeTree } from './tree-text'

/** Readability walks down by recursion in places, and takes quadratic time in depth. Real pages have below 100 levels. */
const deepest = 400

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
  const article = articleOf(document, setting)
  if (article === undefined || article.length < Math.min(250, whole.length / 2))
    return done(whole, [
      note('structure', 'No main text could be told from the rest of this page, so all its text was taken.')
    ])
  const left = article.length < whole.length * 0.8
  return done(
    article,
    left
      ? [
          note(
            'menus',
            `Menus and the like were left out: ${count(article.length)} of ${count(whole.length)} characters were taken. Take the page in as whole text if something is missing.`,
            { count: whole.length - article.length }
          )
        ]
      : []
  )
}

function write(root: TreeNode, setting: Setting): TextBuilder {
  const builder = new TextBuilder(setting)
  writeTree(root, builder, htmlRole)
  return builder
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
