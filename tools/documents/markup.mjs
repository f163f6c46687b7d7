/** What stands between the tags of a page, by a tokenizer alone: the peer of books and web pages. */
import { readFileSync } from 'node:fs'
import { Parser } from 'htmlparser2'

const inLine =
  /^(a|b|i|em|strong|span|small|sup|sub|code|abbr|cite|q|u|tt|font|tspan|mi|mn|mo|ms|mtext|mrow|mstyle|mpadded|semantics)$/
/** The same of a web page besides those. */
const inLineOfPages =
  /^(img|wbr|s|strike|del|ins|mark|kbd|samp|var|bdi|bdo|big|nobr|label|time|data|acronym|dfn)$/
/** Shown only where a script, a medium or a frame cannot be, or never; of choices a page shows the chosen one. */
const unshown =
  /^(head|noscript|template|iframe|object|embed|audio|video|canvas|map|datalist|option|noframes)$/
/** Whose children stand above, below or beside each other and make no word together. */
const apart = /^(msub|msup|msubsup|mfrac|munder|mover|munderover|mmultiscripts|mroot|mtr|mfenced)$/

/**
 * Of a page: what stands between its tags, without what no reader is shown (scripts, tool tips of drawings, and elements that say
 * themselves that they are hidden). Signs of an equation that stand in a row are one word, since a person would type them so; names
 * of more letters ("det") are words.
 *
 * @param {string} markup
 * @param {boolean} isBook a book's page, which is XML and never runs a script; else a web page as a browser shows it
 */
export function textOfMarkup(markup, isBook) {
  const isInLine = (/** @type {string} */ name) => inLine.test(name) || (!isBook && inLineOfPages.test(name))
  let text = ''
  /** @type {{ name: string, hides: boolean }[]} */
  const open = [{ name: '', hides: false }]
  const parser = new Parser(
    {
      onopentag: (prefixed, attributes) => {
        const name = prefixed.replace(/^.*:/, '').toLowerCase()
        const outer = open.at(-1)
        const hides =
          /^(script|style|title|desc|metadata|annotation|annotation-xml)$/.test(name) ||
          (!isBook && (unshown.test(name) || (name === 'dialog' && !('open' in attributes)))) ||
          ('hidden' in attributes &&
            (isBook || attributes.hidden !== 'until-found') &&
            !/note/.test(attributes['epub:type'] ?? '')) ||
          /(^|;)\s*(display\s*:\s*none|visibility\s*:\s*hidden)/i.test(attributes.style ?? '')
        if (!isInLine(name) || apart.test(outer?.name ?? '')) text += ' '
        open.push({ name, hides: hides || outer?.hides === true })
      },
      ontext: piece => {
        const { name, hides } = open.at(-1) ?? {}
        if (!hides) text += /^m[io]$/.test(name ?? '') && piece.trim().length > 1 ? ` ${piece} ` : piece
      },
      onclosetag: prefixed => {
        open.pop()
        if (!isInLine(prefixed.replace(/^.*:/, '').toLowerCase())) text += ' '
      }
    },
    { xmlMode: isBook, decodeEntities: true }
  )
  // Not in XML itself, but in XHTML.
  parser.end(markup.replaceAll('&nbsp;', '\u00a0'))
  return text
}

/**
 * What a browser shows of a web page, read as its mark or its declaration says; undefined where it has neither and is not UTF-8.
 *
 * @param {string} file
 */
export function shownText(file) {
  const bytes = readFileSync(file)
  const head = bytes.subarray(0, 4096).toString('latin1')
  const mark = /^(\xff\xfe|\xfe\xff)/.exec(head)?.[0]
  const declared = /<meta[^>]+charset\s*=\s*["']?\s*([\w:.-]+)/i.exec(head)?.[1]
  const encoding = mark === '\xff\xfe' ? 'utf-16le' : mark ? 'utf-16be' : (declared ?? 'utf-8')
  try {
    return textOfMarkup(new TextDecoder(encoding, { fatal: true }).decode(bytes), false)
  } catch {
    return undefined
  }
}
