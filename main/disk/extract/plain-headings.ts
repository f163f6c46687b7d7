/**
 * Headings of plain text. A line is one by its words (heading-line.ts) and by what stands around it: blank lines, an underline, numbers that
 * go on. Rather none than a false one: a person jumps by the outline, and answers name it.
 */
import type { Outline } from '../../../contract/document'
import { type HeadingKind, type HeadingLine, headingLine, mayPart, titleCase } from './heading-line'

type Headings = Outline['headings']

/** Lines between two blank ones. */
interface Block {
  readonly start: number
  readonly lines: readonly string[]
  /** Lines in all; `lines` has the first three. */
  readonly count: number
  readonly length: number
  /** Blank lines before it; of the first block 2. */
  readonly gap: number
}

interface Found extends HeadingLine {
  title: string
  readonly start: number
  readonly block: number
  readonly underlined?: 1 | 2
  readonly gap: number
}

export function plainHeadings(text: string): Headings {
  const blocks = blocksOf(text)
  const found = candidates(blocks)
  const kept = withoutContents(likely(titlesJoined(found), blocks), blocks)
  return levelled(kept)
}

function blocksOf(text: string): Block[] {
  const blocks: Block[] = []
  let [gap, at] = [2, 0]
  let open: { start: number; lines: string[]; count: number } | undefined
  const close = (end: number) => {
    if (open === undefined) return
    blocks.push({ ...open, length: end - open.start, gap })
    open = undefined
    gap = 0
  }
  while (at < text.length) {
    const next = text.indexOf('\n', at)
    const end = next === -1 ? text.length : next
    // Most lines of a book are long: only the beginning of a line can tell that it is no heading.
    const line = text.slice(at, Math.min(end, at + 240))
    if (line.trim() === '' && end - at <= 240) {
      close(at)
      gap++
    } else if (open === undefined) open = { start: at, lines: [line], count: 1 }
    else {
      if (open.count < 3) open.lines.push(line)
      else if (mayPart(line) && headingLine(line)?.kind === 'chapter' && wordsAlone(line)) {
        // Texts without blank lines: a chapter's own line parts as well as a blank one.
        close(at)
        open = { start: at, lines: [line], count: 0 }
      }
      open.count++
    }
    at = end + 1
  }
  close(text.length)
  return blocks
}

/** "CHAPTER 5" and "第五章 …" alone in their line are no prose, even between other lines. */
const wordsAlone = (line: string) => /^\s*第/.test(line) || (headingLine(line)?.bare ?? false)

function candidates(blocks: readonly Block[]): Found[] {
  const found: Found[] = []
  for (const [index, block] of blocks.entries()) {
    const first = block.lines[0]!
    const start = block.start + (first.length - first.trimStart().length)
    const underlined = underlineOf(block)
    if (underlined !== undefined && /\p{L}{2}/u.test(first) && first.length <= 160) {
      const line = headingLine(first) ?? { kind: 'titled', bare: false, numbers: [] }
      found.push({ ...line, title: clean(first), start, block: index, gap: block.gap, underlined })
      continue
    }
    const line = headingLine(first)
    if (line === undefined) continue
    const keyed = isKeyed(line.kind)
    if (block.count > 1 && !keyed) continue
    const next = block.lines.slice(1).map(each => headingLine(each)?.kind)
    // Lines that are all headings are a table of contents.
    if (next.length > 0 && next.every(kind => kind === line.kind)) continue
    // "CHAPTER I" and its title in the next line or two, then a blank one.
    const short = block.count <= 3 && next.every(kind => kind === 'titled' || kind === 'capitals')
    if (block.count > 1 && !short && !wordsAlone(first)) continue
    const title = short ? block.lines.map(each => each.trim()).join(' ') : first
    found.push({ ...line, title: clean(title), start, block: index, gap: block.gap })
  }
  return found
}

function underlineOf({ lines, count }: Block): 1 | 2 | undefined {
  const under = lines[1]?.trimEnd()
  if (
    under === undefined ||
    !/^\s*(={3,}|-{3,}|~{3,}|\*{3,})$/.test(under) ||
    (count > 3 && /^\s*-/.test(under))
  ) {
    return undefined
  }
  const [title, line] = [lines[0]!.trim().length, under.trim().length]
  if (Math.abs(title - line) > Math.max(2, title / 5)) return undefined
  return /=|\*/.test(under) ? 1 : 2
}

const clean = (title: string) => title.replace(/\s+/g, ' ').trim().slice(0, 200)

const isKeyed = (kind: HeadingKind) => !/numbered|roman|capitals|titled/.test(kind)

/** "BOOK I." and, alone in the next block, "MISS BROOKE.": one heading. */
function titlesJoined(found: readonly Found[]): Found[] {
  const joined: Found[] = []
  for (const heading of found) {
    const before = joined.at(-1)
    const goesOn = before?.bare && before.block === heading.block - 1 && before.underlined === undefined
    if (
      goesOn &&
      (heading.kind === 'capitals' || heading.kind === 'titled') &&
      heading.gap <= before.gap + 1
    ) {
      before.title = clean(`${before.title} ${heading.title}`)
      joined[joined.length - 1] = { ...before, bare: false }
      continue
    }
    joined.push({ ...heading })
  }
  return joined
}

