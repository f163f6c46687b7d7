/** What kind of heading a line of plain text could be by its words alone, in several languages. */
import { romanValue } from './list-numbers'

export type HeadingKind =
  | 'volume'
  | 'book'
  | 'part'
  | 'chapter'
  | 'section'
  /** "2.3 Title" */
  | 'numbered'
  /** "IV", "IV: The Pipe" */
  | 'roman'
  /** "PREFACE", "Epilogue" */
  | 'named'
  /** ALL CAPS */
  | 'capitals'
  /** Short, without the end of a sentence: a heading only where its surroundings say so. */
  | 'titled'

export interface HeadingLine {
  readonly kind: HeadingKind
  /** The number and nothing else: a title may follow in a line of its own. */
  readonly bare: boolean
  /** Of numbered ones, 2.3 being [2, 3]; of Roman ones a single number. */
  readonly numbers: readonly number[]
}

const words: Record<'volume' | 'book' | 'part' | 'chapter' | 'section', string> = {
  volume: 'volume|vol\\.?|band|tome|tomo|том|tom|deel|bind',
  book: 'book|buch|livre|libro|livro|книга|księga|boek|bok|bog|βιβλίο',
  part: 'part|teil|partie|parte|часть|część|díl|del|osa|μέρος',
  chapter:
    'chapter|kapitel|chapitre|cap[ií]tulo|capitolo|глава|розділ|rozdział|kapitola|hoofdstuk|fejezet|bölüm|luku|capitol|poglavlje|κεφάλαιο|letter|canto|act|scene|stave|adventure|lecture|appendix|anhang|annexe|приложение|article|artikel',
  section: 'section|abschnitt|sección|sezione|seção|раздел|oddział|paragraph|§'
}
const ordinals =
  'one|two|three|four|five|six|seven|eight|nine|ten|eleven|twelve|thirteen|fourteen|fifteen|sixteen|seventeen|eighteen|nineteen|twenty|thirty|forty|' +
  'the (?:first|second|third|fourth|fifth|sixth|seventh|eighth|ninth|tenth|last)|first|second|third|fourth|fifth|last|' +
  'eins|zwei|drei|vier|fünf|sechs|sieben|acht|neun|zehn|elf|zwölf|premier|première|deuxième|troisième|quatrième|cinquième|' +
  'primero|primera|segundo|segunda|tercero|tercera|primo|prima|secondo|seconda|terzo|terza|' +
  'первая|вторая|третья|четвертая|четвёртая|пятая|шестая|седьмая|восьмая|девятая|десятая|первый|второй|третий'
const number = `(?:\\d{1,4}|[ivxlcdm]{1,9}|[a-z](?=[.:)]?$)|(?:${ordinals})(?:[- ](?:${ordinals}))?)`
/** After the number nothing, or a sign and a title: "Part 3 of the engine was" is prose. */
const after = '(?:[.:)]?$|\\s*[.:)—–-]\\s*(?=\\S)|\\s+(?=[\\p{Lu}"“«(\'‘]))'
const keyed = (Object.keys(words) as (keyof typeof words)[]).map(kind => ({
  kind,
  pattern: new RegExp(`^(?:${words[kind]})\\.?\\s+${number}${after}`, 'iu'),
  // "Erster Teil", "Première partie", "Drittes Buch"
  ordinalFirst: new RegExp(
    `^(?:\\d{1,3}\\.|(?:erste|zweite|dritte|vierte|fünfte|sechste|siebente|siebte|achte|neunte|zehnte)[rs]?|${ordinals})\\s+(?:${words[kind]})[.:]?$`,
    'iu'
  )
}))
/** First words of such lines: most lines are told by them, without a pattern. */
const firstWords = new Set(
  [...Object.values(words), ordinals.replace(/\(\?:|\)/g, '')]
    .join('|')
    .replace(/\\\.\?/g, '')
    .replace('cap[ií]tulo', 'capítulo|capitulo')
    .split('|')
    .map(word => word.split(' ')[0])
)
for (const stem of 'erste zweite dritte vierte fünfte sechste siebente siebte achte neunte zehnte'.split(' '))
  for (const end of ['', 'r', 's']) firstWords.add(stem + end)
const named = new Set(
  (
    'preface|foreword|introduction|prologue|epilogue|prelude|finale|afterword|postscript|conclusion|conclusions|abstract|summary|' +
    'contents|table of contents|acknowledgements|acknowledgments|dedication|bibliography|references|glossary|index|appendix|etymology|' +
    'extracts|notes|vorwort|einleitung|nachwort|prolog|epilog|inhalt|inhaltsverzeichnis|zusammenfassung|anhang|literatur|' +
    'literaturverzeichnis|danksagung|préface|avant-propos|épilogue|conclusion|table des matières|prólogo|prefacio|' +
    'epílogo|introducción|índice|conclusión|prefazione|introduzione|prologo|epilogo|conclusione|indice|предисловие|' +
    'введение|пролог|эпилог|заключение|оглавление|содержание|послесловие|序|序章|前言|目录|后记|尾声|はじめに|あとがき|目次'
  ).split('|')
)
const eastAsian =
  /^\s*第\s*[0-9０-９〇零一二三四五六七八九十百千两]{1,8}\s*([卷部編编篇冊册集]|[章回話话]|[節节])(?:$|[\s\u3000:：、]|(?=\S{1,30}$))/u
