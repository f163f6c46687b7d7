/**
 * XML → a light tree by htmlparser2, which forgives what is not well formed. Names get the usual prefix of their namespace, whatever
 * prefix the file uses; strict OOXML's namespaces and those of drafts count as the usual ones.
 */
import { Parser } from 'htmlparser2'
import type { TreeElement, TreeNode } from './tree-text'
import { nestedTooDeeply } from './nesting'

const prefixes: Record<string, string | undefined> = {
  'http://schemas.openxmlformats.org/wordprocessingml/2006/main': 'w',
  'http://purl.oclc.org/ooxml/wordprocessingml/main': 'w',
  'http://schemas.openxmlformats.org/officeDocument/2006/relationships': 'r',
  'http://purl.oclc.org/ooxml/officeDocument/relationships': 'r',
  'http://schemas.openxmlformats.org/officeDocument/2006/math': 'm',
  'http://purl.oclc.org/ooxml/officeDocument/math': 'm',
  'http://schemas.openxmlformats.org/drawingml/2006/main': 'a',
  'http://purl.oclc.org/ooxml/drawingml/main': 'a',
  'http://schemas.openxmlformats.org/drawingml/2006/picture': 'pic',
  'http://purl.oclc.org/ooxml/drawingml/picture': 'pic',
  'http://schemas.openxmlformats.org/drawingml/2006/diagram': 'dgm',
  'http://purl.oclc.org/ooxml/drawingml/diagram': 'dgm',
  'http://schemas.openxmlformats.org/drawingml/2006/chart': 'c',
  'http://purl.oclc.org/ooxml/drawingml/chart': 'c',
  'http://schemas.openxmlformats.org/markup-compatibility/2006': 'mc',
  'urn:schemas-microsoft-com:vml': 'v',
  'urn:schemas-microsoft-com:office:office': 'o',
  'http://schemas.microsoft.com/office/word/2010/wordml': 'w14',
  'http://www.w3.org/1998/Math/MathML': 'math',
  'http://www.w3.org/1999/xlink': 'xlink'
}
const opendocument = /^urn:oasis:names:tc:opendocument:xmlns:([\w-]+):1\.0$/
/** OpenDocument's namespaces whose usual prefix is another than the word in them. */
const opendocumentPrefixes: Record<string, string | undefined> = { drawing: 'draw', 'svg-compatible': 'svg' }

const prefixOf = (uri: string): string | undefined => {
  const word = opendocument.exec(uri)?.[1]
  return word === undefined ? prefixes[uri] : (opendocumentPrefixes[word] ?? word)
}

const textNode = 3
const elementNode = 1
const documentNode = 9

export class XmlNode implements TreeNode {
  firstChild: XmlNode | null = null
  lastChild: XmlNode | null = null
  nextSibling: XmlNode | null = null
  constructor(readonly parentNode: XmlNode | null) {
    if (!parentNode) return
    if (parentNode.lastChild) parentNode.lastChild.nextSibling = this
    else parentNode.firstChild = this
    parentNode.lastChild = this
  }

  // Of the class, not of each of millions of nodes.
  get nodeType(): number {
    return documentNode
  }
}

export class XmlText extends XmlNode {
  constructor(
    public data: string,
    parent: XmlNode
  ) {
    super(parent)
  }

  override get nodeType(): number {
    return textNode
  }
}

export class XmlElement extends XmlNode implements TreeElement {
  constructor(
    readonly localName: string,
    private readonly attributes: Record<string, string> | undefined,
    parent: XmlNode
  ) {
    super(parent)
  }

  override get nodeType(): number {
    return elementNode
  }

  get hasAttributes(): boolean {
    return this.attributes !== undefined
  }

  getAttribute(name: string): string | null {
    return this.attributes?.[name] ?? null
  }
}

interface XmlOptions {
  /** Elements that are left out with all that is in them: of a large table most are about its look. */
  readonly drop?: (name: string, attributes: Readonly<Record<string, string>>) => boolean
  /** Elements that are left out where nothing is left in them. */
  readonly prune?: ReadonlySet<string>
  /** Elements whose own text is text; absent: all are. */
  readonly texts?: ReadonlySet<string>
}

interface XmlTree {
  readonly root: TreeNode
  /** The file ended inside of an element. */
  readonly isCut: boolean
}

