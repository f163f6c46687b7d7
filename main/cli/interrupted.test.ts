/** Readings that are stopped by a person, killed, or met by another one: nothing is lost but the last chunk, and the answer stays the same. */
import {
  closeSync,
  existsSync,
  fstatSync,
  openSync,
  readdirSync,
  readFileSync,
  readSync,
  statSync,
  writeFileSync
} from 'node:fs'
import { join } from 'node:path'
import { expect, test, vi } from 'vitest'
import { long } from '../../gpu/testing/long'
import { Random } from '../../gpu/testing/random'
import { headerLength, readHead, walk } from '../disk/page-record'
import { cli, type Run, samples, start, temporary, terminal } from './testing/cli'

const folder = temporary()
const [novel, chapter] = [join(folder, 'novel.txt'), join(folder, 'chapter.txt')]
const chunk = 96
const question = 'Who was the King of Bohemia?'
const text = readFileSync(join(samples, 'the-adventures-of-sherlock-holmes.txt'), 'utf8')
writeFileSync(novel, text.slice(4_000, 46_000))
writeFileSync(chapter, text.slice(4_000, 14_000))
const ask = (library: string, file = chapter) => [
  ...['ask', file, question, '--json', '--chunk', `${chunk}`],
  ...['--library', library]
]

/** Checksums of the pages and the last carry: equal ones are equal to the bit. */
function checksums(library: string, document: string): number[] {
  const stored = join(library, 'documents', document)
  const file = join(
    stored,
    readdirSync(stored).find(name => name.endsWith('.pages'))!
  )
  const handle = openSync(file, 'r')
  try {
    const { size } = statSync(file)
    const { records } = walk(handle, size, readHead(handle, size)!)
    const kinds = records.map(({ kind }) => kind)
    expect([kinds[0], kinds.at(-2), kinds.at(-1)]).toEqual(['tokens', 'carry', 'seal'])
    return [...records.filter(({ kind }) => kind === 'page'), records.at(-2)!].map(({ crc }) => crc)
  } finally {
    closeSync(handle)
  }
}

interface Whole {
  readonly run: Run
  readonly pages: number[]
}

async function uninterrupted(file: string): Promise<Whole> {
  const library = join(folder, `whole ${file.length}`)
  const run = await cli(ask(library, file))
  expect([run.code, run.stderr]).toEqual([0, ''])
  return { run, pages: checksums(library, run.last('read').document) }
}

let wholeNovel: Whole
let wholeChapter: Whole

test('uninterrupted: what the others are compared with', async () => {
  wholeNovel = await uninterrupted(novel)
  wholeChapter = await uninterrupted(chapter)
  expect(wholeNovel.pages.length).toBeGreaterThan(35)
  expect(wholeChapter.pages.length).toBeGreaterThan(8)
})

function sameAnswer(run: Run, library: string, whole = wholeChapter): void {
  expect(run.code, run.stderr).toBe(0)
  const { text: said, tokens, sources } = whole.run.last('answer')
  expect(run.last('answer')).toMatchObject({ text: said, tokens, sources })
  expect(checksums(library, run.last('read').document)).toEqual(whole.pages)
}

/** Where the files say that reading may go on: at the last carry in the page file, or at a checkpoint. */
function resumePoint(library: string, document: string): number {
  const stored = join(library, 'documents', document)
  const files = readdirSync(stored).map(name => join(stored, name))
  const handle = openSync(
    files.find(path => path.endsWith('.pages'))!,
    'r'
  )
  try {
    const { size } = fstatSync(handle)
    const carries = walk(handle, size, readHead(handle, size)!).records.filter(({ kind }) => kind === 'carry')
    const position = Buffer.alloc(4)
    const last = carries.at(-1)
    if (last) readSync(handle, position, 0, 4, last.at + headerLength)
    const checkpoints = files.filter(path => /\.checkpoint(\.new)?$/.test(path))
    // The position is a payload's first number; 64 bytes stand before it (main/disk/checkpoint.ts).
    return Math.max(position.readUInt32LE(), ...checkpoints.map(path => readFileSync(path).readUInt32LE(64)))
  } finally {
    closeSync(handle)
  }
}

const kills = long('kills') ? 20 : 6

