/** What may stand on the command line. Anything else is refused with the usage, exit code 2. */
import { parseArgs } from 'node:util'
import { sentenceOf } from '../../contract/failure'
import { derivedPrecisions, pageKinds, productKernels } from '../../gpu/index'

export class UsageError extends Error {}

export interface Call {
  readonly args: readonly string[]
  /** Options by name; flags are true. */
  readonly options: Readonly<Record<string, string | boolean | undefined>>
  readonly json: boolean
}

interface Option {
  readonly type: 'string' | 'boolean'
  readonly about: string
  /** All that it takes; anything else is refused before the command runs. */
  readonly among?: readonly string[]
}

export interface Command {
  /** Behind `readonce`. */
  readonly usage: string
  readonly about: string
  /** Least and most arguments besides options. */
  readonly arity: readonly [number, number]
  readonly options?: Readonly<Record<string, Option>>
  /** May resolve to the exit code, where a part of the work failed and was told. */
  run(call: Call): Promise<void> | Promise<number>
}

const common = {
  model: {
    type: 'string',
    about: 'model folder, or small, base … of those that came with the program (default: the best of these)'
  },
  library: { type: 'string', about: "data folder (default: the platform's place for application data)" },
  adapter: { type: 'string', about: "lavapipe, swiftshader, null or part of a GPU's name" },
  json: { type: 'boolean', about: 'JSON lines on standard output, nothing else' },
  help: { type: 'boolean', about: 'this page' }
} as const

/** Of every command that reads a file. */
export const readingOptions = {
  again: { type: 'boolean', about: "today's text of a file of which an earlier version made another one" }
} as const

/** Of every command that loads a model. */
export const engineOptions = {
  system: {
    type: 'string',
    about: 'message before the document, where the chat template takes one; other text is read anew'
  },
  weights: {
    type: 'string',
    about: "f16, int8 or int4: weights made so, once, beside the model (default: the model's own)",
    among: derivedPrecisions
  },
  kv: {
    type: 'string',
    about: "f32, f16 or int8 keys and values (default: the model's own, as a rule f16)",
    among: pageKinds
  }
} as const

/** Of every command that reads or computes with the model and measures nothing. */
export const graphicsOptions = {
  'gpu-memory': {
    type: 'string',
    about: 'graphics memory to use at most, such as 512M or 6G: of a larger document a part stays on disk'
  },
  kernels: {
    type: 'string',
    about:
      'plain, tiles, subgroups or matrices: the kernels that multiply (default: the best of this adapter)',
    among: productKernels
  }
} as const

export function parseCommand(
  commands: Readonly<Record<string, Command>>,
  args: readonly string[]
): { command: Command; call: Call } | 'help' {
  const [name, ...rest] = args
  if (name === undefined || name === 'help' || name === '--help' || name === '-h') return 'help'
  if (!Object.hasOwn(commands, name)) throw new UsageError(`There is no command "${name}".`)
  const command = commands[name]
  const options: Record<string, Option> = { ...common, ...command.options }
  let parsed
  try {
    parsed = parseArgs({
      args: rest,
      allowPositionals: true,
      options: Object.fromEntries(Object.entries(options).map(([key, { type }]) => [key, { type }]))
    })
  } catch (error) {
    throw new UsageError(`readonce ${name}: ${sentenceOf(error).split('. ')[0]}.`)
  }
  if (parsed.values['help']) return 'help'
  const [least, most] = command.arity
  if (parsed.positionals.length < least || parsed.positionals.length > most) {
    throw new UsageError(
      `readonce ${name} takes ${least === most ? least : most === Infinity ? `at least ${least}` : `${least} to ${most}`} arguments, ${parsed.positionals.length} given: readonce ${command.usage}`
    )
  }
  const values = parsed.values as Record<string, string | boolean | undefined>
  const call = { args: parsed.positionals, options: values, json: values['json'] === true }
  for (const [key, { among }] of Object.entries<Option>(options))
    if (among && text(call, key) !== undefined) oneOf(call, key, among, '')
  return { command, call }
}

export function text(call: Call, name: string): string | undefined {
  const value = call.options[name]
  return typeof value === 'string' ? value : undefined
}

/** A whole number of at least `least`; undefined when the option is absent. */
export function count(call: Call, name: string, least = 1): number | undefined {
  const value = text(call, name)
  if (value === undefined) return undefined
  if (!/^\d+$/.test(value) || Number(value) < least || !Number.isSafeInteger(Number(value))) {
    throw new UsageError(`--${name} is "${value}"; it takes a whole number of at least ${least}.`)
  }
  return Number(value)
}

/** A number between two bounds. */
export function amount(call: Call, name: string, least: number, most: number): number | undefined {
  const value = text(call, name)
  if (value === undefined) return undefined
  const number = Number(value)
  if (value.trim() === '' || !(number >= least && number <= most))
    throw new UsageError(`--${name} is "${value}"; it takes a number from ${least} to ${most}.`)
  return number
}

const units: Readonly<Record<string, number>> = { '': 1, K: 2 ** 10, M: 2 ** 20, G: 2 ** 30, T: 2 ** 40 }

/** Bytes, given as 512M or 1.5 GiB: of 1024 as the base, as memory is sold. */
export function size(call: Call, name: string): number | undefined {
  const value = text(call, name)
  if (value === undefined) return undefined
  const [, number, unit] = /^(\d+(?:\.\d+)?) ?([KMGT]?)(?:i?B)?$/i.exec(value.trim()) ?? []
  const bytes = Math.floor(Number(number) * units[(unit ?? '').toUpperCase()])
  if (!(bytes > 0) || !Number.isSafeInteger(bytes))
    throw new UsageError(`--${name} is "${value}"; it takes a size such as 512M or 6G.`)
  return bytes
}

export function oneOf<T extends string>(call: Call, name: string, allowed: readonly T[], otherwise: T): T {
  const value = text(call, name) ?? otherwise
  const found = allowed.find(a => a === value)
  if (found === undefined) throw new UsageError(`--${name} is "${value}"; it takes ${allowed.join(' or ')}.`)
  return found
}

export function usage(commands: Readonly<Record<string, Command>>): string {
  const line = (left: string, right: string): string => `  ${left.padEnd(34)} ${right}\n`
  const optionLines = (options: Command['options']): string =>
    Object.entries(options ?? {})
      .map(([name, { type, about }]) => line(`    --${name}${type === 'string' ? ' …' : ''}`, about))
      .join('')
  const body = Object.values(commands).map(
    command => line(command.usage, command.about) + optionLines(command.options)
  )
  return `usage: readonce COMMAND [OPTIONS]\n\n${body.join('')}\nEverywhere:\n${optionLines(common)}`
}
