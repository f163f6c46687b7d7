/**
 * Questions to begin with, made from a document's own words: about a name, number or date that one plain English sentence
 * states, and names to count. Rather none than nonsense: tables, code, logs and short texts give none.
 */
import type { QuestionKind } from '../../../contract/model-card'

interface Stated {
  readonly kind: QuestionKind
  readonly question: string
  readonly answer: string
}

/** Words that stand in every text of the language; in prose each fourth word or so is one of them. */
const plainWords = {
  en: 'the of and to in a was is that it he his with as for on at by had not but from be were which this have or her she they you are an their there been would when who him said so'.split(
    ' '
  ),
  de: 'der die und in den das von zu mit sich des auf für ist im dem nicht ein eine als auch es an werden aus er hat dass sie nach wird bei einer um am sind noch wie einem über einen so zum war haben nur oder aber vor zur bis mehr durch man ich'.split(
    ' '
  )
} as const
type ProseLanguage = keyof typeof plainWords

/** Below this a text says too little to choose from it. */
const leastWords = 120
/** In novels, reports and letters 0.3 to 0.45 of the words; in code, logs and tables below 0.15. */
const leastShare = 0.22

/** The language of running text; undefined where it is none, or another language. */
export function proseLanguage(text: string): ProseLanguage | undefined {
  const lines = text.split('\n').filter(line => /\p{L}/u.test(line))
  const words = text.match(/\S+/g) ?? []
  if (words.length < leastWords) return undefined
  // Words between blanks without digits, brackets or signs; the marks of a sentence may hang on them.
  const clean = words.filter(word => /^["'“‘„(]?\p{L}[\p{L}’'-]*["'”’“).,;:!?]*$/u.test(word))
  if (clean.length < words.length * 0.75) return undefined
  // A table of words has lines without an end; prose has full stops.
  const sentences = words.filter(word => /\p{L}[.!?]["'”’)]*$/u.test(word)).length
  if (sentences < words.length / 60 || lines.length > words.length / 2) return undefined
  const shares = (['en', 'de'] as const).map(language => {
    const plain = new Set<string>(plainWords[language])
    return [language, clean.filter(word => plain.has(word.toLowerCase())).length / clean.length] as const
  })
  const [best, other] = shares.sort((a, b) => b[1] - a[1])
  return best[1] >= leastShare && best[1] > other[1] * 1.5 ? best[0] : undefined
}

const name = String.raw`\p{Lu}[\p{Ll}’'-]+(?: (?:(?:of|de|van|von|da|la) )?\p{Lu}[\p{Ll}’'.-]+){0,3}`
const date = String.raw`(?:(?:\d{1,2} )?(?:January|February|March|April|May|June|July|August|September|October|November|December) )?(?:\d{1,2}, )?[12]\d{3}`
const number = String.raw`[$€£]?\d[\d.,]*\d|\d`
/** "the lighthouse", "the bridge of Oslo", "Skerry Light": two to six words without a verb among them, by the sentence's own form. */
const thing = String.raw`[Tt]he (?:[\p{Ll}-]+ ){0,3}[\p{Ll}-]+(?: of (?:the )?(?:[\p{Ll}-]+|${name}))?|The (?:[\p{L}-]+ ){1,4}[\p{Ll}-]+`
const measures =
  'number|code|password|year|date|price|fee|cost|amount|sum|total|budget|salary|rent|height|length|width|depth|weight|age|distance|area|population|capacity|temperature|speed|limit|rate|deadline|duration'
const offices =
  'captain|commander|president|chairman|chairwoman|director|manager|mayor|king|queen|author|editor|founder|owner|keeper|inventor|secretary|treasurer|teacher|doctor|judge|plaintiff|defendant|architect|engineer|landlord|tenant|capital'
const made =
  'built|founded|opened|closed|completed|established|signed|published|written|born|launched|destroyed|discovered|invented|elected|introduced'
const doers: Readonly<Record<string, string>> = {
  built: 'built',
  founded: 'founded',
  commanded: 'commanded',
  designed: 'designed',
  painted: 'painted',
  written: 'wrote',
  invented: 'invented',
  discovered: 'discovered',
  owned: 'owned',
  led: 'led',
  edited: 'edited'
}

const sentence = (pattern: string): RegExp => new RegExp(`^${pattern}[.]$`, 'u')
const small = (the: string): string => the.replace(/^The /, 'the ')

const forms: readonly (readonly [
  QuestionKind,
  RegExp,
  (found: readonly string[]) => readonly [question: string, answer: string]
])[] = [
  [
    'number',
    sentence(
      String.raw`(The (?:[\p{L}-]+ ){0,5}(?:${measures})(?: (?:of|for) (?:the )?[\p{L}-]+(?: [\p{L}-]+){0,3})?) (is|was) (${number})(?: [\p{L}%]+){0,2}`
    ),
    ([, what, be, value]) => [`What ${be} ${small(what)}?`, value]
  ],
  [
    'date',
    sentence(
      String.raw`(${thing}|${name}) (was|were) (${made}) (?:in|on) (${date})(?:,? [\p{L}, ’'-]{0,80})?`
    ),
    ([, what, be, verb, when]) => [`When ${be} ${small(what)} ${verb}?`, when]
  ],
  [
    'name',
    sentence(String.raw`(The name of (?:${thing.replace('[Tt]he', 'the')})) (is|was) (${name})`),
    ([, what, be, who]) => [`What ${be} ${small(what)}?`, who]
  ],
  [
    'name',
    sentence(String.raw`(The (?:${offices})(?: of (?:the )?(?:[\p{Ll}-]+|${name}))?) (is|was) (${name})`),
    ([, what, be, who]) => [`${/^The capital/.test(what) ? 'What' : 'Who'} ${be} ${small(what)}?`, who]
  ],
  [
    'name',
    sentence(
      String.raw`(${thing}|${name}) (?:is|was|were) (${Object.keys(doers).join('|')}) by (${name})(?: in ${date})?`
    ),
    ([, what, verb, who]) => [`Who ${doers[verb]} ${small(what)}?`, who]
  ]
]

/** Stands for something said before: the question would not tell of what. */
const vague =
  /\b(this|that|these|those|it|he|she|they|his|her|their|its|same|other|first|second|last|latter|former|such|one)\b/i

/** At most `most` questions of these kinds, in the order of the text; each has one answer in it. */
export function statedQuestions(text: string, kinds: readonly QuestionKind[], most: number): string[] {
  const byQuestion = new Map<string, Stated | 'several'>()
  for (const said of sentencesOf(text)) {
    const found = statedIn(said, kinds)
    if (!found) continue
    const before = byQuestion.get(found.question)
    byQuestion.set(
      found.question,
      before && (before === 'several' || before.answer !== found.answer) ? 'several' : found
    )
  }
  const clear = [...byQuestion.values()].filter(each => each !== 'several')
  // One of each kind before a second one of any.
  const turns = clear.map(each => clear.filter(({ kind }) => kind === each.kind).indexOf(each))
  const chosen = [...clear.keys()].sort((a, b) => turns[a] - turns[b] || a - b).slice(0, most)
  return chosen.sort((a, b) => a - b).map(at => clear[at].question)
}

function statedIn(said: string, kinds: readonly QuestionKind[]): Stated | undefined {
  for (const [kind, form, made] of forms) {
    const found = kinds.includes(kind) ? form.exec(said) : null
    if (!found) continue
    const [question, answer] = made(found)
    return vague.test(question) || question.length > 90 ? undefined : { kind, question, answer }
  }
  return undefined
}

/** Sentences within paragraphs; their lines may be broken anywhere. */
function* sentencesOf(text: string): Generator<string> {
  for (const paragraph of text.split(/\n\s*\n/)) {
    const flat = paragraph.replace(/\s+/g, ' ').trim()
    for (const part of flat.match(/[^.!?]+(?:[.](?=\d)[^.!?]*)*[.!?]+["”’)]*/g) ?? []) {
      const said = part.trim()
      if (said.length >= 15 && said.length <= 200 && !/["“”|{}<>=;:\\]/.test(said)) yield said
    }
  }
}

/** Names of one or two words that stand in the text most often, at least five times, within sentences. */
export function oftenNamed(text: string, most: number): string[] {
  const counts = new Map<string, number>()
  // After a small letter or a comma: a capital there is a name (in German a noun), and no sentence begins.
  for (const [, found] of text.matchAll(
    /(?<=[\p{Ll}],?\s)(\p{Lu}\p{Ll}{2,}(?: \p{Lu}\p{Ll}{2,})?)(?![\p{L}’'])/gu
  ))
    counts.set(found, (counts.get(found) ?? 0) + 1)
  return (
    [...counts]
      .filter(([found, count]) => count >= 5 && !notNames.has(found))
      .sort((a, b) => b[1] - a[1] || (a[0] < b[0] ? -1 : 1))
      .map(([found]) => found)
      // "Holmes" after "Sherlock Holmes" asks the same again.
      .filter(
        (found, at, all) => !all.slice(0, at).some(other => other.includes(found) || found.includes(other))
      )
      .slice(0, most)
  )
}

const notNames = new Set(
  (
    'Monday Tuesday Wednesday Thursday Friday Saturday Sunday January February March April May June July August September October November December ' +
    'Chapter Section Page Figure Table Part Book Project Gutenberg Mister Miss Mrs Lord Lady Sir God Heaven Well Yes Then But And The You ' +
    'Herr Frau Herrn Kapitel Seite Abschnitt Tabelle Jahr Jahre Jahren Tag Tage Zeit Mal Sie Ihnen Ihre Ihr'
  ).split(' ')
)
