/** A YOCO's size against a Transformer of the same layers, run by the same kernels. */
import { type BenchReader, openBenchReader } from '../../../gpu/index'
import { inK, median } from './report'
import { lengths, type Setting, transformerOf } from './setting'

const rounds = 3

export async function benchTransformer({ gpu, files, kv, report, extent }: Setting): Promise<void> {
  const at = lengths.transformer[extent]
  const most = at.at(-1)!
  const yoco = await openBenchReader(gpu, files, { mostTokens: most, kv })
  const config = yoco.yoco
  if (!config) {
    yoco.close()
    return report.remark(
      `Not compared with a Transformer of the same size: ${yoco.name} is no YOCO (--model small is).`
    )
  }
  const width = config.cross.kvHeads * config.cross.headDim
  /** Bytes per cached value, for both. */
  const valueBytes = yoco.rowBytes / (2 * width)
  // The scores of 64 rows at 32K are 50 MB; shorter chunks would only slow the Transformer down.
  const theirs = transformerOf(config, most)
  const transformer = await openBenchReader(gpu, theirs, {
    mostTokens: most,
    longest: 64,
    kv
  })
  try {
    report.section(
      'Against a Transformer of the same size',
      `${theirs.selfLayers} layers of ${config.dim} for both, read up to the first answer token. The Transformer: every layer full attention over its own keys and values (${config.cross.kvHeads} K/V heads, as the shared ones), by the same kernels, no early exit, random weights. Up to ${inK(4096)} the median of ${rounds} in turns, longer ones once. Cache: ${valueBytes} bytes per value for both, YOCO's with the window of its lower half.`
    )
    // Compiles every kernel before time counts.
    for (const reader of [yoco, transformer]) await reader.readTo(256)
    const rows: [string, ...number[]][] = []
    for (const length of at) {
      const [seconds, theirSeconds] = await compared(yoco, transformer, length)
      const window = config.self.kind === 'window' ? config.self.window - 1 : 0
      const ownWidth = config.self.kind === 'window' ? config.self.kvHeads * config.self.headDim : 0
      const cache = 2 * valueBytes * (length * width + config.selfLayers * window * ownWidth)
      const theirCache = 2 * valueBytes * length * width * theirs.selfLayers
      const times = [theirSeconds / seconds, cache / 1e6, theirCache / 1e6, theirCache / cache]
      rows.push([inK(length), seconds, theirSeconds, ...times])
    }
    report.table(
      'transformer',
      [
        'context',
        'YOCO, s',
        'Transformer, s',
        'times faster',
        'YOCO cache, MB',
        'Transformer cache, MB',
        'times smaller'
      ],
      rows
    )
    report.least(`times faster at ${inK(most)}`, rows.at(-1)![3] as number, 2.87)
  } finally {
    yoco.close()
    transformer.close()
  }
}

/** Seconds up to the first answer token behind `length` tokens, of either. */
async function compared(
  yoco: BenchReader,
  transformer: BenchReader,
  length: number
): Promise<[number, number]> {
  const [a, b]: [number[], number[]] = [[], []]
  for (let round = 0; round < (length > 4096 ? 1 : rounds); round++) {
    yoco.restart()
    const read = await yoco.readTo(length - 16)
    a.push(read + (await yoco.answer(yoco.keep(), 1)).first)
    transformer.restart()
    b.push((await transformer.readTo(length)) + (await transformer.project()))
  }
  return [median(a), median(b)]
}
