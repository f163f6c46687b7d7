/** EPUB → its chapters in the order of the spine. */
import { failureSaying } from '../../../contract/failure'
import { type Archive, damaged } from './archive'
import { type Extraction, noteSaying, type Setting } from './document'
import type { Note } from '../../../contract/document'
import { decodeText } from '../decode-text'
import { EpubRoles } from './epub-roles'
import { textOf } from './html-roles'
import { parseXhtml, parseXml } from './parse-tree'
import { emptyText } from './plain'
import { TextBuilder } from './text-builder'
import { elementsOf, type TreeElement, type TreeNode, writeTree } from './tree-text'

interface Item {
  readonly id: string
  readonly path: string
  readonly type: string
  readonly properties: string
  readonly fallback: string
}

export async function readEpub(archive: Archive, setting: Setting): Promise<Extraction> {
  const { name } = setting
  const packagePath = packageOf(archive)
  const packageText = packagePath === undefined ? undefined : archive.text(packagePath)
  if (packageText === undefined) throw damaged(name, 'damagedChapters')
  const elements = elementsOf(xml(packageText))
  const items = itemsOf(elements, archive, packagePath!.replace(/[^/]*$/, ''))
  const contents = contentsOf(archive, items, elements)
  const { chapters, unknown } = chaptersOf(elements, items)
  refuseLocked(archive, new Set(chapters.map(chapter => chapter.path)), name)

  const wanted = new Set(chapters.map(chapter => chapter.path))
  const files = archive.read(each => wanted.has(each))
  const builder = new TextBuilder(setting)
  const lost: string[] = [...unknown]
  const roles = new EpubRoles()
  const notes: Note[] = []
  let pictures = 0
  /** Words besides those of lists of contents. */
  let hasWords = false
  for (const [i, { path, properties }] of chapters.entries()) {
    const bytes = files.get(path)
    const markup = bytes && (await decodeText(bytes))
    if (!markup) {
      lost.push(path)
      continue
    }
    notes.push(...markup.notes.map(each => ({ ...each, where: path })))
    const before = { length: builder.length, headings: builder.headings.length }
    const page = parseXhtml(markup.text)
    const isNav = isNavigation(properties)
    builder.separate(2)
    roles.begin(path, isNav)
    writeTree(page, builder, element => roles.of(element))
    const isEmpty = builder.length === before.length
    hasWords ||= isNav ? roles.hasWordsBesideLists(page) : !isEmpty
    if (isEmpty) {
      if (!isNav) pictures++
    } else if (builder.headings.length === before.headings) {
      const title = contents.get(path)
      if (title) builder.mark(title.title, title.level, before.length === 0 ? 0 : before.length + 2)
    }
    setting.progress(i + 1, chapters.length)
  }
  const text = builder.text()
  // A list of contents alone is no book whose chapters are damaged.
  if (!hasWords) archive.refuseBroken()
  if (!/\S/.test(text) || (!hasWords && pictures > 0))
    throw pictures > 0 ? onlyPictures(name) : emptyText(name, 1)
  const shown = chapters.filter(({ properties }) => !isNavigation(properties)).length
  const of = shown + unknown.length
  if (lost.length > 0) {
    const which = lost.slice(0, 5).join(', ') + (lost.length > 5 ? ' …' : '')
    notes.unshift(noteSaying('missing-part', 'bookLost', { count: lost.length, of, which }, which))
  }
  notes.push(...roles.notes())
  if (pictures > chapters.length / 4)
    notes.push(noteSaying('pictures', 'bookPictures', { count: pictures, of }))
  return { text, kind: 'epub', encoding: '', outline: builder.outline(), notes }
}

const isNavigation = (properties: string) => /(^|\s)nav(\s|$)/.test(properties)

/** A book may name several root files, a PDF of it for example. */
function packageOf(archive: Archive): string | undefined {
  const roots = elementsOf(xml(archive.text('META-INF/container.xml')))
    .filter(each => is(each, 'rootfile'))
    .map(each => ({
      path: each.getAttribute('full-path') ?? '',
      type: each.getAttribute('media-type') ?? ''
    }))
    .filter(({ path }) => archive.names.has(path))
  return (
    roots.find(({ path, type }) => type.includes('oebps-package') || path.endsWith('.opf'))?.path ??
    [...archive.names].find(each => each.endsWith('.opf'))
  )
}

function itemsOf(elements: readonly TreeElement[], archive: Archive, folder: string): Map<string, Item> {
  // Names that differ in their case, or hold the "%20" that others decode, are found all the same.
  const byName = new Map([...archive.names].map(each => [each.normalize().toLowerCase(), each]))
  const pathOf = (href: string) => {
    const decoded = resolve(folder, href)
    const raw = resolve(folder, href.replaceAll('%', '%25'))
    if (archive.names.has(decoded)) return decoded
    return archive.names.has(raw) ? raw : (byName.get(decoded.normalize().toLowerCase()) ?? decoded)
  }
  const items = new Map<string, Item>()
  for (const element of elements.filter(each => is(each, 'item'))) {
    const id = element.getAttribute('id') ?? ''
    items.set(id, {
      id,
      path: pathOf(element.getAttribute('href') ?? ''),
      type: (element.getAttribute('media-type') ?? '').toLowerCase(),
      properties: element.getAttribute('properties') ?? '',
      fallback: element.getAttribute('fallback') ?? ''
    })
  }
  return items
}

