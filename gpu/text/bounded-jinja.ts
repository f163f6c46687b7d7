/**
 * Renders a chat template that somebody else wrote. Jinja templates are programs, @huggingface/jinja runs them
 * without interruption, and a loop over a large range would hang the engine: so every evaluation step is counted
 * and every value that grows is measured. A loop is charged for each turn, since an empty body evaluates nothing:
 * four nested loops over 4000 numbers ran for twenty minutes without exceeding the steps of their own. Real templates take some thousand steps for a long conversation.
 */
import { Environment, Interpreter, parse, tokenize } from '@huggingface/jinja'
import { broken } from './json'

const templateLimit = 64 << 10
const stepLimit = 100_000
/** Walking through a list by a filter or a search costs about this fraction of a step per item. */
const itemsPerStep = 64
const textLimit = 256 << 10
/** Values in lists and maps, counting what they hold. */
const weightLimit = 20_000
/** Templates count messages; larger numbers serve only to ask for a million spaces. */
const numberLimit = 4096

type Evaluate = Interpreter['evaluate']
type Value = ReturnType<Evaluate>

class BoundedInterpreter extends Interpreter {
  private steps = 0
  private readonly weights = new WeakMap<object, number>()

  private readonly loopedOver = new WeakSet<object>()

  override evaluate(...[statement, environment]: Parameters<Evaluate>): Value {
    this.charge(1)
    if (statement !== undefined) this.noteLoop(statement)
    const result = super.evaluate(statement, environment)
    this.measure(result)
    this.charge(
      sizeOf(result) / (statement !== undefined && this.loopedOver.has(statement) ? 1 : itemsPerStep)
    )
    return result
  }

  private charge(steps: number): void {
    this.steps += steps
    if (this.steps > stepLimit) throw new Error(`more than ${stepLimit} steps`)
  }

  /** Remembers what a loop walks over; with a condition (`for a in b if c`) that lies one node deeper. */
  private noteLoop(statement: object): void {
    if (!('iterable' in statement) || !isNode(statement.iterable)) return
    this.loopedOver.add(statement.iterable)
    if ('lhs' in statement.iterable && isNode(statement.iterable.lhs))
      this.loopedOver.add(statement.iterable.lhs)
  }

  private measure(result: Value): void {
    const value: unknown = result.value
    if (typeof value === 'string' && value.length > textLimit) throw new Error('a text that grows too long')
    if (typeof value === 'number' && !(Math.abs(value) <= numberLimit))
      throw new Error(`a number above ${numberLimit}`)
    if (this.weigh(result) > weightLimit) throw new Error('a list that grows too long')
  }

  /** 1 for plain values. What a list holds was weighed before it, so this does not descend. */
  private weigh(result: Value): number {
    const value: unknown = result.value
    if (!Array.isArray(value) && !(value instanceof Map)) return 1
    const known = this.weights.get(result)
    if (known !== undefined) return known
    let weight = 1
    for (const each of value.values() as Iterable<Value>) weight += this.weights.get(each) ?? 1
    this.weights.set(result, weight)
    this.charge(weight)
    return weight
  }
}

const isNode = (value: unknown): value is object => typeof value === 'object' && value !== null

/** Items of a list or map, characters of a text. */
function sizeOf(result: Value): number {
  const value: unknown = result.value
  if (typeof value === 'string' || Array.isArray(value)) return value.length
  return value instanceof Map ? value.size : 0
}

export type RenderTemplate = (variables: Readonly<Record<string, unknown>>) => string

/** Throws broken-model for a template that is too long or cannot be parsed. */
export function compileTemplate(source: string): RenderTemplate {
  if (source.length > templateLimit) {
    throw broken(`The chat template has ${source.length} characters, expected at most ${templateLimit}.`)
  }
  // The library's own search for its `generation` tag takes quadratic time over runs of white space.
  if (/\s{1024}/.test(source))
    throw broken('The chat template holds more than 1000 spaces in a row. It is damaged.')
  const program = attempt(() => parse(tokenize(source, { lstrip_blocks: true, trim_blocks: true })))
  return variables =>
    attempt(() => {
      const environment = new Environment()
      for (const [name, value] of Object.entries({ ...globals, ...variables })) environment.set(name, value)
      const text: unknown = new BoundedInterpreter(environment).run(program).value
      if (typeof text !== 'string') throw new Error('no text')
      return text
    })
}

const globals = {
  true: true,
  false: false,
  none: null,
  True: true,
  False: false,
  None: null,
  range: (start: number, stop?: number, step = 1) => {
    const [from, to] = stop === undefined || stop === null ? [0, start] : [start, stop]
    const length = Math.ceil((to - from) / step)
    if (step === 0 || !(length <= numberLimit)) throw new Error('a range that is too long')
    return Array.from({ length: Math.max(0, length) }, (_, index) => from + index * step)
  },
  raise_exception: (message: unknown) => {
    throw new Error(`it says: ${String(message).slice(0, 200)}`)
  },
  // A fixed day: what stands before the document must stay the same, or every saved document is foreign tomorrow.
  strftime_now: (format: unknown) => {
    const parts: Readonly<Record<string, string>> = {
      Y: '2025',
      m: '01',
      d: '01',
      b: 'Jan',
      B: 'January',
      H: '00',
      M: '00'
    }
    return String(format).replace(/%([YmdbBHM])/g, (_, letter: string) => parts[letter]!)
  }
}

function attempt<T>(run: () => T): T {
  try {
    return run()
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message.slice(0, 200) : 'unknown reason'
    throw broken(`The chat template in tokenizer_config.json could not be used: ${reason}.`, cause)
  }
}
