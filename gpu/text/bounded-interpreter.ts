/**
 * An interpreter of templates that comes to an end. Every step is counted, every value that grows is measured, and an
 * operation is charged before it runs for the values that it is given: what it returns tells nothing of its cost. V8 looks
 * for a text in another in quadratic time ('a' x 32768 + 'b' + 'a' x 32768 in 'a' x 131072 takes 1.1 s), and a list that
 * holds one text twenty thousand times is small until it is written out. A loop is charged for each turn, since an empty
 * body evaluates nothing: four nested loops over 4000 numbers ran for twenty minutes without many steps of their own.
 */
import { Interpreter } from '@huggingface/jinja'

/** Steps of a whole rendering; real templates take some thousand for a long conversation. */
const stepLimit = 100_000
/** Walking through a list by a filter or a search costs about this fraction of a step per item. */
const itemsPerStep = 64
const textLimit = 256 << 10
/** Values in lists and maps, with what they hold; so many characters of text weigh as much as one value. */
const weightLimit = 20_000
const charactersPerWeight = 64
/** What is written out as JSON costs about a microsecond for so many values. */
const weightPerStep = 16
/** A tool's JSON schema has some ten levels. */
const depthLimit = 64
/** Templates count messages; larger numbers serve only to ask for a million spaces. */
export const numberLimit = 4096
/** Two lengths multiplied: what a search may compare, a replacement write. V8 takes some 4 ms for so many. */
const productLimit = 1 << 24
const productPerStep = 4096
/** A sort looks at each item about so often. */
const looksOfSort = 32
/** A number may be a width: so many spaces before each line, or for each of some levels. */
const levels = 16

/** Nodes of a macro that the library looks through. */
const nodesPerStep = 4

type Evaluate = Interpreter['evaluate']
type Value = ReturnType<Evaluate>
/** A node of the template's tree; which fields it has beside its type depends on that. */
type Node = Readonly<Record<string, unknown>> & { readonly type: string }

/** What a value holds, all values inside it counted. */
interface Measure {
  readonly values: number
  readonly characters: number
  readonly depth: number
}

/** A node under evaluation, and how long the operands are that it was given so far. */
interface Open {
  readonly node: Node | undefined
  readonly lengths: number[]
}

export class BoundedInterpreter extends Interpreter {
  private steps = 0
  private readonly open: Open[] = []
  private readonly measures = new WeakMap<object, Measure>()
  /** Methods such as `text.split`, by the length of what they belong to. */
  private readonly owners = new WeakMap<object, number>()
  private readonly nodeCounts = new WeakMap<object, number>()

  override evaluate(...[statement, environment]: Parameters<Evaluate>): Value {
    const node = statement as unknown as Node | undefined
    this.charge(1)
    // The library looks through all of the body each time that it meets one of these.
    if (node?.type === 'Macro' || node?.type === 'CallStatement') this.charge(this.count(node) / nodesPerStep)
    const own: Open = { node, lengths: [] }
    this.open.push(own)
    const depth = this.open.length
    let result: Value
    try {
      result = super.evaluate(statement, environment)
    } finally {
      this.open.length = depth - 1
    }
    const measure = this.check(result)
    if (result.type === 'FunctionValue' && node?.type === 'MemberExpression')
      this.owners.set(result, Math.max(...own.lengths))
    const parent = this.open.at(-1)
    this.charge(sizeOf(result) / (isLoopedOver(parent?.node, node) ? 1 : itemsPerStep))
    if (parent) this.give(parent, node, result, measure)
    return result
  }

  private charge(steps: number): void {
    this.steps += steps
    if (this.steps > stepLimit) throw new Error(`more than ${stepLimit} steps`)
  }

  private count(node: object): number {
    const known = this.nodeCounts.get(node)
    if (known !== undefined) return known
    let count = 1
    const parts: unknown[] = node instanceof Map ? [...node].flat() : Object.values(node)
    for (const part of parts) if (typeof part === 'object' && part !== null) count += this.count(part)
    this.nodeCounts.set(node, count)
    return count
  }