const isMarkup = ({ type, path }: Item) =>
  /html|dtbook|svg|oeb1-document/.test(type) ||
  (!/ncx|smil|^(image|audio|video|font|text\/css)/.test(type) && /\.(x?html?|xml|svg)$/i.test(path)) ||
  (/^(text|application)\/xml/.test(type) && !/\.(opf|ncx|smil)$/i.test(path))

/** In the order of the spine; without one, in that of the manifest. What cannot be shown has a fallback that can. */
function chaptersOf(
  elements: readonly TreeElement[],
  items: ReadonlyMap<string, Item>
): { chapters: Item[]; unknown: string[] } {
  const spine = elements.filter(each => is(each, 'itemref')).map(each => each.getAttribute('idref') ?? '')
  const chapters: Item[] = []
  const unknown: string[] = []
  for (const id of spine) {
    let item = items.get(id)
    if (!item) unknown.push(id)
    for (let i = 0; item && !isMarkup(item) && i < 10; i++) item = items.get(item.fallback)
    if (item && isMarkup(item)) chapters.push(item)
  }
  if (spine.length === 0) chapters.push(...[...items.values()].filter(item => isMarkup(item)))
  return { chapters, unknown }
}

const onlyPictures = (name: string) => failureSaying('empty-document', 'bookOfPictures', { name })

const xml = (source: string | undefined) => parseXml(source ?? '<none/>')

const is = (element: TreeElement, name: string) => element.localName.replace(/^.*:/, '') === name

function resolve(folder: string, href: string): string {
  let path = href.replace(/#.*$/s, '')
  try {
    path = decodeURIComponent(path)
  } catch {
    // A stray "%": the name as it stands.
  }
  const parts: string[] = []
  for (const part of (folder + path).split('/'))
    if (part === '..') parts.pop()
    else if (part !== '.' && part !== '') parts.push(part)
  return parts.join('/')
}

/** Titles by the file they point to, from EPUB 3's navigation or EPUB 2's NCX; the first one of a file counts. */
function contentsOf(
  archive: Archive,
  items: ReadonlyMap<string, Item>,
  elements: readonly TreeElement[]
): Map<string, { title: string; level: number }> {
  const titles = new Map<string, { title: string; level: number }>()
  const add = (path: string, title: string, level: number) => {
    if (title !== '' && !titles.has(path)) titles.set(path, { title, level })
  }
  const all = [...items.values()]
  const nav = all.find(item => /(^|\s)nav(\s|$)/.test(item.properties))
  const navText = nav && archive.text(nav.path)
  if (navText !== undefined) {
    const folder = nav!.path.replace(/[^/]*$/, '')
    for (const link of elementsOf(parseXhtml(navText)).filter(each => is(each, 'a'))) {
      const level = levelOf(link, 'ol')
      add(resolve(folder, link.getAttribute('href') ?? ''), wordsOf(link), level)
    }
    return titles
  }
  const ncxId = elements.find(each => is(each, 'spine'))?.getAttribute('toc')
  const ncx = items.get(ncxId ?? '') ?? all.find(item => item.type === 'application/x-dtbncx+xml')
  const ncxText = ncx && archive.text(ncx.path)
  if (ncxText === undefined) return titles
  const folder = ncx!.path.replace(/[^/]*$/, '')
  for (const point of elementsOf(xml(ncxText)).filter(each => is(each, 'navPoint'))) {
    const inside = elementsOf(point)
    const title = inside.find(each => is(each, 'text'))
    const target = inside.find(each => is(each, 'content'))?.getAttribute('src')
    if (title && target) add(resolve(folder, target), wordsOf(title), levelOf(point, 'navPoint') + 1)
  }
  return titles
}

function wordsOf(element: TreeElement): string {
  return textOf(element).replace(/\s+/g, ' ').trim()
}

function levelOf(element: TreeNode, name: string): number {
  let level = 0
  for (let node = element.parentNode; node && level < 9; node = node.parentNode)
    if ('localName' in node && is(node as TreeElement, name)) level++
  return level
}

/** Fonts are often scrambled and may be; chapters that are locked cannot be read. */
function refuseLocked(archive: Archive, chapters: ReadonlySet<string>, name: string): void {
  const text = archive.text('META-INF/encryption.xml')
  if (text === undefined) return
  const locked = elementsOf(xml(text)).some(
    each => is(each, 'CipherReference') && chapters.has(resolve('', each.getAttribute('URI') ?? ''))
  )
  if (locked) throw failureSaying('unreadable-file', 'copyProtected', { name })
}
