/**
 * The words around a document, a conversation and a question, as token ids, from the model's own chat template.
 * The template is rendered with placeholders instead of contents and cut apart at them: control tokens are
 * recognised in the template's own words only, never in what a person or a document says. A content is joined with
 * the plain words that touch it before tokenising, so that " " + "Paris" becomes the token that the model learnt;
 * the document alone is tokenised by itself, because its ids are what is kept on disk.
 */
import { compileTemplate, type RenderTemplate } from './bounded-jinja'
import { EngineFailure } from '../failure'
import { broken } from './json'
import type { Tokenizer } from './tokenizer'
import { readTokenizerConfig } from './tokenizer-config'

export interface ChatTurn {
  readonly role: 'user' | 'assistant'
  readonly content: string
}

export interface Chat {
  /** Ids before the document's first token. The same for every question. */
  documentPrefix(): Uint32Array
  /** Ids of everything after the document: earlier turns, the question, and what makes the model answer. */
  documentSuffixAndTurns(history: readonly ChatTurn[], question: string): Uint32Array
}

/** Private-use characters: no filter such as trim, upper or tojson changes them, and templates do not hold them. */
const placeholder = (index: number) => `\uE0F0${index}\uE0F1`
const anyPlaceholder = /\uE0F0(\d+)\uE0F1/

/** The document's placeholder; the contents of the turns follow from 1 on. */
const documentIndex = 0
/** Gemma's own begins every sequence, whatever a template leaves out. */
const gemmaBos = '<bos>'
/** The system message's, before the document. */
const systemPlaceholder = '\uE0F0s\uE0F1'

interface ChatOptions {
  /** The token that begins a sequence, where tokenizer_config.json does not name it. */
  readonly bos?: string
  /** Stands before the document and every question, where the template takes such a message. */
  readonly system?: string
}

/** Throws broken-model for a template that cannot be used with a document and a question. */
export function openChat(tokenizer: Tokenizer, tokenizerConfig: string, options: ChatOptions = {}): Chat {
  const read = readTokenizerConfig(tokenizerConfig)
  const config = { ...read, bos: read.bos ?? options.bos }
  const bos = config.bos === undefined ? undefined : tokenizer.specialId(config.bos)
  const system = options.system?.trim() || undefined
  const render =
    config.template === undefined
      ? plainPrompt(config.bos ?? '', system !== undefined)
      : renderer(compileTemplate(config.template), config, system !== undefined)
  const sequence = (history: readonly ChatTurn[]) => literalsAround(render(history), history.length + 2)
  const [before] = sequence([])
  // A template that cannot carry a conversation is refused now and not at the second question.
  sequence([
    { role: 'user', content: '' },
    { role: 'assistant', content: '' }
  ])
  const parts = partsBefore(before!, system)
  const prefix = withOneBos(encodeParts(tokenizer, parts, true), bos, config.bos === gemmaBos)
  return {
    documentPrefix: () => prefix.slice(),
    documentSuffixAndTurns(history, question) {
      const [, ...literals] = sequence(history)
      const contents = [...history.map(turn => turn.content), question]
      const parts = literals.flatMap((trusted, index): Part[] =>
        index < contents.length ? [{ trusted }, { content: contents[index]! }] : [{ trusted }]
      )
      return encodeParts(tokenizer, parts, false)
    }
  }
}

type Render = (history: readonly ChatTurn[]) => string

/** A model without a template is a base model: a prompt that most of them continue with an answer. */
function plainPrompt(bos: string, system: boolean): Render {
  return history => {
    let text = bos + (system ? `${systemPlaceholder}\n\n` : '') + placeholder(documentIndex)
    for (const [index, { role }] of [...history, { role: 'user' }].entries()) {
      text +=
        role === 'user' ? `\n\nQuestion: ${placeholder(index + 1)}` : `\nAnswer: ${placeholder(index + 1)}`
    }
    return `${text}\nAnswer:`
  }
}