test(`killed ${kills} times while reading: each goes on where the one before was, the answer is the same`, async () => {
  const library = join(folder, 'killed')
  const { tokens: total, document } = wholeNovel.run.last('read')
  const random = new Random(2024)
  const story: string[] = []
  let before = 0
  for (let kill = 0; kill < kills; kill++) {
    // Before, between and after the writes that keep a page and a checkpoint, flushes included.
    const at = { pages: 1 + random.integer(2), writes: random.integer(9) }
    const run = await cli(ask(library, novel), { at: { ...at, signal: 'SIGKILL' } })
    expect(run.signal, `${story.join('; ')}: ${run.stderr}`).toBe('SIGKILL')
    const first = run.records.find(({ type }) => type === 'progress')
    const left = resumePoint(library, document)
    story.push(`${JSON.stringify(at)}: from ${first?.reused}, left ${left}`)
    expect(first?.reused, story.join('; ')).toBe(before)
    expect(left, story.join('; ')).toBeGreaterThanOrEqual(before)
    before = left
  }
  // Nobody was left to say goodbye, and the library knows that a part is there.
  const listed = await cli(['documents', '--library', library])
  expect(listed.stdout).toMatch(/\d+% read with readonce-small/)
  expect(before).toBeGreaterThan((kills - 1) * 256)
  const last = await cli(ask(library, novel))
  expect(last.last('read').reused).toBe(before)
  expect(before).toBeLessThan(total)
  sameAnswer(last, library, wholeNovel)
  expect((await cli(ask(library, novel))).last('read').computed).toBe(0)
})

test.each(['SIGINT', 'SIGTERM'] as const)(
  '%s while reading: saved, said how to go on, gone on',
  async signal => {
    const library = join(folder, signal)
    const run = await cli(ask(library), { at: { pages: 5, signal } })
    expect([run.code, run.signal]).toEqual([1, null])
    expect(run.stderr).toMatch(
      /^Stopped at [\d,]+ of [\d,]+ tokens; they are saved\. Run the same command again to go on from there\.\n$/
    )
    const stopped = run.last('stopped')
    const next = await cli(ask(library), { at: { pages: 1, signal } })
    expect(next.records.find(({ type }) => type === 'progress')!.reused).toBe(stopped.tokens)
    expect(next.last('stopped').tokens).toBeGreaterThan(stopped.tokens)
    const { stdout } = await cli(['documents', '--library', library])
    expect(stdout).toMatch(/\d+% read with readonce-small/)
    if (signal === 'SIGTERM') return
    sameAnswer(await cli(ask(library)), library)
  }
)

test.skipIf(process.platform !== 'linux')(
  'Ctrl-C at a terminal while reading: what is said begins a line of its own',
  async () => {
    const typed = terminal(['read', novel, '--library', join(folder, 'typed')])
    await typed.shows(/Reading: [1-9]/)
    typed.types('\x03')
    await typed.shows(/\^C[\s\S]*\nStopped at /)
    expect(await typed.ended).toBe(1)
  }
)

test('two programs read one document: the second is told so, the first is not disturbed', async () => {
  const library = join(folder, 'shared')
  // It holds still while the others try.
  const first = start(['read', chapter, '--json', '--library', library], {
    at: { pages: 1, run: ['bash', '-c', 'touch "$0"; kill -STOP $1', join(folder, 'held'), '{pid}'] }
  })
  await vi.waitFor(() => expect(existsSync(join(folder, 'held'))).toBe(true), { timeout: 60_000 })
  const second = await cli(ask(library))
  expect([second.code, second.stdout]).toEqual([1, ''])
  expect(second.stderr).toMatch(
    new RegExp(
      `^What was read of this document is in use by another program \\(process ${first.process.pid}\\)\\. .*\n$`
    )
  )
  const erased = await cli(['forget', chapter, '--library', library])
  expect(erased.code).toBe(1)
  expect(erased.stderr).toContain('in use')
  first.process.kill('SIGCONT')
  expect((await first.ended).code).toBe(0)
  sameAnswer(await cli(ask(library)), library)
})

test.skipIf(process.platform !== 'linux')(
  'a full disk: told with numbers, nothing is lost, the next run goes on',
  async () => {
    const library = join(folder, 'full')
    // Only while it reads: a software adapter's own memory is made of files too.
    const limit = ['prlimit', '--pid', '{pid}', '--fsize=1000000']
    const full = await cli(ask(library), { at: { pages: 1, run: limit } })
    expect([full.code, full.signal]).toEqual([1, null])
    expect(full.stderr).toMatch(
      /^A limit of this user .*: [\d.]+ \S+ more are needed, and [\d.]+ .B are free .* --library DIR\.\n$/
    )
    expect(full.records.every(({ type }) => type === 'plan' || type === 'progress')).toBe(true)
    const run = await cli(ask(library))
    expect(run.last('read').reused).toBeGreaterThan(0)
    sameAnswer(run, library)
  }
)
