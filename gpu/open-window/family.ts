/** Decoders of Llama's layout that read through a window and answer with some of its heads open, as training/convert makes them. */
import type { Family } from '../model/family'
import type { OpenWindowConfig } from './config'
import { loadModel } from './model'
import { readingPlan } from './plan'
import { isOpenWindow, readOpenWindowConfig } from './read-config'
import { locateTensors } from './tensor-table'

export const openWindow: Family<OpenWindowConfig> = {
  name: 'open-window',
  readConfig: ({ name, json }) =>
    name === 'config.json' && isOpenWindow(json) ? readOpenWindowConfig(json) : undefined,
  tensors: locateTensors,
  plan: readingPlan,
  load: loadModel
}