/** No document of a person nests as deep as that. */
const deepest = 20_000
/** The parser's time grows with the depth of each tag (nesting.ts). */
const mostWork = 2e9

/** `source`: the whole, or its pieces in order. `name` is the file's, for the sentence. Errors: `unreadable-file` where parts are nested too deeply. */
export function parseXmlTree(
  source: string | Iterable<string>,
  name: string,
  { drop, prune, texts }: XmlOptions = {}
): XmlTree {
  const root = new XmlNode(null)
  let at: XmlNode = root
  let depth = 0
  let work = 0
  let dropped = 0
  let scope: ReadonlyMap<string, string> = new Map()
  const scopes: (ReadonlyMap<string, string> | undefined)[] = []
  /** What stands before each open element that may be left out. */
  const before: (XmlNode | null)[] = []
  // The same few names come a million times.
  let names = new Map<string, string>()
  const usual = (written: string, isAttribute: boolean) => {
    const colon = written.indexOf(':')
    if (colon === -1 && isAttribute) return written
    const prefix = scope.get(colon === -1 ? '' : written.slice(0, colon))
    return prefix === undefined ? written : `${prefix}:${written.slice(colon + 1)}`
  }
  const nameOf = (written: string) => {
    let found = names.get(written)
    if (found === undefined) names.set(written, (found = usual(written, false)))
    return found
  }
  const parser = new Parser(
    {
      onopentag(written, attributes) {
        work += ++depth
        if (depth > deepest || work > mostWork) throw nestedTooDeeply(name)
        const declared = declaredIn(attributes)
        scopes.push(declared.length > 0 ? scope : undefined)
        if (declared.length > 0) {
          const next = new Map(scope)
          for (const key of declared) next.set(key.slice(6), prefixOf(attributes[key]!) ?? key.slice(6))
          // A default namespace that means nothing here leaves names without a prefix.
          if (next.get('') === '') next.delete('')
          scope = next
          names = new Map()
        }
        const own = nameOf(written)
        if (dropped > 0 || drop?.(own, attributes)) return void dropped++
        let kept: Record<string, string> | undefined
        for (const key in attributes) {
          // Word's marks of who changed what when mean nothing here and stand on every paragraph and run.
          if (key.startsWith('xmlns') || key.startsWith('w:rsid')) continue
          kept ??= {}
          kept[usual(key, true)] = attributes[key]!
        }
        if (prune?.has(own)) before.push(at.lastChild)
        at = new XmlElement(own, kept, at)
      },
      ontext(data) {
        if (dropped > 0 || (texts && !(at instanceof XmlElement && texts.has(at.localName)))) return
        if (at.lastChild instanceof XmlText) at.lastChild.data += data
        else new XmlText(ownCopy(data), at)
      },
      onclosetag() {
        depth--
        const outer = scopes.pop()
        if (outer) {
          scope = outer
          names = new Map()
        }
        if (dropped > 0) return void dropped--
        const ended = at
        at = at.parentNode ?? root
        if (!(ended instanceof XmlElement) || !prune?.has(ended.localName)) return
        const left = before.pop() ?? null
        if (ended.firstChild || ended.hasAttributes) return
        at.lastChild = left
        if (left) left.nextSibling = null
        else at.firstChild = null
      }
    },
    { xmlMode: true, decodeEntities: true }
  )
  for (const piece of typeof source === 'string' ? piecesOf(source) : source) parser.write(piece)
  // What is still open is closed by the parser at its end.
  const isCut = depth > 0
  parser.end()
  return { root, isCut }
}

const pieceLength = 1 << 16

function* piecesOf(source: string): Iterable<string> {
  for (let at = 0; at < source.length; at += pieceLength) yield source.slice(at, at + pieceLength)
}

/** What V8 cuts out of a string keeps all of that alive: of a table the whole file beside the few letters of its cells. */
const ownCopy = (text: string) => (text.length < 13 ? text : (' ' + text).slice(1))

const none: readonly string[] = []

function declaredIn(attributes: Record<string, string>): readonly string[] {
  let declared: string[] | undefined
  for (const key in attributes)
    if (key.startsWith('xmlns') && (key.length === 5 || key[5] === ':')) (declared ??= []).push(key)
  return declared ?? none
}
