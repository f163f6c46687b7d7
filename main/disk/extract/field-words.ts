/** What a field of Word shows where the file keeps no result for it: its instruction tells. Source: ECMA-376 part 1, 17.16.5. */
import { symbolIn } from './symbol-fonts'

export function fieldWords(instruction: string): string {
  const words = instruction.trim()
  const symbol = /^SYMBOL\s+(0x[\da-f]+|\d+)/i.exec(words)
  if (symbol) {
    const code = Number(symbol[1])
    const font = /\\f\s*"?([^"\\]+)/i.exec(words)?.[1]?.trim() ?? 'Symbol'
    if (/\\u/i.test(words)) return code < 0x110000 ? String.fromCodePoint(code) : ''
    return symbolIn(font, code) ?? (code >= 0x20 && code < 0x7f ? String.fromCharCode(code) : '•')
  }
  if (/^EQ\b/i.test(words)) return equation(words.slice(2))
  const quote = /^QUOTE\s+"([^"]*)"/i.exec(words) ?? /^MACROBUTTON\s+\S+\s+([^\\]+)/i.exec(words)
  if (quote) return quote[1]!.trim()
  return ''
}

/** Deeper equations are nobody's. */
const deepest = 50

/** EQ: fractions, roots, raised and lowered parts, overstrikes; of an overstrike with a raised part Word makes ruby. */
function equation(source: string): string {
  let at = 0
  const parse = (depth: number, ends: RegExp): string => {
    let out = ''
    while (at < source.length) {
      const c = source[at]!
      if (ends.test(c)) break
      if (c !== '\\') {
        out += c
        at++
        continue
      }
      const word = /^\\([a-z*]+)\s*(-?\d+)?/i.exec(source.slice(at, at + 20))
      if (!word) {
        // An escaped sign.
        out += source[at + 1] ?? ''
        at += 2
        continue
      }
      at += word[0].length
      out += command(word[1]!.toLowerCase(), depth)
    }
    return out
  }
  /** What stands in the brackets that follow; options may stand before them. */
  const parts = (depth: number): { options: string; parts: string[] } => {
    let options = ''
    for (
      let found;
      (found = /^\s*\\([a-z]{2,}|[a-z](?=\d|\s|\\))\s*(-?\d+)?/i.exec(source.slice(at, at + 20)));
    ) {
      options += found[1]!.toLowerCase() + ' '
      at += found[0].length
    }
    if (source[at] !== '(' || depth > deepest) return { options, parts: [] }
    at++
    const found = [parse(depth + 1, /[,;)]/)]
    while (/[,;]/.test(source[at] ?? ')')) {
      at++
      found.push(parse(depth + 1, /[,;)]/))
    }
    at++
    return { options, parts: found.map(part => part.trim()) }
  }
  const grouped = (text: string) => (/^[^\s()+\-−*/=]*$/.test(text) ? text : `(${text})`)
  const command = (name: string, depth: number): string => {
    // Alignment and fonts of the whole: \* jc2 \* "Font:MS Mincho" \* hps10.
    if (name.startsWith('*')) {
      at += /^\s*("[^"]*"|\w+)?/.exec(source.slice(at, at + 200))![0].length
      return ''
    }
    const { options, parts: found } = parts(depth)
    const [first = '', second = ''] = found
    switch (name) {
      case 'f':
        return `${grouped(first)}/${grouped(second)}`
      case 'r':
        return found.length < 2 ? `√${grouped(first)}` : `root(${first}, ${second})`
      case 's':
        return options.includes('do') ? `_${grouped(first)}` : `^${grouped(first)}`
      case 'i':
        return `∫_${grouped(first)}^${grouped(second)} ${found[2] ?? ''}`
      case 'o': {
        const ruby = /^\^\(?([^()]*)\)?$/.exec(first)?.[1]
        return ruby !== undefined && found.length === 2 ? `${second}(${ruby})` : found.join('')
      }
      case 'b':
        return `(${first})`
      case 'd':
        return ' '
      case 'a':
      case 'l':
        return found.join(', ')
      default:
        return found.join('')
    }
  }
  return parse(0, /$^/).replace(/\s+/g, ' ').trim()
}