/** Uses the template's role "document" where it has one, else the first message of the user. */
function renderer(
  template: RenderTemplate,
  config: ReturnType<typeof readTokenizerConfig>,
  system: boolean
): Render {
  const variables = { ...tokenVariables(config), add_generation_prompt: true }
  const first = system ? [{ role: 'system', content: systemPlaceholder }] : []
  const turnsOf = (history: readonly ChatTurn[]) =>
    [...history, { role: 'user' }].map(({ role }, index) => ({ role, content: placeholder(index + 1) }))
  const withRole: Render = history =>
    template({
      ...variables,
      messages: [...first, { role: 'document', content: placeholder(documentIndex) }, ...turnsOf(history)]
    })
  const inFirstTurn: Render = history => {
    const [question, ...others] = turnsOf(history)
    const content = `${placeholder(documentIndex)}\n\n${question!.content}`
    return template({ ...variables, messages: [...first, { ...question!, content }, ...others] })
  }
  return knowsDocuments(config.template!, withRole) ? withRole : inFirstTurn
}

/** Many templates print any role that they are given; one that was trained with documents names the role itself. */
function knowsDocuments(source: string, render: Render): boolean {
  if (!/['"]document['"]/.test(source)) return false
  try {
    return render([]).includes(placeholder(documentIndex))
  } catch (failure) {
    if (failure instanceof EngineFailure) return false
    throw failure
  }
}

/** Templates name tokens as variables: bos_token, eos_token and so on. */
function tokenVariables(config: ReturnType<typeof readTokenizerConfig>): Record<string, string> {
  return { bos_token: config.bos ?? '', eos_token: config.eos ?? '', pad_token: '', unk_token: '' }
}

/** The template's words before, between and after the contents. Throws when a content is missing, twice or moved. */
function literalsAround(text: string, count: number): string[] {
  const parts = text.split(new RegExp(anyPlaceholder, 'g'))
  const indices = parts.filter((_, index) => index % 2 === 1)
  if (indices.length !== count || indices.some((index, place) => Number(index) !== place)) {
    throw broken(
      `The chat template in tokenizer_config.json places the ${count} messages as ` +
        `"${indices.slice(0, 8).join(', ')}", expected each once and in order. This program cannot use it.`
    )
  }
  return parts.filter((_, index) => index % 2 === 0)
}

type Part = { readonly trusted: string } | { readonly content: string }

/** Control tokens by id. The plain text between two of them is tokenised as one run. */
function encodeParts(tokenizer: Tokenizer, parts: readonly Part[], atStart: boolean): Uint32Array {
  const ids: number[] = []
  let run = ''
  const flush = () => {
    if (run !== '')
      for (const id of tokenizer.encodeText(run, { atStart: atStart && ids.length === 0 }).ids) ids.push(id)
    run = ''
  }
  let trimNext = false
  for (const part of parts) {
    const pieces = 'content' in part ? [part.content] : tokenizer.splitControl(part.trusted)
    for (const piece of pieces) {
      if (typeof piece === 'string') {
        run += trimNext && run === '' ? piece.trimStart() : piece
        continue
      }
      if (piece.lstrip) run = run.trimEnd()
      flush()
      ids.push(piece.id)
      trimNext = piece.rstrip
    }
  }
  flush()
  return Uint32Array.from(ids)
}

/** The words before the document, the system message in its place among them. */
function partsBefore(text: string, system: string | undefined): Part[] {
  if (system === undefined) return [{ trusted: text }]
  const around = text.split(systemPlaceholder)
  if (around.length !== 2)
    throw broken(
      `The chat template in tokenizer_config.json places the system message ${around.length - 1} times before the document, expected once. Leave the system message out.`
    )
  return [{ trusted: around[0]! }, { content: system }, { trusted: around[1]! }]
}

/**
 * Some templates write the beginning of the sequence themselves although the tokenizer's own name for it does too, and some
 * leave it out. Where it `mustBegin`, a model writes nonsense without it; two are never wanted.
 */
function withOneBos(ids: Uint32Array, bos: number | undefined, mustBegin: boolean): Uint32Array {
  let extra = 0
  while (bos !== undefined && ids[extra] === bos && ids[extra + 1] === bos) extra++
  if (bos !== undefined && mustBegin && ids[0] !== bos) return Uint32Array.from([bos, ...ids])
  return ids.slice(extra)
}
