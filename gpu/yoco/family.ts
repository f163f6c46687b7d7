/** YOCO, in the layout of microsoft/unilm (params.json) or of flash-linear-attention (config.json). */
import type { Family } from '../model/family'
import { field } from '../text/json'
import type { ModelConfig } from './config'
import { loadModel } from './model'
import { readingPlan } from './plan'
import { readFlaConfig, readOfficialParams } from './read-config'
import { locateTensors } from './tensor-table'

export const yoco: Family<ModelConfig> = {
  name: 'yoco',
  readConfig({ name, json }) {
    if (name === 'params.json')
      return field(json, 'n_self_heads') === undefined ? undefined : readOfficialParams(json)
    return field(json, 'model_type') === 'yoco' ? readFlaConfig(json) : undefined
  },
  tensors: locateTensors,
  plan: readingPlan,
  load: loadModel
}
