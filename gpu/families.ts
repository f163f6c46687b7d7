/** The families of models that this program runs: a line for each, a folder for each. */
import { gemma } from './gemma/family'
import type { ConfigFile, Family, ModelShape } from './model/family'
import { field, shown, unsupported, type JsonObject } from './text/json'
import { openWindow } from './open-window/family'
import { yoco } from './yoco/family'

const families: readonly Family[] = [yoco, gemma, openWindow]

interface OfFamily {
  readonly family: Family
  readonly config: ModelShape
}

/** The family that a configuration is of. Throws unsupported-model or broken-model by name. */
export function familyOf(file: ConfigFile): OfFamily {
  for (const family of families) {
    const config = family.readConfig(file)
    if (config !== undefined) return { family, config }
  }
  return file.name === 'config.json' ? refuseFamily(file.json) : refuseParams(file.json)
}

function refuseParams(json: JsonObject): never {
  const heads =
    field(json, 'n_heads') === undefined ? '' : ' It has n_heads, as checkpoints of Llama and Mistral do.'
  throw unsupported(`params.json has no n_self_heads, expected the parameters of a YOCO model.${heads}`)
}

const familiesThatShare: readonly (readonly [RegExp, string])[] = [
  [/^phi4flash/i, 'Phi-4-mini-flash'],
  [/^gemma3n/i, 'Gemma 3n']
]

/** Why a config.json that is of none of the families is refused, with its family's own name. */
export function refuseFamily(json: JsonObject): never {
  const type = field(json, 'model_type')
  const architectures = field(json, 'architectures')
  const className =
    Array.isArray(architectures) && typeof architectures[0] === 'string' ? architectures[0] : undefined
  if (typeof type !== 'string' || type === '') {
    throw unsupported(
      `config.json names no model_type${className === undefined ? '' : ` (architecture ${shown(className)})`}, ` +
        'expected "yoco", "gemma4", "gemma4_text" or "open_window". Choose the folder of a YOCO or Gemma 4 model.'
    )
  }
  const found = `model_type ${shown(type)}${className === undefined ? '' : `, ${className.slice(0, 80)}`}`
  const relative = familiesThatShare.find(([pattern]) => pattern.test(type))
  if (relative !== undefined) {
    throw unsupported(
      `This is a ${relative[1]} checkpoint (${found}). Its layers share keys and values as YOCO's do, ` +
        'but this program does not support the family yet; expected model_type "yoco", "gemma4", "gemma4_text" or "open_window".'
    )
  }
  const family = type.slice(0, 40)
  throw unsupported(
    `This is a ${family.charAt(0).toUpperCase()}${family.slice(1)} checkpoint (${found}): every layer keeps its own ` +
      'keys and values, or its family is not known here. Expected model_type "yoco", "gemma4", "gemma4_text" or "open_window"; choose ' +
      'the folder of a YOCO or Gemma 4 model.'
  )
}
