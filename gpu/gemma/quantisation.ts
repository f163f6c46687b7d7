/**
 * `quantization_config` of Google's mobile checkpoints (quant_method "gemma"): which modules are held as codes, of how many
 * bits. The file's own shapes say the same; where the two contradict each other, one of them belongs to another model.
 * Source: `GemmaQuantizationConfig` of huggingface/transformers: patterns in order, searched in the module's name, the first
 * that is found counts.
 */
import { broken, field, isObject, type JsonObject, shown, unsupported } from '../text/json'
import { checkPatternCost, checkPatternSource } from '../text/pattern-check'
import type { TensorLocation } from '../weights/tensor-location'

export interface Quantisation {
  /** Of modules that no pattern names. */
  readonly bits: number
  readonly modules: readonly { readonly pattern: string; readonly bits: number }[]
  /** Modules whose name has one of these in it are floats. */
  readonly skipped: readonly string[]
}

const where = 'config.json, quantization_config'
/** The published files have eleven and seven. */
const mostPatterns = 256

/** undefined: weights are stored in another way, which their tensors tell. Throws broken-model or unsupported-model. */
export function readQuantisation(json: JsonObject): Quantisation | undefined {
  const config = field(json, 'quantization_config') ?? null
  if (!isObject(config) || field(config, 'quant_method') !== 'gemma') return undefined
  const modules = field(config, 'module_quant_configs') ?? {}
  if (!isObject(modules) || Object.keys(modules).length > mostPatterns)
    throw broken(`${where}: module_quant_configs is ${shown(modules)}, expected bits by pattern.`)
  const skipped = field(config, 'modules_to_not_convert') ?? []
  if (!Array.isArray(skipped) || !skipped.every(each => typeof each === 'string'))
    throw broken(`${where}: modules_to_not_convert is ${shown(skipped)}, expected a list of names.`)
  if (field(config, 'quantize_embeddings') === false)
    throw unsupported(
      `${where}: quantize_embeddings is false; expected true, as Google's mobile checkpoints have it.`
    )
  return {
    bits: bitsOf(field(config, 'num_bits') ?? 4, 'num_bits'),
    modules: Object.entries(modules).map(([pattern, value]) => {
      compile(pattern)
      const bits = isObject(value) ? field(value, 'num_bits') : value
      return { pattern, bits: bitsOf(bits, `module_quant_configs[${shown(pattern)}]`) }
    }),
    skipped
  }
}

function bitsOf(value: unknown, key: string): number {
  if (value === 2 || value === 4 || value === 8) return value
  throw unsupported(`${where}: ${key} is ${shown(value)}, expected codes of 2, 4 or 8 bits.`)
}

/** Patterns come from somebody else and run over our names: none that could run for ever. */
function compile(pattern: string): RegExp {
  checkPatternSource(pattern, where)
  let compiled: RegExp
  try {
    compiled = new RegExp(pattern, 'u')
  } catch {
    throw broken(`${where}: module_quant_configs has ${shown(pattern)}, which is no regular expression.`)
  }
  checkPatternCost(compiled, where)
  return compiled
}

/** Throws broken-model or unsupported-model for the first matrix that is not held as the configuration says. */
export function checkBits(quantisation: Quantisation, matrices: readonly TensorLocation[]): void {
  const { bits, skipped } = quantisation
  const modules = quantisation.modules.map(each => ({ ...each, pattern: compile(each.pattern) }))
  for (const matrix of matrices) {
    const module = matrix.name.replace(/\.(weight|embedding_quantized)$/, '')
    const float = skipped.some(part => module.includes(part))
    const expected = float ? undefined : (modules.find(each => each.pattern.test(module))?.bits ?? bits)
    if (matrix.codes?.bits !== expected) throw otherBits(matrix, expected)
  }
}

function otherBits({ file, name, dtype, codes }: TensorLocation, expected: number | undefined) {
  if (!codes)
    return unsupported(
      `${file}: the tensor ${shown(name)} holds ${dtype}, expected codes of ${expected} bits as config.json says ` +
        '(quant_method "gemma"). The checkpoint was trained further or merged, and its ranges of activations are no longer ' +
        'valid. Choose the original checkpoint, or one without quantization_config.'
    )
  return broken(
    `${file}: the tensor ${shown(name)} holds codes of ${codes.bits} bits, config.json says ` +
      `${expected === undefined ? 'that it holds floats' : `${expected}`}. Weights and configuration do not belong together; ` +
      'download the model again.'
  )
}
