/** Forms of Adobe's own kind (XFA): their words lie in XML beside the pages, which then say "Please wait". */
import { Parser } from 'htmlparser2'
import type { PdfLibrary } from './library'

const mostCharacters = 1 << 26

/** Labels and values in the order of the form; undefined: the document is no such form. */
export function xfaText(library: PdfLibrary, document: number): string[] | undefined {
  const packets = packetsOf(library, document)
  const template = packets.get('template')
  const data = packets.get('datasets')
  if (template === undefined && data === undefined) return undefined
  const values = data === undefined ? [] : valuesOf(data)
  const lines = template === undefined ? [] : linesOf(template, values)
  // Values of fields that the template does not hold.
  for (const { name, value, isUsed } of values) if (!isUsed) lines.push(`${name}: ${value}`)
  return lines
}

function packetsOf(library: PdfLibrary, document: number): Map<string, string> {
  const { call, out } = library
  const packets = new Map<string, string>()
  const count = Math.min(64, call.FPDF_GetXFAPacketCount(document))
  for (let i = 0; i < count; i++) {
    const name = Buffer.from(
      library.bytesOf((at, length) => call.FPDF_GetXFAPacketName(document, i, at, length))
    )
      .toString('utf8')
      .replace(/\0+$/, '')
    const bytes = library.bytesOf((at, length) =>
      call.FPDF_GetXFAPacketContent(document, i, at, length, out) === 0
        ? 0
        : library.data.getUint32(out, true)
    )
    const xml = Buffer.from(bytes).toString('utf8').slice(0, mostCharacters)
    // One stream can hold all of them.
    const whole = name === '' || name === 'xdp:xdp' ? xml : undefined
    packets.set(name, xml)
    if (whole === undefined) continue
    for (const part of ['template', 'datasets']) {
      const found = new RegExp(`<(?:[\\w-]+:)?${part}\\b[\\s\\S]*</(?:[\\w-]+:)?${part}\\s*>`).exec(whole)
      if (found) packets.set(part, found[0])
    }
  }
  return packets
}

interface Value {
  readonly name: string
  readonly value: string
  isUsed: boolean
}

const bare = (name: string) => name.replace(/^.*:/, '')

/** Leaves of the data, in order. */
function valuesOf(xml: string): Value[] {
  const values: Value[] = []
  const open: { name: string; text: string; isLeaf: boolean }[] = []
  parse(xml, {
    open: name => {
      const parent = open.at(-1)
      if (parent) parent.isLeaf = false
      open.push({ name, text: '', isLeaf: true })
    },
    text: text => {
      const last = open.at(-1)
      if (last) last.text += text
    },
    close: () => {
      const { name, text, isLeaf } = open.pop() ?? { name: '', text: '', isLeaf: false }
      const value = text.replace(/\s+/g, ' ').trim()
      if (isLeaf && value !== '') values.push({ name, value, isUsed: false })
    }
  })
  return values
}

/** Texts and captions of the template, each field's value behind its caption. */
function linesOf(xml: string, values: readonly Value[]): string[] {
  const lines: string[] = []
  const open: { tag: string; name: string; caption: string; value: string }[] = []
  const inside = (tag: string) => open.some(element => element.tag === tag)
  const nearest = (tags: readonly string[]) => open.findLast(element => tags.includes(element.tag))
  parse(xml, {
    open: (tag, attributes) => {
      const name = tag === 'bind' ? '' : (attributes['name'] ?? '')
      open.push({ tag, name, caption: '', value: '' })
      // What a field is bound to is named by the last part of a path: "$.person.name", "$record.name[*]".
      const field = nearest(['field', 'exclGroup'])
      const bound = tag === 'bind' ? /([\w-]+)(?:\[[^\]]*\])?$/.exec(attributes['ref'] ?? '')?.[1] : undefined
      if (field && bound !== undefined) open[open.indexOf(field)] = { ...field, name: bound }
    },
    text: text => {
      if (!inside('value') || inside('items') || inside('script')) return
      const holder = nearest(['field', 'draw'])
      if (!holder) return
      if (holder.tag === 'draw' || inside('caption')) holder.caption += text
      else holder.value += text
    },
    close: tag => {
      const element = open.pop()
      if (!element || (tag !== 'field' && tag !== 'draw')) return
      const tidy = (words: string) => words.replace(/\s+/g, ' ').trim()
      const given =
        tag === 'field' ? values.find(value => !value.isUsed && value.name === element.name) : undefined
      if (given) given.isUsed = true
      const line = [tidy(element.caption), given?.value ?? (tag === 'field' ? tidy(element.value) : '')]
      const text = line.filter(Boolean).join(/[:?]$/.test(line[0]!) || line[0] === '' ? ' ' : ': ')
      if (text !== '') lines.push(text)
    }
  })
  return lines
}

function parse(
  xml: string,
  on: {
    open: (name: string, attributes: Readonly<Record<string, string>>) => void
    text: (text: string) => void
    close: (name: string) => void
  }
): void {
  const parser = new Parser(
    {
      onopentag: (name, attributes) => on.open(bare(name), attributes),
      ontext: on.text,
      onclosetag: name => on.close(bare(name))
    },
    { xmlMode: true, decodeEntities: true }
  )
  parser.end(xml)
}
