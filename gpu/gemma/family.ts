/** Gemma 4 E2B and E4B, text only: config.json nested under text_config, or flat as text-only exports have it. */
import type { Family } from '../model/family'
import type { GemmaConfig } from './config'
import { loadModel } from './model'
import { readingPlan } from './plan'
import { isGemma4, readGemmaConfig } from './read-config'
import { locateTensors } from './tensor-table'

export const gemma: Family<GemmaConfig> = {
  name: 'gemma',
  readConfig: ({ name, json }) =>
    name === 'config.json' && isGemma4(json) ? readGemmaConfig(json) : undefined,
  tensors: locateTensors,
  plan: readingPlan,
  load: loadModel
}
