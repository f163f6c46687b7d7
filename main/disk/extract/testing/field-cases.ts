/**
 * The documents rebuilt from public reports, ../shared/data/field-cases beside the checkout: finding them, reading them, and
 * what can be asked of the outcome.
 */
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { HostFailure } from '../../../../contract/failure'
import { extractFile, type ExtractedDocument } from '../../extract-text'
import { gatherFiles } from '../../gather-files'

/** READONCE_SHARED: where it lies instead. */
export const sharedData = join(
  process.env['READONCE_SHARED'] ?? join(import.meta.dirname, ...Array<string>(5).fill('..'), 'shared'),
  'data'
)
const folder = join(sharedData, 'field-cases')

/** Empty where the data is not there. */
export const caseNames = (): string[] =>
  existsSync(folder)
    ? readdirSync(folder, { withFileTypes: true })
        .filter(entry => entry.isDirectory())
        .map(entry => entry.name)
        .sort()
    : []

/** What came of a case. */
export interface Outcome {
  readonly expected: string
  readonly document?: ExtractedDocument
  readonly refusal?: string
  /** Of a folder: the files that were taken. */
  readonly names?: readonly string[]
}

export async function outcomeOf(name: string): Promise<Outcome> {
  const at = join(folder, name)
  const expected = readFileSync(join(at, 'expected.txt'), 'utf8')
  const input = readdirSync(at).find(each => /^in(put)?(\.|$)/.test(each))!
  if (input === 'in') {
    const { files } = await gatherFiles(join(at, input))
    return { expected, names: files.map(file => file.name) }
  }
  try {
    return { expected, document: await extractFile(join(at, input)) }
  } catch (error) {
    if (error instanceof HostFailure) return { expected, refusal: error.message }
    throw error
  }
}

/** Undefined: right; otherwise what is wrong. */
export type Check = (outcome: Outcome) => string | undefined

const squeezed = (text: string) =>
  text
    .replace(/\u2011/g, '-')
    .replace(/\s+/g, ' ')
    .trim()
const text = ({ document, refusal, names }: Outcome) =>
  document?.text ?? names?.join('\n') ?? `refused: ${refusal}`

/** The words and marks of the text are these, blanks and line ends aside. The title of a page may stand before them. */
export const same =
  (words: string): Check =>
  outcome => {
    const found = squeezed(text(outcome))
    const wanted = squeezed(words)
    const title = outcome.document?.kind === 'html' ? outcome.document.outline.headings[0]?.title : undefined
    return found === wanted || (title !== undefined && found === `${squeezed(title)} ${wanted}`)
      ? undefined
      : `${JSON.stringify(found.slice(0, 600))} for ${JSON.stringify(wanted.slice(0, 600))}`
  }

/** What expected.txt holds. */
export const asExpected: Check = outcome => same(outcome.expected)(outcome)

/** These pieces, one after another, blanks aside. */
export const has =
  (...pieces: readonly string[]): Check =>
  outcome => {
    const whole = squeezed(text(outcome))
    let at = 0
    for (const piece of pieces.map(squeezed)) {
      const found = whole.indexOf(piece, at)
      if (found === -1) return `"${piece}" is missing or in another place: ${whole.slice(0, 600)}`
      at = found + piece.length
    }
    return undefined
  }

export const lacks =
  (...pieces: readonly string[]): Check =>
  outcome => {
    const found = pieces.find(piece => text(outcome).includes(piece))
    return found === undefined ? undefined : `"${found}" is there`
  }

/** A note, or the sentence of a refusal, says this. */
export const told =
  (words: RegExp): Check =>
  ({ document, refusal }) => {
    const said = [...(document?.notes.map(({ message }) => message) ?? []), ...(refusal ? [refusal] : [])]
    return said.some(each => words.test(each)) ? undefined : `nothing says ${words}: ${JSON.stringify(said)}`
  }

export const refused =
  (words: RegExp): Check =>
  ({ refusal }) =>
    refusal !== undefined && words.test(refusal)
      ? undefined
      : `not refused with ${words}: ${refusal ?? 'a text'}`

export const all =
  (...checks: readonly Check[]): Check =>
  outcome =>
    checks.map(check => check(outcome)).find(wrong => wrong !== undefined)

export const either =
  (...checks: readonly Check[]): Check =>
  outcome => {
    const wrong = checks.map(check => check(outcome))
    return wrong.includes(undefined) ? undefined : wrong.join('; or ')
  }

export const outline =
  (expected: string): Check =>
  ({ document }) => {
    const found = document?.outline.headings.map(({ title, level }) => `${title}(${level})`).join(', ')
    return found === expected ? undefined : `the outline is ${found}, not ${expected}`
  }

/** To the letter. */
export const exactly =
  (expected: string): Check =>
  outcome =>
    text(outcome) === expected
      ? undefined
      : `${JSON.stringify(text(outcome).slice(0, 300))} for ${JSON.stringify(expected.slice(0, 300))}`
