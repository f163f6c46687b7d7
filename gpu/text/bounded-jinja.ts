/**
 * Renders a chat template that somebody else wrote. Jinja templates are programs, and @huggingface/jinja runs them
 * without interruption: bounded-interpreter.ts counts what they do.
 */
import { Environment, parse, tokenize } from '@huggingface/jinja'
import { BoundedInterpreter, numberLimit } from './bounded-interpreter'
import { broken } from './json'

const templateLimit = 64 << 10

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
