/** Reading speed at rising contexts: the whole way, and one stretch behind each length in turns. */
import { type BenchReader, type ModelConfig, type ModelFiles, openBenchReader } from '../../../gpu/index'
import { inK, median } from './report'
import { lengths, randomModel, type Setting } from './setting'

/** Tokens of a stretch and of its chunks: the same work behind every length. */
const stretch = { tokens: 512, chunk: 64 }
const rounds = 11

const how = `"Whole" is the average from the first token on. "There" is the speed of ${stretch.tokens} tokens read behind that length (chunks of ${stretch.chunk}, median of ${rounds}, the lengths in turns); the growth is the median of what each of these turns shows.`

export async function benchReading(setting: Setting): Promise<void> {
  setting.report.section(`Reading, ${setting.files.name}`, how)
  await one(setting, setting.files.name, setting.files, lengths.embedded[setting.extent])
}

/** Two models of 12 layers of 512 with random weights, one for each kind of lower half. */
export async function benchRandom(setting: Setting): Promise<void> {
  setting.report.section('Reading, 12 layers of 512 with random weights', how)
  for (const kind of ['window', 'gated-retention'] as const) {
    const name = kind === 'window' ? 'window of 256' : 'gated retention'
    await one(setting, name, randomModel(kind), lengths.random[setting.extent])
  }
}

async function one(
  { gpu, kv, report, best }: Setting,
  name: string,
  of: ModelConfig | ModelFiles,
  at: readonly number[]
): Promise<void> {
  const reader = await openBenchReader(gpu, of, { mostTokens: at.at(-1)! + stretch.tokens, kv })
  try {
    const { whole, kept } = await readKeeping(reader, at)
    const times: number[][] = at.map(() => [])
    for (let round = 0; round < rounds; round++)
      // There and back, so that neither end is always measured first.
      for (const i of round % 2 === 0 ? at.keys() : [...at.keys()].reverse())
        times[i].push(await reader.again(kept[i], stretch.tokens, stretch.chunk))
    const there = times.map(median)
    // A busy machine changes its speed within seconds, so every length is compared with its neighbour in time.
    const growth = (i: number): number => (median(times[i].map((t, n) => t / times[0][n])) - 1) * 100
    const flops = (i: number): number => (2 * reader.weightsPerToken * stretch.tokens) / there[i] / 1e9
    report.table(
      'reading',
      [
        'model',
        'context',
        'whole, tokens/s',
        'there, tokens/s',
        'time per token against the shortest',
        'GFLOP/s in products'
      ],
      at.map((length, i) => [
        name,
        inK(length),
        length / whole[i],
        stretch.tokens / there[i],
        `${growth(i) >= 0 ? '+' : ''}${growth(i).toFixed(1)}%`,
        flops(i)
      ])
    )
    if (at.length > 1)
      report.bound(
        `${name}: growth of the time per token from ${inK(at[0])} to ${inK(at.at(-1)!)}`,
        growth(at.length - 1),
        10,
        '%'
      )
    // 2 x weights x tokens: a product cannot be faster than the fastest product.
    report.bound(
      `${name}: plausible, products per second against the adapter's best`,
      Math.max(...at.map((_, i) => flops(i))) / best.gigaflops,
      1.25
    )
  } finally {
    reader.close()
  }
}

/** Reads to the last length, remembering every one on the way; seconds from the beginning to each. */
export async function readKeeping(
  reader: BenchReader,
  at: readonly number[]
): Promise<{ whole: number[]; kept: number[] }> {
  // Compiles every kernel before time counts.
  await reader.readTo(256)
  reader.restart()
  const whole: number[] = []
  const kept: number[] = []
  let seconds = 0
  for (const length of at) {
    seconds += await reader.readTo(length)
    whole.push(seconds)
    kept.push(reader.keep())
  }
  return { whole, kept }
}
