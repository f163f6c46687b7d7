/**
 * Questions that want every place in the text: "how many", "list all", "wie oft", "zähle". A model estimates, a search of
 * the text counts; the offer beside the answer begins with a guess of the words to search for.
 */
const counting = [
  /\bhow (many|often|frequently)\b/i,
  /\b(count|tally|enumerate)\b/i,
  /\b(list|find|name|show|give me)\s+(me\s+)?(all|every|each)\b/i,
  /\b(number|all (the )?(mentions|occurrences|places|passages)|every (mention|occurrence|place|passage)) (of|where)\b/i,
  /\bwie\s?viel(e|en|er)?\b/i,
  /\bwie (oft|häufig)\b/i,
  /\b(anzahl|zahl) (der|von|aller)\b/i,
  /(^|[\s,])(zähle?|zählen|zaehle?|aufzählen)\b/i,
  /\b(liste|nenne?|finde|zeige?|gib)\s+(mir\s+)?(alle|jede[nrs]?|sämtliche)\b/i,
  /\balle\s+(stellen|erwähnungen|vorkommen|fundstellen)\b/i
]

/** The words to search for, "" when none could be guessed; undefined: not such a question. */
export function countingWords(question: string): string | undefined {
  if (!counting.some(pattern => pattern.test(question))) return undefined
  const quoted = /"([^"\n]+)"|“([^”\n]+)”|„([^“”\n]+)[“”]|«([^»\n]+)»|'([^'\n]{2,})'|‘([^’\n]+)’/.exec(
    question
  )
  if (quoted) return quoted.slice(1).find(Boolean)!.trim()
  const words = question.match(/[\p{L}\p{N}][\p{L}\p{N}’'-]*/gu) ?? []
  const behind = counted(question)
  if (behind) return singular(behind)
  const telling = words.filter(word => !common.has(word.toLowerCase()))
  // Names and, in German, every noun: capital letters elsewhere than at the beginning.
  const capital = telling.filter(word => /^\p{Lu}/u.test(word) && word !== words[0])
  if (capital.length > 0) return runAtEnd(question, capital)
  return singular(telling.at(-1) ?? '')
}

/** Questions for how often words stand in the text; "how many boats came back" asks for something that happened. */
const mentioning = [
  /\bhow (many times|often|frequently)\b.*\b(mention(ed|s)?|occurs?|appears?|comes? up|named)\b/i,
  /\bhow many (mentions|occurrences)\b/i,
  /\b(how many|number of( the)?|count( the)?) (places|passages|times)\b.*\b(mentions?|mentioned|named|occurs?|appears?)\b/i,
  /\b(number of|count)\b.*\b(mentions|occurrences)\b/i,
  /\bwie (oft|häufig)\b.*\b(erwähnt|genannt|vor|auf|auftaucht|vorkommt)\b/i,
  /\bwie (oft|häufig|viele male)\b.*\bsteht\b.*\b(text|dokument|buch)\b/i,
  /\bwie\s?viele\s+(erwähnungen|vorkommen|fundstellen)\b/i,
  /(^|\s)(zähle?n?|zaehle|anzahl der)\b.*\b(erwähnungen|vorkommen|fundstellen)\b/i
]

/** The words whose places are asked for, so that a search of the text is the answer; undefined: not such a question. */
export function mentionedWords(question: string): string | undefined {
  if (!mentioning.some(pattern => pattern.test(question))) return undefined
  return countingWords(question) || undefined
}

/** "how many BOATS came back", "list all SHIPS that sank": the word right behind. */
function counted(question: string): string | undefined {
  const behind =
    /\b(?:how many|all(?: the| of the)?|every|each|number of(?: the)?|count(?: the| all(?: the)?)?|wie\s?viele)\s+([\p{L}-]+)/iu.exec(
      question
    )?.[1]
  return behind && !common.has(behind.toLowerCase()) ? behind : undefined
}

/** A name of several words stays together: "Tobias Finch". */
function runAtEnd(question: string, capital: string[]): string {
  let run = capital.at(-1)!
  for (const word of capital.slice(0, -1).reverse()) {
    if (!question.includes(`${word} ${run}`)) break
    run = `${word} ${run}`
  }
  return run
}

/** "boats" → "boat", which finds both. */
const singular = (word: string): string =>
  /[^sui]s$/.test(word) && word.length > 3 ? word.slice(0, -1) : word

const common = new Set(
  (
    'how many often frequently count tally enumerate list find name show give me all every each number of the a an ' +
    'times time is are was were be been being do does did has have had can could would will in on at to for from by ' +
    'with and or that which who whom whose what when where why there this these those it its they them their he she ' +
    'his her we you i my your please word words phrase term name text document book story file chapter page pages ' +
    'mention mentions mentioned mentioning occurrence occurrences occur occurs appear appears appeared appearing used ' +
    'place places passage passages say says said about as not any ' +
    'wie viel viele vielen oft häufig zähle zähl zählen zaehle aufzählen liste nenne nenn finde zeige zeig gib mir alle ' +
    'allen aller jede jeden jeder jedes sämtliche anzahl zahl der die das den dem des ein eine einen einem einer mal male ' +
    'ist sind war waren wird werden wurde wurden hat haben kommt kommen vor im in am an auf zu zum zur für von vom bei ' +
    'mit und oder dass welche welcher welches wer wen was wann wo warum es er sie ihr ihre sein seine ich du bitte wort ' +
    'wörter begriff text dokument buch geschichte datei kapitel seite seiten erwähnt erwähnung erwähnungen vorkommen ' +
    'stelle stellen fundstellen genannt gibt auf namen steht stehen nicht'
  ).split(' ')
)
