/** Continues bare text greedily, without a prompt around it: the form in which base models are tested. */
import { EngineFailure } from './failure'
import { greedy } from './kernels/choose-token'
import type { LoadedModel } from './loaded-model'
import { ReadTimeline } from './timeline'

export async function complete(loaded: LoadedModel, text: string, mostTokens: number): Promise<string> {
  const { tokenizer, bos } = loaded.text()
  const own = tokenizer.encodeText(text, { atStart: true }).ids
  const ids = bos === undefined ? own : Uint32Array.from([bos, ...own])
  if (ids.length < 2)
    throw new EngineFailure(
      'broken-model',
      'There is nothing to continue: the text has less than two tokens.'
    )
  const { model, queue, choose } = loaded
  const timeline = await ReadTimeline.open(model, queue, ids.subarray(0, -1), 0, undefined, {})
  try {
    const options = {
      mostTokens,
      stopIds: tokenizer.stopIds,
      suppressed: loaded.suppressed(),
      sampling: greedy,
      whole: true
    }
    const stream = tokenizer.decoder()
    let continued = ''
    for await (const part of timeline.answer(choose, ids.slice(-1), options))
      for (const id of part) continued += stream.push(id)
    return continued + stream.flush()
  } finally {
    timeline.free()
  }
}