const korean = /^제\s*\d{1,4}\s*([권부편]|장|절)(?:$|[\s:.])/u
const roman =
  /^(?=[IVXLC])((?:C{0,3})(?:XC|XL|L?X{0,3})(?:IX|IV|V?I{0,3}))(?:[.:)]?$|[.:]\s+(?=\S)|\s+[—–-]\s+(?=\S))/u
const numbered = /^(\d{1,3}(?:\.\d{1,3}){0,4})[.)]?\s+(?=[\p{Lu}\p{Lo}“"«])/u
/** The end of a sentence or of half of one. A full stop may end a heading in capitals. */
const sentence = /[.,;:!?…。！？，；：][”"’'»)\]]?$/u

export function headingLine(line: string): HeadingLine | undefined {
  const text = line.trim()
  if (text === '' || text.length > 230) return undefined
  const [first] = /^[^\s.:]*/.exec(text)!
  const keyable = /^\d{1,3}$/.test(first) || firstWords.has(first.toLowerCase())
  for (const { kind, pattern, ordinalFirst } of keyable ? keyed : []) {
    const found = pattern.exec(text)
    if (found) {
      const rest = text.slice(found[0].length)
      if (capitalised(text) && titleLike(rest)) return { kind, bare: rest === '', numbers: [] }
    }
    if (ordinalFirst.test(text) && capitalised(text)) return { kind, bare: true, numbers: [] }
  }
  if (text.length <= 30 && named.has(text.toLowerCase().replace(/^the |[.:]$/g, '')) && capitalised(text))
    return { kind: 'named', bare: false, numbers: [] }
  const asian = /^[第제]/.test(text) ? (eastAsian.exec(text) ?? korean.exec(text)) : null
  if (asian && text.length <= 40 && !sentence.test(text))
    return { kind: asianKind(asian[1]!), bare: text.length === asian[0].trim().length, numbers: [] }
  const latin = /^[IVXLC]/.test(text) ? roman.exec(text) : null
  if (latin && titleLike(text.slice(latin[0].length)))
    return { kind: 'roman', bare: latin[0].length === text.length, numbers: [romanValue(latin[1]!)] }
  const digits = /^\d/.test(text) ? numbered.exec(text) : null
  if (digits) {
    const title = text.slice(digits[0].length)
    // "1. Source Code." is a title as well; what ends like a sentence otherwise is an entry of a list.
    const bare = title.replace(/\.$/, '')
    if (text.length > 90 || sentence.test(bare) || (bare !== title && !titleCase(bare))) return undefined
    return { kind: 'numbered', bare: false, numbers: digits[1]!.split('.').map(Number) }
  }
  const letters = text.match(/\p{L}/gu) ?? []
  if (letters.length < 3 || letters.length < text.length / 2) return undefined
  if (text.length > 90 && !titleCase(text)) return undefined
  if (!/\p{Ll}/u.test(text) && /\p{Lu}{2}/u.test(text))
    return /[,;:!?…][”"’')]?$|^["“«]/u.test(text) ? undefined : { kind: 'capitals', bare: false, numbers: [] }
  if (!/^[\p{Lu}\p{Lo}\p{N}“"(‘]/u.test(text) || sentence.test(text) || /[=<>{}|@\\]|:\/\//.test(text))
    return undefined
  return { kind: 'titled', bare: false, numbers: [] }
}

const capitalised = (text: string) => /^[\p{Lu}\p{Lo}\d§]/u.test(text)
/** Nothing, or words that are no sentence. A heading in a sentence's form ("CHAPTER IX. In which ….") is long and rare. */
const titleLike = (rest: string) =>
  rest === '' ||
  (/^[^\p{Ll}]/u.test(rest) && !/[,;][”"’')]?$/u.test(rest) && !/\p{Ll}[.!?] \p{Lu}\p{L}+ \p{Ll}/u.test(rest))

const small =
  /^(a|an|and|as|at|but|by|for|from|in|into|nor|of|on|or|per|the|to|upon|with|de|la|le|les|des|du|et|y|el|e|di|da|von|und|der|die|das)$/i

/** Of its longer words nearly all are capitalised, or it has no cases. */
export function titleCase(title: string): boolean {
  const words = title.match(/\p{L}[\p{L}\p{M}’'-]*/gu) ?? []
  const long = words.filter(word => !small.test(word))
  return (
    long.length > 0 &&
    long.length <= 30 &&
    long.filter(word => /^[\p{Lu}\p{Lo}]/u.test(word)).length >= long.length * 0.8
  )
}

const asianKind = (sign: string): HeadingKind =>
  '節节절'.includes(sign) ? 'section' : '章回話话장'.includes(sign) ? 'chapter' : 'part'

/** Whether a line in the middle of others is worth a closer look. */
export const mayPart = (line: string) => {
  const text = line.trimStart()
  return (
    text.startsWith('第') || (text.length <= 40 && firstWords.has(/^[^\s.:]*/.exec(text)![0].toLowerCase()))
  )
}
