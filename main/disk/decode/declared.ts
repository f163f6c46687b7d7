/** The encoding that a file itself names: XML, HTML, CSS, and the coding lines of editors and programming languages. */
import { encodingNamed } from './encodings'

/** Pages name their encoding late, behind scripts; browsers look on while they load. */
const farthest = 1 << 16

export function declaredEncoding(bytes: Uint8Array): string | undefined {
  const head = latin1(bytes.subarray(0, farthest))
  const named =
    /^\s*<\?xml\s[^>]*?\bencoding\s*=\s*["']([\w.:-]+)/i.exec(head)?.[1] ??
    /^\s*@charset\s+"([\w.:-]+)"/i.exec(head)?.[1] ??
    (looksLikeMarkup(head)
      ? /<meta\b[^>]*?\bcharset\s*=\s*["']?\s*([\w.:-]+)/i.exec(head.replace(/<!--[\s\S]*?-->/g, ''))?.[1]
      : undefined) ??
    codingLine(head) ??
    modeline(latin1(bytes.subarray(-2048)))
  return named === undefined ? undefined : encodingNamed(named.replace(/-(unix|dos|mac)$/i, ''))
}

const latin1 = (bytes: Uint8Array) =>
  Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).toString('latin1')

const looksLikeMarkup = (head: string) => /<(!doctype|html|head|meta|body)\b/i.test(head)

/** PEP 263, which Emacs' and Ruby's fit as well: a comment in the first or second line. */
function codingLine(head: string): string | undefined {
  const lines = head.split(/\r\n?|\n/, 2)
  for (const line of lines) {
    const found = /^[ \t\f]*(?:#|\/\/|\/\*|;|%|--|"|<!--|\.\\").*?coding[:=][ \t]*([-\w.]+)/.exec(line)?.[1]
    if (found !== undefined) return found
  }
  return modeline(head.slice(0, 2048))
}

const modeline = (lines: string) => /\bvim?:.*?\b(?:fenc|fileencoding)=([-\w]+)/.exec(lines)?.[1]
