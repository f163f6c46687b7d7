/** A model on its device, with what all who ask it share: the working memory's queue, its tokenizer, its digests. */
import { withoutTokenizer } from './checkpoints'
import type { Device } from './device/device'
import { type ChooseToken, chooseToken } from './kernels/choose-token'
import type { CheckedModel } from './model-folder'
import type { Model } from './model/model'
import { once } from './once'
import { StreamSpeed } from './stream-speed'
import { SerialQueue } from './serial-queue'
import { type ModelText, suppressedIds } from './text/model-text'

export interface LoadedModel {
  readonly folder: CheckedModel
  readonly device: Device
  readonly model: Model
  readonly queue: SerialQueue
  readonly choose: ChooseToken
  /** How fast answers bring pages from disk. */
  readonly streamSpeed: StreamSpeed
  /** Throws EngineFailure('unsupported-model') for weights without a tokenizer. */
  text(): ModelText
  /** Token ids that no answer may have; throws as `text` does. */
  suppressed(): readonly number[]
  /** Digests of the weights on the GPU. They are taken once: what the files say later changes nothing. */
  digests(): ReturnType<CheckedModel['digests']>
}

export async function loadedModel(
  folder: CheckedModel,
  modelText: ModelText | undefined,
  device: Device,
  model: Model
): Promise<LoadedModel> {
  const text = (): ModelText => {
    if (modelText) return modelText
    throw withoutTokenizer(folder.name)
  }
  let suppressed: readonly number[] | undefined
  return {
    folder,
    device,
    model,
    queue: new SerialQueue(),
    choose: await chooseToken(device, folder.config.vocabSize),
    streamSpeed: new StreamSpeed(),
    text,
    suppressed: () => (suppressed ??= suppressedIds(text(), folder.config.vocabSize)),
    digests: once(() => folder.digests())
  }
}
