/**
 * Checkpoints that hold a model of a known family and still cannot be run as they lie: weights packed by another program, a
 * download that has not ended, no tokenizer. The same sentences stand in contract/failures-of-checkpoints.ts, for the window.
 */
import { EngineFailure } from './failure'
import { field, isObject, type JsonObject } from './text/json'

/** Behind a sentence that refuses weights in a format of other programs. */
export const downloadInstead =
  "Download the folder that the model's makers published; of Gemma 4 that is google/gemma-4-E2B-it-qat-mobile-transformers."

type Values = Readonly<Record<string, string | number>>

const failing = (
  code: 'unsupported-model' | 'broken-model',
  name: string,
  message: string,
  values: Values
): EngineFailure => new EngineFailure(code, message, undefined, { name, values })

/**
 * Throws unsupported-model for weights of Gemma 4 that another program packed; Google's own ("gemma") are read as they lie. Of
 * other families every matrix is looked at by itself (docs/weights.md).
 */
export function refusePacked(config: JsonObject): void {
  if (titleOf(config) === undefined) return
  const packed = field(config, 'quantization')
  if (isObject(packed) && field(packed, 'group_size') !== undefined) {
    const bits = Number(field(packed, 'bits')) || 4
    throw failing(
      'unsupported-model',
      'checkpointMlx',
      `These weights were packed into ${bits} bits by MLX, which Readonce does not read. ${downloadInstead}`,
      { bits }
    )
  }
  const quantised = field(config, 'quantization_config')
  const method = isObject(quantised) ? field(quantised, 'quant_method') : undefined
  if (typeof method !== 'string' || method === 'gemma') return
  throw failing(
    'unsupported-model',
    'checkpointPacked',
    `These weights were packed as ${method.slice(0, 40)}, which Readonce does not read. ${downloadInstead}`,
    { method: method.slice(0, 40) }
  )
}

export const withoutTokenizer = (name: string): EngineFailure =>
  failing(
    'unsupported-model',
    'checkpointNoTokenizer',
    `${name} has no tokenizer.json, so it can compute logits but not read text. Add the tokenizer.json that belongs to it.`,
    { name }
  )

/** Of a name that a browser or a download program gives to what it has not finished; undefined where there is none. */
export function unfinishedIn(names: Iterable<string>): EngineFailure | undefined {
  const file = [...names].find(name =>
    /\.(safetensors|json)\.(part|partial|incomplete|download|crdownload|tmp|aria2|!ut)$|^Unconfirmed .*\.crdownload$/i.test(
      name
    )
  )
  return file === undefined
    ? undefined
    : failing(
        'broken-model',
        'checkpointUnfinished',
        `The download of ${file} has not ended. Let it end, or download the file again, and choose the folder then.`,
        { file }
      )
}

/** What people call a checkpoint, by its sizes: "Gemma 4 E2B, mobile". Undefined for one that has no other name than its folder's. */
export function titleOf(config: JsonObject): string | undefined {
  const type = field(config, 'model_type')
  if (type !== 'gemma4' && type !== 'gemma4_text') return undefined
  const text = type === 'gemma4' ? field(config, 'text_config') : config
  const sizes = isObject(text) ? [field(text, 'hidden_size'), field(text, 'num_hidden_layers')].join() : ''
  const variant = { '1536,35': ' E2B', '2560,42': ' E4B' }[sizes] ?? ''
  const quantised = field(config, 'quantization_config')
  return `Gemma 4${variant}${isObject(quantised) && field(quantised, 'quant_method') === 'gemma' ? ', mobile' : ''}`
}