  /** Charges an operation for one more operand, before it has the last one and runs. */
  private give({ node, lengths }: Open, child: Node | undefined, result: Value, measure: Measure): void {
    const isCallee = node?.type === 'CallExpression' && child === node['callee']
    const length = isCallee ? this.owners.get(result) : lengthOf(result, measure)
    // A macro is charged for what it does itself.
    if (length === undefined) return
    if (isWritten(node, child)) this.charge(weightOf(measure) / weightPerStep)
    lengths.push(length)
    lengths.sort((a, b) => b - a)
    if (!isCallee && !multiplies(node)) return
    const [longest = 0, second = 0] = lengths
    const product =
      node?.type === 'FilterStatement'
        ? lengths.reduce((sum, each) => sum + each, 0) ** 2
        : longest * second * (filterOf(node) === 'sort' ? looksOfSort : 1)
    if (product > productLimit) throw new Error('a search or a replacement in texts that are too long')
    this.charge(product / productPerStep)
  }

  private check(result: Value): Measure {
    const value: unknown = result.value
    if (typeof value === 'string' && value.length > textLimit) throw new Error('a text that grows too long')
    if (typeof value === 'number' && !(Math.abs(value) <= numberLimit))
      throw new Error(`a number above ${numberLimit}`)
    const measure = this.measure(result)
    if (measure.depth > 0 && weightOf(measure) > weightLimit) throw new Error('a list that grows too long')
    if (measure.depth > depthLimit) throw new Error(`lists nested ${depthLimit} deep`)
    return measure
  }

  private measure(result: Value): Measure {
    const value: unknown = result.value
    if (typeof value === 'string') return { values: 1, characters: value.length, depth: 0 }
    if (!Array.isArray(value) && !(value instanceof Map)) return plain
    const known = this.measures.get(result)
    if (known !== undefined) return known
    let { values, characters, depth } = plain
    for (const [key, each] of value.entries() as Iterable<[unknown, Value]>) {
      // It alone changes after it was measured; ten that hold one another ten times each write ten thousand million.
      if (each.type === 'NamespaceValue') throw new Error('a namespace inside of another value')
      const inner = this.measure(each)
      values += inner.values
      characters += inner.characters + (typeof key === 'string' ? key.length : 0)
      depth = Math.max(depth, inner.depth)
    }
    const measure = { values, characters, depth: depth + 1 }
    if (result.type === 'NamespaceValue') this.charge(Number(value instanceof Map && value.size))
    else {
      this.charge(weightOf(measure))
      this.measures.set(result, measure)
    }
    return measure
  }
}

const plain: Measure = { values: 1, characters: 0, depth: 0 }

const weightOf = ({ values, characters }: Measure) => values + characters / charactersPerWeight

function lengthOf(result: Value, { values, characters }: Measure): number {
  const value: unknown = result.value
  if (typeof value === 'number') return Math.abs(value) * levels
  return typeof value === 'string' ? value.length : values + characters
}

/** Items of a list or map, characters of a text. */
function sizeOf(result: Value): number {
  const value: unknown = result.value
  if (typeof value === 'string' || Array.isArray(value)) return value.length
  return value instanceof Map ? value.size : 0
}

/** With a condition (`for a in b if c`) the list lies one node deeper. */
function isLoopedOver(parent: Node | undefined, node: Node | undefined): boolean {
  if (parent?.type !== 'For' || node === undefined) return false
  const iterable = parent['iterable'] as Node
  return node === iterable || node === iterable['lhs']
}

function operatorOf(node: Node | undefined): unknown {
  return node?.type === 'BinaryExpression' ? (node['operator'] as Node)['value'] : undefined
}

function filterOf(node: Node | undefined): unknown {
  const filter = node?.['filter'] as Node | undefined
  return filter && ((filter['callee'] as Node | undefined) ?? filter)['value']
}

/** Operations whose cost is that of one operand times another. */
const multiplies = (node: Node | undefined) =>
  node?.type === 'FilterExpression' ||
  node?.type === 'FilterStatement' ||
  ['in', 'not in'].includes(String(operatorOf(node)))

/** Whether the node may go through all that a list holds, as for writing it out. */
function isWritten(node: Node | undefined, child: Node | undefined): boolean {
  switch (node?.type) {
    case 'BinaryExpression':
      return !['and', 'or'].includes(String(operatorOf(node)))
    case 'FilterExpression':
      return !['length', 'first', 'last', 'list', 'items'].includes(String(filterOf(node)))
    case 'For':
      return !isLoopedOver(node, child)
    case 'If':
      return child !== node['test']
    case 'CallExpression':
    case 'CallStatement':
    case 'FilterStatement':
    case 'Program':
      return true
    default:
      return false
  }
}
