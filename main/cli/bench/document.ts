/** A document as the product reads it: saved while it is read, reopened, asked; and what it takes of memory and disk. */
import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type Engine, openEngine, type Session } from '../../../gpu/index'
import { PageFile } from '../../disk/page-file'
import { samples } from '../open'
import { inK, median, type Report } from './report'
import { lengths, type Setting } from './setting'

const question = 'What is the special magic Lisbon number?'
const rounds = 11

export async function benchDocument({ gpu, files, kv, report, extent }: Setting): Promise<void> {
  const folder = await mkdtemp(join(tmpdir(), 'readonce-bench-'))
  const engine = await openEngine({ gpu, model: files, pages: kv })
  try {
    const length = lengths.document[extent]
    const measured = await measure(engine, folder, await textOf(engine, length))
    reportReopening(report, measured, length)
    reportMemory(report, engine, measured)
    reportPageFile(report, engine, measured)
  } finally {
    engine.close()
    await rm(folder, { recursive: true, force: true })
  }
}

/** Times in seconds. */
interface Measured {
  readonly tokens: number
  readonly pageFileBytes: number
  readonly reading: number
  readonly firstAsked: number
  /** Reopening and the first token, and the first token alone. */
  readonly reopened: number
  readonly asked: number
}

async function measure(engine: Engine, folder: string, text: string): Promise<Measured> {
  // Compiles every kernel before time counts; without it the first question would pay for that.
  const warm = await open(engine, folder, 'warm', text.slice(0, 2000))
  await firstToken(warm.session)
  await warm.close()

  const first = await open(engine, folder, 'document', text)
  const { tokens, seconds: reading, pageFileBytes } = first.session
  const firstAsked = await firstToken(first.session)
  await first.close()
  const reopened: number[] = []
  const asked: number[] = []
  for (let round = 0; round < rounds; round++) {
    const begun = performance.now()
    const again = await open(engine, folder, 'document', text)
    const seconds = (performance.now() - begun) / 1000
    if (again.session.computed > 0) throw new Error(`bench: ${again.session.computed} tokens read again`)
    const token = await firstToken(again.session)
    await again.close()
    reopened.push(seconds + token)
    asked.push(token)
  }
  return { tokens, pageFileBytes, reading, firstAsked, reopened: median(reopened), asked: median(asked) }
}

async function open(
  engine: Engine,
  folder: string,
  name: string,
  text: string
): Promise<{ session: Session; close(): Promise<void> }> {
  const pages = new PageFile(join(folder, `${name}.pages`))
  const session = await engine.read({ text, digest: name, pages })
  return {
    session,
    async close() {
      session.close()
      await pages.close()
    }
  }
}

async function firstToken(session: Session): Promise<number> {
  let seconds = 0
  for await (const part of session.ask({ text: question, mostTokens: 1 }))
    if (part.type === 'end') seconds = part.firstTokenSeconds
  return seconds
}

function reportReopening(report: Report, measured: Measured, length: number): void {
  const { tokens, reading, firstAsked, reopened, asked } = measured
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
    [[tokens, reading, tokens / reading, firstAsked, reopened, asked, reading / reopened]]
  )
  report.least(`reopening ${inK(length)} against reading`, reading / reopened, 100, ' times')
}

function reportMemory(report: Report, engine: Engine, { tokens }: Measured): void {
  const { peak, peaks } = engine.memory()
  const { memoryBytesPerToken } = engine.model
  const { kv, carry } = bytesOf(engine, tokens)
  report.section(
    'Memory and disk',
    `The same document: GPU memory at its peak, by purpose; the page file. K/V, carry and ids as computed from the model's sizes (${memoryBytesPerToken} bytes of K/V per token).`
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
}

function reportPageFile(report: Report, engine: Engine, { tokens, pageFileBytes }: Measured): void {
  const { kv, carry, ids } = bytesOf(engine, tokens)
  report.table(
    'page file',
    ['K/V, MB', 'a carry, MB', 'ids, MB', 'page file, MB'],
    [[kv / 1e6, carry / 1e6, ids / 1e6, pageFileBytes / 1e6]]
  )
  const carries = Math.max(1, Math.round((pageFileBytes - kv - ids) / carry))
  report.bound(
    `page file against K/V + ${carries} carries + ids`,
    pageFileBytes / (kv + carries * carry + ids),
    1.02
  )
}

function bytesOf({ model }: Engine, tokens: number): { kv: number; carry: number; ids: number } {
  const { memoryBytesPerToken, bytesPerDocument } = model
  // The estimate that the product makes is two carries and 4 KiB of heads.
  return { kv: tokens * memoryBytesPerToken, carry: (bytesPerDocument - 4096) / 2, ids: tokens * 4 }
}

/** The sample novel, over and over, cut so that it has about `tokens` tokens. */
async function textOf(engine: Engine, tokens: number): Promise<string> {
  const novel = await readFile(join(samples, 'the-adventures-of-sherlock-holmes.txt'), 'utf8')
  const sample = novel.slice(0, 20000)
  const letters = Math.round((tokens * sample.length) / engine.tokenize(sample).length)
  return novel.repeat(Math.ceil(letters / novel.length)).slice(0, letters)
}
