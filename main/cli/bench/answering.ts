/** Answering behind long texts: the first token and the speed of those after it. */
import { openBenchReader, type TimedAnswer } from '../../../gpu/index'
import { readKeeping } from './reading'
import { inK, median } from './report'
import { lengths, type Setting } from './setting'

const tokens = 32
const rounds = 3

export async function benchAnswering({ gpu, files, kv, report, extent, best }: Setting): Promise<void> {
  const at = lengths.answering[extent]
  const reader = await openBenchReader(gpu, files, { mostTokens: at.at(-1)!, kv })
  try {
    report.section(
      'Answering',
      `${reader.name}, ${tokens} tokens after a question of 16, greedy, no stop token; median of ${rounds}, the lengths in turns.`
    )
    const { kept } = await readKeeping(reader, at)
    await reader.answer(kept[0], 2)
    const times = at.map(() => [] as TimedAnswer[])
    for (let round = 0; round < rounds; round++)
      for (const i of at.keys()) times[i].push(await reader.answer(kept[i], tokens))
    const { kept: sets, passesPerToken } = reader.plan
    const rows = at.map((length, i) => {
      const speed = median(times[i].map(t => (tokens - 1) / (t.all - t.first)))
      // Of every row that a token looks at, every layer that looks reads its set of keys and values.
      const rowBytes = (reader.rowBytes / sets.length) * passesPerToken
      const { rows } = times[i][0]
      const gigabytes = (rows * rowBytes * speed) / 1e9
      return [inK(length), rows, median(times[i].map(t => t.first)), speed, gigabytes] as const
    })
    report.table(
      'answering',
      ['context', 'rows looked at', 'first token, s', 'tokens/s', 'K/V read, GB/s'],
      rows
    )
    // What lies in a processor's cache is read faster than a copy of 32 MiB goes.
    report.bound(
      "plausible, K/V bytes per second against the adapter's best copy",
      Math.max(...rows.map(r => r[4])) / best.gigabytes,
      2
    )
  } finally {
    reader.close()
  }
}
