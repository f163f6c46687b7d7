/**
 * What a regular expression may cost at worst, told from its structure: at each place of a text it may look through the
 * rest of it once, as "\\s+$" does, and not more. Refused are
 *   - repetitions of what can itself be matched in several ways: exponential;
 *   - two repetitions without a bound that can take the same characters, where what follows may fail: "[a-z]*\\w*;" tries
 *     every way to share a run between the two. Where nothing that follows can fail, as in the pattern of GPT-4o, the first
 *     way is the only one;
 *   - choices that multiply without a repetition, as in "a?a?a?a? ..." and "(?:a|b|ab)(?:a|b|ab) ...";
 *   - long literal parts after a repetition that takes the same characters.
 * The structure is that of an ambiguous automaton: A. Weideman et al., "Analyzing matching time behavior of backtracking
 * regular expression matchers by using ambiguity of NFA", CIAA 2016.
 */
import { type AST, RegExpParser } from '@eslint-community/regexpp'
import { type CharacterSet, intersection, setOf, someOf, union } from './character-set'

/** A repetition of fewer is a choice; of more, as good as one without end. */
const bounded = 16
const most = {
  /** Ways through a pattern. */
  sequences: 512,
  /** Ways to match one of them that do not come from a repetition without a bound. */
  choices: 64,
  /** Characters that one of them takes at least. */
  length: 256,
  /** The same, of those behind a repetition that takes them too. */
  overlap: 16,
  /** Characters looked at, at one place of a text: all ways of all sequences. */
  work: 1 << 14,
  /** Of which characters are taken to try the pattern with. */
  classes: 48
}

/** Takes from `min` to `max` characters of a set; or none, and may fail (`looks`: what a look around does meanwhile). */
interface Step {
  readonly min: number
  readonly max: number
  readonly set: () => CharacterSet
  readonly looks?: readonly Sequence[]
  /** A repeated repetition of one character, "(?:\\d{1,3})+": there are very many ways to share a run. */
  readonly nested?: boolean
  /** A group that may be left out as a whole. */
  readonly optional?: readonly Sequence[]
}
type Sequence = readonly Step[]

export interface PatternCost {
  /** Why it is refused. */
  readonly refused?: string
  /** It may look through the rest of the text from each place: time squared in the length of a run. */
  readonly quadratic: boolean
  /** Characters that it treats differently from others, to try it with. */
  readonly characters: readonly string[]
}

class Refusal extends Error {}

export function costOf({ source, flags }: { readonly source: string; readonly flags: string }): PatternCost {
  const analysis = new Analysis(flags)
  try {
    const pattern = new RegExpParser().parsePattern(source, 0, source.length, {
      unicode: flags.includes('u'),
      unicodeSets: flags.includes('v')
    })
    const sequences = analysis.ways(pattern.alternatives)
    for (const sequence of sequences) analysis.check(sequence, false)
    return { quadratic: analysis.quadratic, characters: analysis.characters() }
  } catch (error) {
    // What the parser does not know is not run either.
    const refused = error instanceof Refusal ? error.message : 'cannot be understood'
    return { refused, quadratic: true, characters: [] }
  }
}

class Analysis {
  quadratic = false
  private work = 0
  private readonly sets = new Map<string, CharacterSet>()
  private readonly classes = new Set<string>()

  constructor(private readonly flags: string) {}

  characters(): string[] {
    return [...new Set([...this.classes].slice(0, most.classes).flatMap(raw => someOf(raw, this.flags)))]
  }

  /** All ways through alternatives, groups that may be left out kept as one step. */
  ways(alternatives: readonly AST.Alternative[]): Sequence[] {
    const all = alternatives.flatMap(({ elements }) => {
      let sequences: Sequence[] = [[]]
      for (const element of elements) {
        const next = this.waysOf(element)
        if (sequences.length * next.length > most.sequences) throw tooMany()
        sequences = sequences.flatMap(head => next.map(tail => [...head, ...tail]))
      }
      return sequences
    })
    if (all.length > most.sequences) throw tooMany()
    return all
  }

  private waysOf(element: AST.Element): Sequence[] {
    if (isOneCharacter(element)) return [[this.step(element, 1, 1)]]
    switch (element.type) {
      case 'Group':
      case 'CapturingGroup':
        if ('modifiers' in element && element.modifiers) throw new Refusal('changes its own flags')
        return this.ways(element.alternatives)
      case 'Quantifier':
        return this.repeated(element)
      case 'Assertion':
        return [[this.assertion(element)]]
      default:
        throw new Refusal(
          element.type === 'Backreference' ? 'refers back to what it took' : 'holds a class of texts'
        )
    }
  }

  private step(element: AST.Element, min: number, max: number): Step {
    this.classes.add(element.raw)
    return { min, max, set: () => this.setOf(element.raw) }
  }

  private setOf(raw: string): CharacterSet {
    const known = this.sets.get(raw)
    if (known) return known
    const set = setOf(raw, this.flags)
    this.sets.set(raw, set)
    return set
  }

