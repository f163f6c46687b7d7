/** The parts of a Word document and how they refer to one another. A missing or broken part never costs the document: it is told. */
import { isUtf8 } from 'node:buffer'
import type { Note } from '../../../contract/document'
import { decodeText } from '../decode-text'
import { type Archive, damaged } from './archive'
import { noteSaying, type Setting } from './document'
import { childOf, childrenOf } from './docx-numbering'
import { isSymbolFont } from './symbol-fonts'
import { isElement, type TreeElement, type TreeNode } from './tree-text'
import { parseXmlTree } from './xml-tree'

const texts = new Set(['w:t', 'w:delText', 'm:t', 'a:t', 'Text'])
/** Only about looks; left out where the file is parsed, since of a table's elements most are these. */
const looks = new Set(
  (
    'w:tcW w:shd w:tcBorders w:vAlign w:tcMar w:noWrap w:tblBorders w:tblCellMar w:tblLook w:tblW w:tblLayout w:tblGrid w:tblInd ' +
    'w:sz w:szCs w:color w:lang w:b w:bCs w:i w:iCs w:u w:highlight w:kern w:spacing w:ind w:jc w:tabs w:pBdr ' +
    'w:proofErr w:bookmarkStart w:bookmarkEnd w:lastRenderedPageBreak w:rStyle w:keepNext w:keepLines w:widowControl w:contextualSpacing ' +
    'a:blip a:stretch pic:spPr pic:blipFill wp:extent wp:effectExtent wp:cNvGraphicFramePr w:noProof w:trHeight w:cantSplit ' +
    'w:rsid w:pgSz w:pgMar w:cols w:docGrid w:latentStyles w:tblStylePr w:tblStyle'
  ).split(' ')
)

/** Fonts count where they make other signs of their letters. */
const isLook = (name: string, attributes: Readonly<Record<string, string>>) =>
  looks.has(name) || (name === 'w:rFonts' && !Object.values(attributes).some(isSymbolFont))

/** Of these most are about looks alone, and then nothing of them is left. */
const properties = new Set(['w:rPr', 'w:pPr', 'w:tcPr', 'w:trPr', 'w:tblPr'])

interface Relation {
  readonly type: string
  readonly target: string
  readonly isOutside: boolean
}

export class DocxParts {
  readonly main: TreeNode
  readonly headers: TreeNode[] = []
  readonly footers: TreeNode[] = []
  private readonly missing = new Set<string>()
  private readonly broken = new Set<string>()
  private readonly trees = new Map<string, TreeNode | undefined>()

  private constructor(
    private readonly name: string,
    private readonly files: Map<string, string | Uint8Array>,
    private readonly relations: ReadonlyMap<string, Relation>,
    private readonly mainPath: string
  ) {
    this.main = this.tree(mainPath)!
    for (const [id, { type }] of relations) {
      const list = type === 'header' ? this.headers : type === 'footer' ? this.footers : undefined
      const tree = list && this.related(id)
      const root = tree && (childOf(tree, 'w:hdr') ?? childOf(tree, 'w:ftr'))
      if (root) list.push(root)
    }
  }

  static async open(archive: Archive, setting: Setting): Promise<DocxParts> {
    const bytes = archive.read(
      name =>
        /\.(xml|rels|x?html?|mht|txt|rtf)$/i.test(name) &&
        !/^(customXml|docProps)\/|\/(theme|glossary)\//.test(name)
    )
    const files = new Map<string, string | Uint8Array>()
    for (const [path, content] of bytes) {
      // As a string a long part would lie in memory once more.
      const decoded = content.length > largePart && isUtf8(content) ? undefined : await decodeText(content)
      if (decoded) files.set(path, decoded.text)
      else if (content.length > largePart && isUtf8(content)) files.set(path, content)
    }
    const start = relationsOf(textOf(files.get('_rels/.rels')), '', setting.name)
    const mainPath =
      [...start.values()].find(({ type, target }) => type === 'officeDocument' && files.has(target))
        ?.target ??
      (files.has('word/document.xml')
        ? 'word/document.xml'
        : [...files.keys()].find(each => /document\d*\.xml$/.test(each)))
    if (mainPath === undefined) archive.refuseBroken()
    if (mainPath === undefined) throw damaged(setting.name, 'damagedText')
    const folder = mainPath.replace(/[^/]*$/, '')
    const relationsPath = `${folder}_rels/${mainPath.slice(folder.length)}.rels`
    const relations = relationsOf(textOf(files.get(relationsPath)), folder, setting.name)
    const parts = new DocxParts(setting.name, files, relations, mainPath)
    for (const path of archive.broken.keys()) parts.broken.add(path)
    return parts
  }

