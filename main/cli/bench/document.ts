/** A document as the product reads it: saved while it is read, reopened, asked; and what it takes of memory and disk. */
import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type Engine, openEngine, type Session } from '../../../gpu/index'
import { PageFile } from '../../disk/page-file'
import { samples } from '../open'
import { inK, median } from './report'
import { lengths, type Setting } from './setting'

const question = 'What is the special magic Lisbon number?'
const rounds = 11

export async function benchDocument({ gpu, files, report, extent }: Setting): Promise<void> {
  const folder = await mkdtemp(join(tmpdir(), 'readonce-bench-'))
  const engine = await openEngine({ gpu, model: files })
  try {
    const text = await textOf(engine, lengths.document[extent])
    const open = async (name: string, of: string): Promise<{ session: Session; close(): Promise<void> }> => {
      const pages = new PageFile(join(folder, `${name}.pages`))
      const session = await engine.read({ text: of, digest: name, pages })
      return {
        session,
        async close() {
          session.close()
          await pages.close()
        }
      }
    }
    const firstToken = async (session: Session): Promise<number> => {
      let seconds = 0
      for await (const part of session.ask({ text: question, mostTokens: 1 }))
        if (part.type === 'end') seconds = part.firstTokenSeconds
      return seconds
    }
    // Compiles every kernel before time counts; without it the first question would pay for that.
    const warm = await open('warm', text.slice(0, 2000))
    await firstToken(warm.session)
    await warm.close()

    const first = await open('document', text)
    const { tokens, seconds: reading, pageFileBytes } = first.session
    const firstAsked = await firstToken(first.session)
    await first.close()
    const reopened: number[] = []
    const asked: number[] = []
    for (let round = 0; round < rounds; round++) {
      const begun = performance.now()
      const again = await open('document', text)
      const seconds = (performance.now() - begun) / 1000
      if (again.session.computed > 0) throw new Error(`bench: ${again.session.computed} tokens read again`)
      const token = await firstToken(again.session)
      await again.close()
      reopened.push(seconds + token)
      asked.push(token)
    }
    report.section(
      'Reopening a document',
      `${tokens} tokens of a novel, tokenized, read and saved in a page file; then reopened from it and asked; the engine is loaded in both cases. Median of ${rounds} reopenings.`
    )
    report.table(
      'reopening',
      [
        'tokens',
        'reading, s',
        'tokens/s',
        'first token after reading, s',
        'reopening and first token, s',
        'of that the first token, s',
        'times faster'
      ],
      [
        [
          tokens,
          reading,
          tokens / reading,
          firstAsked,
          median(reopened),
          median(asked),
          reading / median(reopened)
        ]
      ]
    )
    report.least(
      `reopening ${inK(lengths.document[extent])} against reading`,
      reading / median(reopened),
      100,
      ' times'
    )
    reportBytes(engine, tokens, pageFileBytes)
  } finally {
    engine.close()
    await rm(folder, { recursive: true, force: true })
  }

  function reportBytes(engine: Engine, tokens: number, pageFileBytes: number): void {
    const { peak, peaks } = engine.memory()
    const { config, memoryBytesPerToken, bytesPerDocument } = engine.model
    const kv = tokens * memoryBytesPerToken
    // The estimate that the product makes is two carries and 4 KiB of heads.
    const carry = (bytesPerDocument - 4096) / 2
    report.section(
      'Memory and disk',
      `The same document: GPU memory at its peak, by purpose; the page file. K/V, carry and ids as computed from the model's sizes (${config.cross.kvHeads} K/V heads of ${config.cross.headDim}, 2 bytes per value).`
    )
    const mib = (bytes: number): number => bytes / (1 << 20)
    report.table(
      'memory',
      ['purpose', 'MiB'],
      [...Object.entries(peaks).map(([purpose, bytes]) => [purpose, mib(bytes)]), ['in all', mib(peak)]]
    )
    report.bound(
      'GPU memory beyond weights + K/V + one carry',
      mib(peak - peaks.weights - kv - carry),
      64,
      ' MiB'
    )
    report.table(
      'page file',
      ['K/V, MB', 'a carry, MB', 'ids, MB', 'page file, MB'],
      [[kv / 1e6, carry / 1e6, (tokens * 4) / 1e6, pageFileBytes / 1e6]]
    )
    const carries = Math.max(1, Math.round((pageFileBytes - kv - tokens * 4) / carry))
    report.bound(
      `page file against K/V + ${carries} carries + ids`,
      pageFileBytes / (kv + carries * carry + tokens * 4),
      1.02
    )
  }
}

/** The sample novel, over and over, cut so that it has about `tokens` tokens. */
async function textOf(engine: Engine, tokens: number): Promise<string> {
  const novel = await readFile(join(samples, 'the-adventures-of-sherlock-holmes.txt'), 'utf8')
  const sample = novel.slice(0, 20000)
  const letters = Math.round((tokens * sample.length) / engine.tokenize(sample).length)
  return novel.repeat(Math.ceil(letters / novel.length)).slice(0, letters)
}
