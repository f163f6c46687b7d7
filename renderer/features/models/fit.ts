/** Will a model do on this computer? WebGPU does not tell how much memory is free, so this goes by what is known. */
import type { ModelSummary } from '../../../gpu/index'

interface Computer {
  /** The adapter is a CPU pretending to be a GPU. */
  readonly software: boolean
  /** Of the whole computer, where the browser tells it (it says 8 for more, too). */
  readonly memoryBytes?: number
}

type Fit = 'fits' | 'slow' | 'no'

/** Reading 100,000 tokens is what a book takes. */
export const bookTokens = 100_000

/** Of a book's pages, those that have to lie in memory at the least. */
const leastPages = 1 / 10

/** A software adapter does some 10 to 20 GFLOP/s; reading costs about one FLOP a parameter of the lower half and token, twice. */
const slowParameters = { software: 30e6, graphics: 3e9 }

export function fitOf(
  model: Pick<ModelSummary, 'parameters' | 'weightMemoryBytes' | 'memoryBytesPerToken' | 'streams'>,
  computer: Computer
): Fit {
  const pages = bookTokens * model.memoryBytesPerToken
  // Where the pages of a book do not fit beside the weights, most of them can stay on disk, and answers are slow.
  const needed = model.weightMemoryBytes + pages * (model.streams ? leastPages : 1)
  // The browser caps what it tells at 8 GB: above that nothing is known.
  if (computer.memoryBytes !== undefined && computer.memoryBytes < 8e9 && needed > computer.memoryBytes * 0.8)
    return 'no'
  if (computer.software && needed > 16e9) return 'no'
  const memory = computer.memoryBytes
  if (memory !== undefined && memory < 8e9 && model.weightMemoryBytes + pages > memory * 0.8) return 'slow'
  return model.parameters > (computer.software ? slowParameters.software : slowParameters.graphics)
    ? 'slow'
    : 'fits'
}