  /** The part that a relation of the main document leads to. */
  related(id: string | null): TreeNode | undefined {
    const relation = this.relations.get(id ?? '')
    if (!relation || relation.isOutside) return undefined
    const tree = this.tree(relation.target)
    if (!tree) this.missing.add(relation.target)
    return tree
  }

  /** The first part of this kind: "styles", "footnotes". */
  ofType(type: string): TreeNode | undefined {
    for (const [id, relation] of this.relations) if (relation.type === type) return this.related(id)
    return this.tree(this.mainPath.replace(/[^/]*$/, '') + type + '.xml')
  }

  /** What a relation leads to, as it stands in the file. */
  source(id: string | null): { readonly path: string; readonly text: string } | undefined {
    const relation = this.relations.get(id ?? '')
    const text = relation && textOf(this.files.get(relation.target))
    if (relation && text === undefined) this.missing.add(relation.target)
    return relation && text !== undefined ? { path: relation.target, text } : undefined
  }

  notes(): Note[] {
    const told: Note[] = []
    const say = (
      kind: 'missing-part' | 'damaged',
      word: 'lostParts' | 'damagedParts',
      paths: readonly string[]
    ) => {
      const which = paths.slice(0, 5).join(', ')
      if (paths.length > 0) told.push(noteSaying(kind, word, { count: paths.length, which }, which))
    }
    say(
      'missing-part',
      'lostParts',
      [...this.missing].filter(path => !this.broken.has(path))
    )
    say('damaged', 'damagedParts', [...this.broken])
    return told
  }

  private tree(path: string): TreeNode | undefined {
    if (this.trees.has(path)) return this.trees.get(path)
    const source = this.files.get(path)
    const options = { drop: isLook, prune: properties, texts }
    const parsed =
      source === undefined
        ? undefined
        : parseXmlTree(typeof source === 'string' ? source : decodedPieces(source), this.name, options)
    // It is not asked for again.
    if (typeof source === 'object') this.files.delete(path)
    if (parsed?.isCut) this.broken.add(path)
    this.trees.set(path, parsed?.root)
    return parsed?.root
  }
}

const largePart = 1 << 20

const textOf = (source: string | Uint8Array | undefined) =>
  typeof source === 'object' ? new TextDecoder().decode(source) : source

function* decodedPieces(bytes: Uint8Array): Iterable<string> {
  const decoder = new TextDecoder()
  const length = 1 << 16
  for (let at = 0; at < bytes.length; at += length)
    yield decoder.decode(bytes.subarray(at, at + length), { stream: true })
  yield decoder.decode()
}

function relationsOf(source: string | undefined, folder: string, name: string): Map<string, Relation> {
  const relations = new Map<string, Relation>()
  if (source === undefined) return relations
  const root = parseXmlTree(source, name).root
  const all: TreeElement[] = []
  for (const outer of childrenOf(root)) all.push(outer, ...childrenOf(outer))
  for (const element of all) {
    if (!isElement(element) || !/(^|:)Relationship$/.test(element.localName)) continue
    const target = (element.getAttribute('Target') ?? '').replaceAll('\\', '/')
    relations.set(element.getAttribute('Id') ?? '', {
      type: (element.getAttribute('Type') ?? '').replace(/^.*\//, ''),
      target: resolved(folder, target),
      isOutside: element.getAttribute('TargetMode') === 'External'
    })
  }
  return relations
}

function resolved(folder: string, target: string): string {
  const parts: string[] = []
  for (const part of (target.startsWith('/') ? target : folder + target).split('/'))
    if (part === '..') parts.pop()
    else if (part !== '' && part !== '.') parts.push(part)
  return parts.join('/')
}
