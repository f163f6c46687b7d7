/** Readings that are stopped by a person, killed, or met by another one: nothing is lost but the last chunk, and the answer stays the same. */
import { execFileSync } from 'node:child_process'
import { closeSync, openSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { Random } from '../../gpu/testing/random'
import { readHead, walk } from '../disk/page-record'
import { cli, type Run, samples, start, temporary } from './testing/cli'

const folder = temporary()
const [novel, chapter] = [join(folder, 'novel.txt'), join(folder, 'chapter.txt')]
const chunk = 96
/** The last chunk; a page more where the disk was slower than reading. */
const mostLost = chunk + 256
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

test('killed twenty times while reading: each goes on where the one before was, the answer is the same', async () => {
  const library = join(folder, 'killed')
  const total: number = wholeNovel.run.last('read').tokens
  const random = new Random(2024)
  let [before, reported] = [0, 0]
  const kills: string[] = []
  for (let kill = 0; kill < 20; kill++) {
    const child = start(ask(library, novel))
    // A random part of a twenty-fourth of the text, and a random moment on top.
    const goal = before + random.integer(Math.floor(total / 24))
    const first = await child.seen(({ type }) => type === 'progress')
    await child.seen(({ tokens }) => tokens >= goal)
    await new Promise(resolve => setTimeout(resolve, random.integer(80)))
    child.process.kill('SIGKILL')
    const run = await child.ended
    expect(run.signal, `${kills.join('; ')}: ${run.stderr}`).toBe('SIGKILL')
    const reused: number = first!.reused
    kills.push(`${reported} reported, ${reused} reused`)
    // What was reported was read; only the chunk that it ended with may not have been saved yet.
    expect(reused, kills.join('; ')).toBeGreaterThanOrEqual(reported - mostLost)
    expect(reused, kills.join('; ')).toBeGreaterThanOrEqual(before)
    before = reused
    reported = run.last('progress').tokens
  }
  expect(before).toBeGreaterThan(total / 20)
  const last = await cli(ask(library, novel))
  expect(last.last('read').reused).toBeGreaterThanOrEqual(before)
  expect(last.last('read').reused).toBeLessThan(total)
  sameAnswer(last, library, wholeNovel)
  expect((await cli(ask(library, novel))).last('read').computed).toBe(0)
})

test.each(['SIGINT', 'SIGTERM'] as const)(
  '%s while reading: saved, said how to go on, gone on',
  async signal => {
    const library = join(folder, signal)
    const child = start(ask(library))
    await child.seen(({ tokens }) => tokens > 1500)
    child.process.kill(signal)
    const run = await child.ended
    expect([run.code, run.signal]).toEqual([1, null])
    expect(run.stderr).toMatch(
      /^Stopped at [\d,]+ of [\d,]+ tokens; they are saved\. Run the same command again to go on from there\.\n$/
    )
    const stopped = run.last('stopped')
    const next = start(ask(library))
    const first = await next.seen(({ type }) => type === 'progress')
    expect(first!.reused).toBe(stopped.tokens)
    next.process.kill(signal)
    await next.ended
    const { stdout } = await cli(['documents', '--library', library])
    expect(stdout).toMatch(/\d+% read with readonce-small/)
    if (signal === 'SIGTERM') return
    sameAnswer(await cli(ask(library)), library)
  }
)

test('two programs read one document: the second is told so, the first is not disturbed', async () => {
  const library = join(folder, 'shared')
  const first = start(['read', chapter, '--json', '--library', library])
  await first.seen(({ tokens }) => tokens > 200)
  // It holds still while the others try.
  first.process.kill('SIGSTOP')
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
    const child = start(ask(library))
    // From outside and only now: a software adapter's own memory is made of files too.
    await child.seen(({ tokens }) => tokens > 0)
    execFileSync('prlimit', ['--pid', `${child.process.pid}`, '--fsize=1000000'])
    const full = await child.ended
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