  private repeated({ element, min, max }: AST.Quantifier): Sequence[] {
    if (max === 0) return [[]]
    if (isOneCharacter(element)) return [[this.step(element, min, max)]]
    const inner = this.waysOf(element)
    if (max === 1) return min === 1 ? inner : [[{ min: 0, max: 0, set: () => [], optional: inner }]]
    const [only] = inner
    // Oniguruma means this by "\\d{1,3}+", and tokenizers mean "\\d{1,3}".
    if (inner.length === 1 && only?.length === 1 && !only[0]!.looks && !only[0]!.optional) {
      const [step] = only as [Step]
      const nested = step.min !== step.max || step.nested
      return [[{ ...step, min: min * step.min, max: max * step.max, nested }]]
    }
    const isFixed = only?.every(
      step => step.min === step.max && !step.nested && !step.looks && !step.optional
    )
    if (inner.length !== 1 || only === undefined || !isFixed) throw nestedRepetition()
    const length = only.reduce((sum, step) => sum + step.min, 0)
    if (length === 0) return [[]]
    return [[{ min: min * length, max: max * length, set: () => union(only.map(step => step.set())) }]]
  }

  private assertion(assertion: AST.Assertion): Step {
    const zero = { min: 0, max: 0, set: (): CharacterSet => [] }
    if (!('alternatives' in assertion)) return { ...zero, looks: [] }
    const looks = this.ways(assertion.alternatives)
    if (assertion.kind === 'lookahead') return { ...zero, looks }
    if (looks.some(each => each.some(step => step.max > bounded || step.optional || step.looks)))
      throw new Refusal('looks back without a bound')
    return { ...zero, looks: [] }
  }

  /** `looking`: at the end it may still fail, or the look begins again for another place. */
  check(sequence: Sequence, looking: boolean): void {
    const steps = looking ? [...sequence] : this.withoutSafeEnd(sequence)
    const optional = steps.findIndex(step => step.optional)
    if (optional >= 0) {
      const [before, after] = [steps.slice(0, optional), steps.slice(optional + 1)]
      this.check([...before, ...after], looking)
      for (const inner of steps[optional]!.optional!) this.check([...before, ...inner, ...after], looking)
      return
    }
    if (steps.some(step => step.nested)) throw nestedRepetition()
    steps.forEach(({ looks }, index) => {
      for (const inner of looks ?? []) this.check([...steps.slice(0, index), ...inner], true)
    })
    this.checkChoices(steps)
    steps.forEach((step, index) => {
      if (step.max - step.min <= bounded) return
      this.quadratic = true
      this.checkBehind(step, steps.slice(index + 1))
    })
  }

  /** What can match nothing cannot fail, so nothing before it is tried in another way on its account. */
  private withoutSafeEnd(sequence: Sequence): Step[] {
    const steps = [...sequence]
    for (let last; (last = steps.at(-1)) && last.min === 0 && !last.looks;) {
      steps.pop()
      for (const inner of last.optional ?? []) this.check(inner, false)
    }
    const last = steps.pop()
    return last ? [...steps, last.looks ? last : { ...last, max: last.min, nested: false }] : []
  }

  private checkChoices(steps: readonly Step[]): void {
    let choices = 1
    let length = 1
    for (const { min, max } of steps) {
      const more = max - min
      choices *= more <= bounded ? more + 1 : 1
      length += more <= bounded ? max : min
    }
    if (choices > most.choices) throw tooMany()
    if (length > most.length) throw new Refusal(`takes more than ${most.length} characters at once`)
    this.work += choices * length
    if (this.work > most.work) throw tooMany()
  }

  /** What follows a repetition without a bound is tried anew for each length of it. */
  private checkBehind(repetition: Step, behind: readonly Step[]): void {
    const own = repetition.set()
    const between: CharacterSet[] = []
    let overlap = 0
    for (const step of behind.filter(({ max }) => max > 0)) {
      const shared = intersection(own, step.set())
      // A run that both take goes through all that has to be taken between them.
      const reaches = shared.length > 0 && between.every(set => intersection(set, shared).length > 0)
      if (reaches && step.max - step.min > bounded)
        throw new Refusal('has two repetitions that could share the same characters in very many ways')
      if (reaches) overlap += Math.min(step.max, step.min + bounded)
      if (overlap > most.overlap) throw new Refusal('repeats a long part for each length of another')
      if (step.min > 0 && shared.length === 0) return
      if (step.min > 0) between.push(step.set())
    }
  }
}

const nestedRepetition = () => new Refusal('has a nested repetition')
const tooMany = () => new Refusal('can match in too many ways')

/** Takes one character, in one way. What the library makes of "[\\p{L}&&[^\\p{Han}]]" is a look ahead and a class. */
function isOneCharacter(element: AST.Element): boolean {
  switch (element.type) {
    case 'Character':
    case 'CharacterSet':
    case 'CharacterClass':
      return !('strings' in element && element.strings)
    case 'ExpressionCharacterClass':
      return false
    case 'Group': {
      const [only, ...others] = element.alternatives
      const last = only?.elements.at(-1)
      return (
        only !== undefined &&
        last !== undefined &&
        others.length === 0 &&
        !element.modifiers &&
        isOneCharacter(last) &&
        only.elements.slice(0, -1).every(isLookAtOne)
      )
    }
    default:
      return false
  }
}

const isLookAtOne = (element: AST.Element): boolean =>
  element.type === 'Assertion' &&
  element.kind === 'lookahead' &&
  element.alternatives.every(
    ({ elements }) => elements.every(each => isOneOrChoice(each)) && elements.length === 1
  )

const isOneOrChoice = (element: AST.Element): boolean =>
  isOneCharacter(element) ||
  (element.type === 'Group' &&
    element.alternatives.every(
      ({ elements: [only, ...others] }) => !!only && others.length === 0 && isOneOrChoice(only)
    ))