function likely(found: readonly Found[], blocks: readonly Block[]): Found[] {
  const times = new Map<string, number>()
  for (const { title } of found) times.set(title, (times.get(title) ?? 0) + 1)
  // Where paragraphs are not parted by blank lines, a line between two is set apart on purpose.
  const alone = blocks.filter(({ count }) => count === 1).length
  const lines = blocks.reduce((sum, { count }) => sum + count, 0)
  const setApart = alone < lines / 5
  const rising = { roman: risingRun(found, blocks, 'roman'), numbered: risingRun(found, blocks, 'numbered') }
  return found.filter(heading => {
    if (heading.underlined || isKeyed(heading.kind)) return true
    if (heading.kind === 'roman' || heading.kind === 'numbered') return rising[heading.kind].has(heading)
    // Speakers of a play, stamps and signatures come again and again.
    if (times.get(heading.title)! > 2) return false
    if (!bodyFollows(blocks, heading.block)) return false
    if (heading.kind === 'capitals') return true
    return setApart
      ? titleCase(heading.title) || heading.title.length <= 60
      : heading.gap > 2 && titleCase(heading.title)
  })
}

/** Those whose number is the first or follows one before: 1, 1.1, 1.2, 2; I, II, I, II. At least two. */
function risingRun(
  found: readonly Found[],
  blocks: readonly Block[],
  kind: 'roman' | 'numbered'
): Set<Found> {
  const kept = new Set<Found>()
  let run: Found[] = []
  let last: readonly number[] = []
  const close = () => {
    // Without text below them they are the entries of a list.
    const above = run.filter(({ block }) => bodyFollows(blocks, block)).length
    if (run.length > 1 && above >= run.length / 2) for (const each of run) kept.add(each)
  }
  for (const heading of found) {
    if (heading.kind !== kind) continue
    const { numbers } = heading
    if (follows(last, numbers)) run.push(heading)
    else if (numbers.every(each => each <= 1)) {
      close()
      run = [heading]
    } else continue
    last = numbers
  }
  close()
  return kept
}

function follows(last: readonly number[], numbers: readonly number[]): boolean {
  if (last.length === 0) return false
  // One deeper, or the next at this or a higher level. A number may be missing.
  if (numbers.length === last.length + 1)
    return numbers.at(-1)! <= 1 && last.every((each, index) => numbers[index] === each)
  const level = numbers.length - 1
  if (numbers.length > last.length) return false
  const step = numbers[level]! - last[level]!
  return step >= 1 && step <= 2 && numbers.slice(0, level).every((each, index) => each === last[index])
}

/** Prose after it, further headings between them allowed: a heading is above something. */
function bodyFollows(blocks: readonly Block[], block: number): boolean {
  for (let next = block + 1; next <= block + 3; next++) {
    const after = blocks[next]
    if (after === undefined) return false
    if (after.length >= 120 || after.count > 2) return true
  }
  return false
}

/** Headings in a row without a word between them are a table of contents, if they come again. */
function withoutContents(found: readonly Found[], blocks: readonly Block[]): Found[] {
  const last = new Map(found.map(heading => [heading.title.toLowerCase(), heading.start]))
  return found.filter((heading, index) => {
    const next = found[index + 1]
    if (next?.kind !== heading.kind || last.get(heading.title.toLowerCase()) === heading.start) return true
    const between = blocks.slice(heading.block + 1, next.block).reduce((sum, { length }) => sum + length, 0)
    return between > 200
  })
}

/** Where each kind stands below the others, 1 the highest; levels are those of them that a text has. */
function levelled(found: readonly Found[]): Headings {
  const romans = found.filter(({ kind }) => kind === 'roman')
  // "IV: The Chapel" is a chapter; numbers alone divide what has a title.
  const bareRomans = romans.filter(({ bare }) => bare).length > romans.length / 2
  const ranks: Record<HeadingKind, number> = {
    volume: 1,
    book: 2,
    part: 3,
    chapter: 4,
    named: 4,
    section: 5,
    capitals: 6,
    titled: 7,
    roman: bareRomans ? 8 : 4,
    numbered: 9
  }
  // Where nothing else is a chapter, what a text calls its preface is no higher than its other parts.
  const once = new Map<string, number>()
  for (const { title } of found) once.set(title, (once.get(title) ?? 0) + 1)
  const highest = Math.min(...found.filter(({ kind }) => kind !== 'named').map(rankOf))
  function rankOf({ kind, numbers, underlined, title }: Found): number {
    if (underlined) return 3 + underlined
    if (kind === 'numbered') return ranks.numbered + numbers.length
    // The "Summary" of every chapter is a part of it.
    if (kind === 'named')
      return once.get(title)! > 1 ? ranks.titled : Number.isFinite(highest) ? Math.max(4, highest) : 4
    return ranks[kind]
  }
  const used = [...new Set(found.map(rankOf))].sort((a, b) => a - b)
  return found.map(heading => ({
    title: heading.title,
    level: Math.min(6, used.indexOf(rankOf(heading)) + 1),
    start: heading.start
  }))
}
