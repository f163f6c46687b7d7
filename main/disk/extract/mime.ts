/** The parts of a web page that a browser saved as one file (MHTML). Source: RFC 2045, 2046 and 2557. */

interface MimePart {
  /** Lower case, without parameters. */
  readonly type: string
  readonly charset: string | undefined
  readonly id: string
  readonly location: string
  readonly body: Uint8Array
}

/** Pages in pages, as frames are saved, nest a few levels. */
const deepest = 10
const mostParts = 20_000

/** Undefined when it is no such file. The part that the page begins with comes first. */
export function mimeParts(bytes: Uint8Array): readonly MimePart[] | undefined {
  const source = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).toString('latin1')
  const whole = headAndBody(source)
  if (!/^multipart\//.test(typeOf(whole.head))) return undefined
  const parts: MimePart[] = []
  collect(whole.head, whole.body, parts, 0)
  const start = parameterOf(whole.head, 'start')
  const first = parts.findIndex(part => start !== undefined && part.id === start)
  return first > 0 ? [parts[first]!, ...parts.slice(0, first), ...parts.slice(first + 1)] : parts
}

/** Begins with the head of such a file; its parts lie behind. */
export const looksLikeMhtml = (head: string): boolean =>
  /^(?:[\w-]+:[^\n]*\r?\n(?:[ \t][^\n]*\r?\n)*)*?content-type:\s*multipart\/related\b/i.test(head) &&
  /^(mime-version|snapshot-content-location|x-maf-information):|saved by/im.test(head)

type Head = ReadonlyMap<string, string>

function collect(head: Head, body: string, parts: MimePart[], depth: number): void {
  const type = typeOf(head)
  const boundary = parameterOf(head, 'boundary')
  if (type.startsWith('multipart/') && boundary !== undefined && depth < deepest) {
    // What stands before the first mark and behind the last is for programs that know none.
    const pieces = body.split(
      new RegExp(`(?:^|\\r?\\n)--${escapedForPattern(boundary)}(?:--)?[ \\t]*(?:\\r?\\n|$)`)
    )
    for (const piece of pieces.slice(1)) {
      if (parts.length >= mostParts || piece.trim() === '') continue
      const inner = headAndBody(piece)
      collect(inner.head, inner.body, parts, depth + 1)
    }
    return
  }
  parts.push({
    type,
    charset: parameterOf(head, 'charset'),
    id: head.get('content-id') ?? '',
    location: head.get('content-location') ?? '',
    body: decoded(body, head.get('content-transfer-encoding')?.toLowerCase() ?? '')
  })
}

const escapedForPattern = (text: string) => text.replace(/[\\^$.*+?()[\]{}|]/g, '\\$&')

function headAndBody(source: string): { head: Head; body: string } {
  const end = /\r?\n\r?\n/.exec(source)
  const lines = source
    .slice(0, end?.index ?? source.length)
    .replace(/\r?\n[ \t]+/g, ' ')
    .trim()
    .split(/\r?\n/)
  const head = new Map<string, string>()
  for (const line of lines) {
    const colon = line.indexOf(':')
    if (colon > 0) head.set(line.slice(0, colon).trim().toLowerCase(), line.slice(colon + 1).trim())
  }
  return { head, body: end ? source.slice(end.index + end[0].length) : '' }
}

const typeOf = (head: Head) => (head.get('content-type') ?? 'text/plain').split(';')[0]!.trim().toLowerCase()

function parameterOf(head: Head, name: string): string | undefined {
  const found = new RegExp(`;\\s*${name}\\s*=\\s*(?:"([^"]*)"|([^\\s;]+))`, 'i').exec(
    head.get('content-type') ?? ''
  )
  return found?.[1] ?? found?.[2]
}

function decoded(body: string, encoding: string): Uint8Array {
  if (encoding === 'base64') return Buffer.from(body, 'base64')
  if (encoding !== 'quoted-printable') return Buffer.from(body, 'latin1')
  const text = body
    .replace(/[ \t]*=[ \t]*\r?\n/g, '')
    .replace(/=([\da-fA-F]{2})/g, (_, hex: string) => String.fromCharCode(Number.parseInt(hex, 16)))
  return Buffer.from(text, 'latin1')
}
