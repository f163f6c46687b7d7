/** A person chooses how a model is run. Weights that are being made go on when the dialog is closed. */
import { create } from 'zustand'
import { HostFailure, sentenceOf } from '../../../contract/failure'
import type { ModelInfo } from '../../../contract/host'
import type { ModelPrecision } from '../../../contract/settings'
import type { PrecisionChoices } from '../../../gpu/index'
import { EngineError } from '../../engine/engine-client'
import type { Choosing } from '../../flows/models'
import { flows } from '../../flows/flows'

export interface ChoosingState {
  readonly model: ModelInfo
  /** Undefined while the model is looked at. */
  readonly choices?: PrecisionChoices
  /** Bytes of the weights that are being made. */
  readonly making?: { readonly precision: Weights; readonly done: number; readonly total: number }
  /** What a person asked for, while it is made and where that failed. */
  readonly wanted?: ModelPrecision
  /** Why nothing was changed. */
  readonly failed?: string
}

export type Weights = NonNullable<ModelPrecision['weights']>

export const useChoosing = create<{ readonly choosing?: ChoosingState }>(() => ({}))

let running: Choosing | undefined

const show = (choosing: ChoosingState | undefined): void => useChoosing.setState({ choosing }, true)
/** Not where a person has turned to another model meanwhile. */
const change = (id: string, how: Partial<ChoosingState>): void => {
  const { choosing } = useChoosing.getState()
  if (choosing?.model.id === id) show({ ...choosing, ...how })
}

export async function beginChoosing(model: ModelInfo): Promise<void> {
  if (useChoosing.getState().choosing?.making) return
  show({ model })
  await look(model)
}

/** What is being made goes on. */
export const endChoosing = (): void => {
  if (!useChoosing.getState().choosing?.making) show(undefined)
}

export async function choose(model: ModelInfo, precision: ModelPrecision): Promise<void> {
  const { weights } = precision
  change(model.id, {
    failed: undefined,
    wanted: precision,
    ...(weights && { making: { precision: weights, done: 0, total: 0 } })
  })
  try {
    running = flows.models.choose(model, precision, (done, total) =>
      change(model.id, weights ? { making: { precision: weights, done, total } } : {})
    )
    await running.done
    show(undefined)
  } catch (error) {
    change(model.id, { making: undefined, failed: isCancelled(error) ? undefined : sentenceOf(error) })
  }
}

export const cancelMaking = (): void => running?.cancel()

export async function deleteWeights(model: ModelInfo, precision: Weights): Promise<void> {
  try {
    await flows.models.removeWeights(model.id, precision)
  } catch (error) {
    change(model.id, { failed: sentenceOf(error) })
  }
  await look(model)
}

async function look(model: ModelInfo): Promise<void> {
  try {
    change(model.id, { choices: await flows.models.choices(model) })
  } catch (error) {
    change(model.id, { failed: sentenceOf(error) })
  }
}

export const isCancelled = (error: unknown): boolean =>
  (error instanceof HostFailure || error instanceof EngineError) && error.code === 'cancelled'
