/** What config.json and generation_config.json say about ending, choosing and never choosing tokens. */
import { field, isObject, type JsonObject } from './json'

/** As kernels/choose-token.ts takes it. */
interface OwnSampling {
  readonly temperature: number
  readonly topK?: number
  readonly topP?: number
  readonly repetitionPenalty?: number
}

/**
 * The query at position p is multiplied by 1 + scale ln(1 + floor((p + 1) / floorScale)), so by 1 before position floorScale - 1:
 * the more keys there are, the more of the attention their many small weights take together from the few that matter.
 * Source: `attn_temperature_tuning` of Llama 4, transformers/models/llama4/modeling_llama4.py.
 */
export interface AttentionTemperature {
  /** Positions to a step, 1 or more. */
  readonly floorScale: number
  /** Without a unit, 0 to 10: 0 is no temperature. */
  readonly scale: number
}

/**
 * How a model says that a document does not answer, and from which probability of the first two tokens of that on it does: by the likeliest token one model
 * guesses too often and another refuses too often. Ours; no other program knows the key.
 */
export interface Refusal {
  readonly text: string
  /** Above 0, at most 1. */
  readonly from: number
}

export interface GenerationConfig {
  /** Token ids that end an answer. */
  readonly eosIds: readonly number[]
  /** The id that begins a sequence. */
  readonly bosId: number | undefined
  /** Ids that are never chosen: places of pictures and sounds, and what the file suppresses. */
  readonly suppressed: readonly number[]
  /** How the makers of the model choose tokens; undefined where they do not say, or take the most likely one. */
  readonly sampling: OwnSampling | undefined
  /** Of the queries of answers; what was read of a document does not depend on it. undefined: none. */
  readonly attentionTemperature: AttentionTemperature | undefined
  readonly refusal: Refusal | undefined
}

/** image_token_id, boi_token_id (begin of image), eoa_token_index (end of audio) and so on. */
const mediaKey = /^(image|audio|video|boi|eoi|boa|eoa)_token_(id|index)$/
const listLimit = 4096

/** Undefined for a file that is not there. Values of another type than the format's are passed over, as transformers does. */
export function readGenerationConfig(
  config: JsonObject | undefined,
  generation: JsonObject | undefined
): GenerationConfig {
  // A model that sees and hears, too, has the numbers of its text one level below.
  const text = config && field(config, 'text_config')
  const files = [config, isObject(text) ? text : undefined, generation].filter(file => file !== undefined)
  const media = Object.entries(config ?? {}).filter(([key]) => mediaKey.test(key))
  return {
    eosIds: [...new Set(files.flatMap(file => idsOf(field(file, 'eos_token_id'))))],
    bosId: files.flatMap(file => idsOf(field(file, 'bos_token_id'))).at(-1),
    suppressed: [
      ...new Set([
        ...media.flatMap(([, id]) => idsOf(id)),
        ...(generation ? idsOf(field(generation, 'suppress_tokens')) : [])
      ])
    ],
    sampling: generation && samplingOf(generation),
    attentionTemperature: generation && temperatureOf(generation),
    refusal: generation && refusalOf(field(generation, 'refusal'))
  }
}

function refusalOf(json: unknown): Refusal | undefined {
  if (!isObject(json)) return undefined
  const [text, from] = [field(json, 'text'), numberOf(json, 'from', Number.MIN_VALUE, 1)]
  if (typeof text !== 'string' || text === '' || from === undefined) return undefined
  return { text, from }
}

function idsOf(value: unknown): number[] {
  const ids: unknown[] = Array.isArray(value) ? value.slice(0, listLimit) : [value]
  return ids.filter((id): id is number => typeof id === 'number' && Number.isSafeInteger(id) && id >= 0)
}

/** Llama 4 has these keys in its config.json, with these defaults. There they would be part of what a reading was made with. */
function temperatureOf(json: JsonObject): AttentionTemperature | undefined {
  if (field(json, 'attn_temperature_tuning') !== true) return undefined
  return {
    floorScale: numberOf(json, 'floor_scale', 1, Number.MAX_SAFE_INTEGER) ?? 8192,
    scale: numberOf(json, 'attn_scale', 0, 10) ?? 0.1
  }
}

function numberOf(json: JsonObject, key: string, least: number, most: number): number | undefined {
  const value = field(json, key)
  return typeof value === 'number' && value >= least && value <= most ? value : undefined
}

/** transformers draws only where do_sample says so; what it does not name stays off here. */
function samplingOf(json: JsonObject): OwnSampling | undefined {
  if (!isObject(json) || field(json, 'do_sample') !== true) return undefined
  const temperature = numberOf(json, 'temperature', 0, 10) ?? 1
  const topK = numberOf(json, 'top_k', 0, 1e6)
  const topP = numberOf(json, 'top_p', 1e-6, 1)
  const repetitionPenalty = numberOf(json, 'repetition_penalty', 0.5, 10)
  return {
    temperature,
    ...(topK !== undefined && { topK: Math.floor(topK) }),
    ...(topP !== undefined && { topP }),
    ...(repetitionPenalty !== undefined && { repetitionPenalty })
  }
}
