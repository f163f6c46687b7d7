/** Texts with hidden numbers: what the needle test asks about. */

/** The 69 distinct cities of the official list. */
export const cities =
  `Chicago Yangon Antananarivo Colombo Almaty Sydney Mexico_City Seattle Lagos Amsterdam Belgrade Cairo Baghdad
  Damascus Kigali Dakar Sofia Victoria Tashkent Mumbai Barcelona Amman Toronto Bratislava Johannesburg Thimphu Bangkok
  Santiago San_Francisco Paris Rabat Copenhagen Madrid Ho_Chi_Minh_City Sarajevo Delhi Istanbul Khartoum Helsinki Doha
  Kuala_Lumpur Budapest Shanghai Moscow Los_Angeles Oslo Berlin Bangalore Tokyo Melbourne Port_Louis Lisbon Nairobi
  Kampala Lima Maputo Vancouver Dubai Jakarta Yerevan Beirut Athens Bucharest Brussels Tunis Astana Seoul Buenos_Aires Vienna`
    .split(/\s+/)
    .map(city => city.replaceAll('_', ' '))

const opening =
  'There is a special magic number inside a lot of irrelevant text. Find it and memorize them. I will quiz you about the magic number there. '
/** Tokens of a prompt that are not filler. */
const reserve = 150

export interface NeedleText {
  readonly document: string
  /** As the paper has it: to be continued. */
  readonly question: string
  /** For a model that is asked. */
  readonly plainQuestion: string
  readonly answer: string
}

export interface Haystack {
  readonly lines: readonly string[]
  readonly tokensOf: (line: string) => number
  readonly draws: Draws
}

/** Lines of a haystack come again and again: each is counted once. */
export function tokenCounter(engine: { encode(text: string): ArrayLike<number> }): (line: string) => number {
  const known = new Map<string, number>()
  return line => {
    let tokens = known.get(line)
    if (tokens === undefined) known.set(line, (tokens = engine.encode(line).length))
    return tokens
  }
}

/** Reproducible draws (mulberry32): the official ones depend on Python and on the order of a directory. */
export class Draws {
  constructor(private state: number) {}

  next(): number {
    this.state = (this.state + 0x6d2b79f5) | 0
    let z = Math.imul(this.state ^ (this.state >>> 15), 1 | this.state)
    z = (z + Math.imul(z ^ (z >>> 7), 61 | z)) ^ z
    return ((z ^ (z >>> 14)) >>> 0) / 0x100000000
  }

  /** Whole number from `least` to `most`, both included. */
  whole(least: number, most: number): number {
    return least + Math.floor(this.next() * (most - least + 1))
  }

  sample<T>(from: readonly T[], n: number): T[] {
    const rest = [...from]
    return Array.from({ length: n }, () => rest.splice(this.whole(0, rest.length - 1), 1)[0])
  }
}

/** Lines of the haystack from a random one on, each with a space behind it, until the next would exceed the budget. */
export function filler({ lines, tokensOf, draws }: Haystack, budget: number): string {
  let [text, tokens, silent] = ['', 0, 0]
  for (let at = draws.whole(0, lines.length - 1); ; at = (at + 1) % lines.length) {
    const line = `${lines[at]} `
    const more = tokensOf(line)
    if (tokens + more > budget) return text
    text += line
    tokens += more
    // A haystack of empty lines would never fill.
    silent = more === 0 ? silent + 1 : 0
    if (silent > lines.length) return text
  }
}

function asked(document: string, city: string, number: number): NeedleText {
  const plainQuestion = `What is the special magic ${city} number?`
  return {
    document: opening + document,
    question: `${plainQuestion} The special magic ${city} number is `,
    plainQuestion,
    answer: String(number)
  }
}

export function singleNeedleText(hay: Haystack, length: number, depth: number): NeedleText {
  const budget = length - reserve
  const before = Math.floor(budget * depth)
  const [city] = hay.draws.sample(cities, 1)
  const number = hay.draws.whole(1, 50000)
  const document = [
    filler(hay, before),
    `The special magic ${city} number is ${number} . `,
    filler(hay, budget - before)
  ].join('\n')
  return asked(document, city, number)
}

/** The question is about the last needle before `depth`. */
export function multiNeedleText(hay: Haystack, length: number, depth: number, needles: number): NeedleText {
  const { draws } = hay
  const budget = length - reserve
  const before = Math.floor(budget * depth)
  const firstNeedles = draws.whole(1, needles - 1)
  const first = partition(draws, before, firstNeedles)
  const second = partition(draws, budget - before, needles + 1 - firstNeedles)
  const last = second.pop() ?? 0
  const chosen = draws.sample(cities, needles)
  const lines: string[] = []
  const hide = (tokens: number): [string, number] => {
    const city = chosen.pop()!
    const number = draws.whole(1, 50000)
    lines.push(filler(hay, tokens), `The special magic ${city} number is: ${number}`)
    return [city, number]
  }
  const [city, number] = first.map(hide).at(-1)!
  second.forEach(hide)
  lines.push(filler(hay, last))
  return asked(lines.join('\n'), city, number)
}

/** `total` cut at random into `parts` positive parts. */
function partition(draws: Draws, total: number, parts: number): number[] {
  const cuts = new Set<number>()
  while (cuts.size < Math.min(parts, total) - 1) cuts.add(draws.whole(1, total - 1))
  const edges = [0, ...[...cuts].sort((a, b) => a - b), total]
  return edges.slice(1).map((edge, i) => edge - edges[i])
}
