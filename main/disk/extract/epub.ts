/** EPUB → its chapters in the order of the spine. */
import { HostFailure } from '../../../contract/failure'
import { type Archive, damaged } from './archive'
import { counted, type Extraction, note, type Setting } from './document'
import type { Note } from '../../../contract/document'
import { decodeText } from '../decode-text'
import { htmlRole } from './html-roles'
import { parseXhtml, parseXml } from './parse-tree'
import { emptyText } from './plain'
import { TextBuilder } from './text-builder'
import { elementsOf, type TreeElement, type TreeNode, writeTree } from './tree-text'

interface Item {
  readonly path: string
  readonly type: string
  readonly properties: string
}

export async function readEpub(archive: Archive, setting: Setting): Promise<Extraction> {
  const { name } = setting
  const packagePath =
    attribute(xml(archive.text('META-INF/container.xml')), 'rootfile', 'full-path') ??
    [...archive.names].find(each => each.endsWith('.opf'))
  const packageText = packagePath === undefined ? undefined : archive.text(packagePath)
  if (packageText === undefined) throw damaged(name, 'the list of its chapters is missing')
  const folder = packagePath!.replace(/[^/]*$/, '')
  const elements = elementsOf(xml(packageText))
  const items = new Map<string, Item>()
  for (const element of elements.filter(each => is(each, 'item')))
    items.set(element.getAttribute('id') ?? '', {
      path: resolve(folder, element.getAttribute('href') ?? ''),
      type: element.getAttribute('media-type') ?? '',
      properties: element.getAttribute('properties') ?? ''
    })
  const spine = elements
    .filter(each => is(each, 'itemref'))
    .map(each => items.get(each.getAttribute('idref') ?? ''))
    .filter(item => item !== undefined)
  const contents = contentsOf(archive, items, elements)
  // A contents page that the book shows would say every chapter's name twice.
  const guide = elements.find(each => is(each, 'reference') && each.getAttribute('type') === 'toc')
  const contentsPage = guide && resolve(folder, guide.getAttribute('href') ?? '')
  const chapters = spine.filter(
    item =>
      /html/.test(item.type) &&
      !/(^|\s)nav(\s|$)/.test(item.properties) &&
      (item.path !== contentsPage || spine.length === 1)
  )
  refuseLocked(archive, new Set(chapters.map(chapter => chapter.path)), name)

  const wanted = new Set(chapters.map(chapter => chapter.path))
  const files = archive.read(each => wanted.has(each))
  const builder = new TextBuilder(setting)
  let missing = 0
  let pictures = 0
  const undecoded: Note[] = []
  for (const [i, { path }] of chapters.entries()) {
    const bytes = files.get(path)
    const markup = bytes && (await decodeText(bytes))
    if (!markup) {
      missing++
      continue
    }
    undecoded.push(...markup.notes.map(each => ({ ...each, where: path })))
    const before = { length: builder.length, headings: builder.headings.length }
    builder.separate(2)
    writeTree(parseXhtml(markup.text), builder, htmlRole)
    if (builder.length === before.length) pictures++
    else if (builder.headings.length === before.headings) {
      const title = contents.get(path)
      if (title) builder.mark(title.title, title.level, before.length === 0 ? 0 : before.length + 2)
    }
    setting.progress(i + 1, chapters.length)
  }
  const text = builder.text()
  if (!/\S/.test(text)) throw pictures > 0 ? onlyPictures(name) : emptyText(name, 1)
  return {
    text,
    kind: 'epub',
    encoding: '',
    outline: builder.outline(),
    notes: [
      ...(missing > 0
        ? [
            note(
              'missing-part',
              `${missing} of ${counted(chapters.length, 'part', 'parts')} of this book are missing or damaged.`,
              { count: missing }
            )
          ]
        : []),
      ...(pictures > chapters.length / 4
        ? [
            note(
              'pictures',
              `${pictures} of ${counted(chapters.length, 'part', 'parts')} of this book are pictures without text.`,
              { count: pictures }
            )
          ]
        : []),
      ...undecoded
    ]
  }
}

const onlyPictures = (name: string) =>
  new HostFailure(
    'empty-document',
    `${name} has no text: its pages are pictures. Recognise their text first (OCR) and add the result.`
  )

const xml = (source: string | undefined) => parseXml(source ?? '<none/>')

const is = (element: TreeElement, name: string) => element.localName.replace(/^.*:/, '') === name

const attribute = (root: TreeNode, element: string, name: string) =>
  elementsOf(root)
    .find(each => is(each, element))
    ?.getAttribute(name) ?? undefined

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
  return ((element as unknown as { textContent: string | null }).textContent ?? '')
    .replace(/\s+/g, ' ')
    .trim()
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
  if (locked)
    throw new HostFailure(
      'unreadable-file',
      `${name} is locked by copy protection (DRM), so that only its shop's reader can open it. Get a copy without it.`
    )
}
