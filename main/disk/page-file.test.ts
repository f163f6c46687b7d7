import {
  chmodSync,
  existsSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  truncateSync,
  utimesSync,
  writeFileSync
} from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { crc32 } from 'node:zlib'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { PageFile } from './page-file'
import { encodeHead, encodeHeader, headerLength, saltOf } from './page-record'

const identity = { weights: 'aa', tokenizer: 'bb', text: 'cc', format: 1, page: 256 }
const bytes = (length: number, seed: number) =>
  Uint8Array.from({ length }, (_, i) => (i * 31 + seed * 17) & 255)

let folder: string
let path: string
let opened: PageFile[]
/** Time stands still: no computer is too slow for a checkpoint that is not flushed yet. */
let now = () => 0
const file = (at = path) => {
  const pages = new PageFile(at, () => now())
  opened.push(pages)
  return pages
}

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'readonce-pages-'))
  path = join(folder, 'deep', 'model.pages')
  opened = []
  now = () => 0
})
afterEach(async () => {
  for (const pages of opened) await pages.close()
  rmSync(folder, { recursive: true })
})

const payloads = [bytes(12, 1), bytes(40, 2), bytes(9, 3), bytes(0, 4), bytes(40, 5)]
const kinds = ['tokens', 'page', 'carry', 'carry', 'page'] as const

async function writeSample(seal = true): Promise<void> {
  const pages = file()
  expect(await pages.open(identity)).toEqual({ state: 'absent' })
  await pages.begin(identity)
  for (const [i, payload] of payloads.entries())
    await pages.append(kinds[i]!, payload.subarray(0, 5), payload.subarray(5))
  if (seal) await pages.seal()
  await pages.close()
}

/** All records of an opened file whose payload is accepted, as [index, payload]. */
async function accepted(pages: PageFile, lengths: readonly number[]): Promise<Map<number, Uint8Array>> {
  const whole = new Map<number, Uint8Array>()
  for (const [i, length] of lengths.entries()) {
    const into = new Uint8Array(length).fill(0xee)
    if (await pages.read(i, into)) whole.set(i, into)
  }
  return whole
}

describe('page file', () => {
  test('P1 records come back in order, byte for byte, sealed or not', async () => {
    await writeSample(false)
    const pages = file()
    const saved = await pages.open(identity)
    expect(saved).toEqual({
      state: 'partial',
      records: kinds.map((kind, i) => ({ kind, length: payloads[i]!.length }))
    })
    expect([
      ...(
        await accepted(
          pages,
          payloads.map(p => p.length)
        )
      ).values()
    ]).toEqual(payloads)
    expect(pages.bytes).toBe(statSync(path).size)
    await pages.seal()
    await pages.seal()
    await expect(pages.append('page', bytes(1, 1))).rejects.toThrow('after seal')
    expect((await pages.open(identity)).state).toBe('complete')
  })

  test('P2 cut at every byte: what lies before the cut is intact, appending continues', async () => {
    await writeSample()
    const whole = readFileSync(path)
    const reader = file()
    await reader.open(identity)
    const headEnd = headerLength + whole.readUInt32LE(4)
    const ends = [headEnd]
    for (const payload of payloads) ends.push(ends.at(-1)! + headerLength + payload.length)
    expect(ends.at(-1)! + headerLength).toBe(whole.length)
    await reader.close()
    for (let cut = 0; cut < whole.length; cut++) {
      writeFileSync(path, whole.subarray(0, cut))
      const pages = file()
      const saved = await pages.open(identity)
      if (cut < headEnd) {
        expect(saved).toEqual({ state: 'foreign', differs: ['format'] })
        await pages.close()
        continue
      }
      const kept = ends.filter(end => end <= cut).length - 1
      expect(saved.state, `cut at ${cut}`).toBe('partial')
      expect('records' in saved && saved.records.length).toBe(kept)
      expect(statSync(path).size).toBe(ends[kept])
      await pages.append('page', bytes(21, cut))
      const lengths = [...payloads.slice(0, kept).map(p => p.length), 21]
      const again = await pages.open(identity)
      expect('records' in again && again.records.map(r => r.length)).toEqual(lengths)
      expect([...(await accepted(pages, lengths)).values()]).toEqual([
        ...payloads.slice(0, kept),
        bytes(21, cut)
      ])
      await pages.close()
    }
  })

  test('P2 P5 P7 every byte flipped: no wrong payload is accepted and nothing throws', async () => {
    await writeSample()
    const whole = readFileSync(path)
    let refused = 0
    for (let at = 0; at < whole.length; at++) {
      const damaged = Buffer.from(whole)
      damaged[at]! ^= 1 << (at % 8)
      writeFileSync(path, damaged)
      const pages = file()
      const saved = await pages.open(identity)
      if (saved.state === 'foreign') refused++
      if ('records' in saved) {
        const data = saved.records.filter(r => r.kind !== 'seal')
        const good = await accepted(
          pages,
          data.map(r => r.length)
        )
        for (const [i, payload] of good) expect(payload, `byte ${at}`).toEqual(payloads[i])
        // One flipped bit hits one record: dropped with all behind it, or refused when read.
        expect(good.size < payloads.length || saved.state === 'partial', `byte ${at} went unnoticed`).toBe(
          true
        )
      }
      await pages.close()
    }
    expect(refused).toBe(headerLength + whole.readUInt32LE(4))
  })

  test('P4 a record moved to another place, or taken from another file of the same identity, is not valid', async () => {
    await writeSample(false)
    const one = readFileSync(path)
    const headEnd = headerLength + one.readUInt32LE(4)
    const record = one.subarray(headEnd, headEnd + headerLength + 12)
    writeFileSync(path, Buffer.concat([one, record]))
    const pages = file()
    const moved = await pages.open(identity)
    expect('records' in moved && moved.records.length).toBe(payloads.length)
    await pages.begin(identity)
    await pages.close()
    writeFileSync(path, Buffer.concat([readFileSync(path), record]))
    expect(await pages.open(identity)).toEqual({ state: 'partial', records: [] })
  })

  test.each(Object.keys(identity))('P5 another %s is foreign, and the file is left alone', async field => {
    await writeSample()
    const before = readFileSync(path)
    const pages = file()
    const other = { ...identity, [field]: 'other' }
    expect(await pages.open(other)).toEqual({ state: 'foreign', differs: [field] })
    expect(pages.bytes).toBe(before.length)
    const without = Object.fromEntries(Object.entries(identity).filter(([name]) => name !== field))
    expect(await pages.open(without)).toEqual({ state: 'foreign', differs: [field] })
    expect(await pages.open({ ...identity, rope: 'x' })).toEqual({ state: 'foreign', differs: ['rope'] })
    expect(readFileSync(path)).toEqual(before)
    await expect(pages.append('page', bytes(3, 3))).rejects.toThrow('call begin first')
  })

  test('P5 order of the fields does not matter, their type does', async () => {
    await writeSample()
    const pages = file()
    expect((await pages.open(Object.fromEntries(Object.entries(identity).reverse()))).state).toBe('complete')
    expect(await pages.open({ ...identity, page: '256' })).toEqual({ state: 'foreign', differs: ['page'] })
  })

  test('P5 files that are not ours, or of a later format, are foreign', async () => {
    await writeSample()
    const { head } = encodeHead(identity)
    const later = Buffer.from(head.payload.toString().replace('pages 1', 'pages 2'))
    const unclear = Buffer.from('readonce pages 1\n{"a":[1]}\n')
    const strangers = [
      Buffer.alloc(0),
      Buffer.alloc(5000),
      Buffer.from(bytes(5000, 9)),
      Buffer.from('a text\n'),
      ...[later, unclear].map(p => Buffer.concat([encodeHeader('head', p.length, crc32(p), 0, 0), p]))
    ]
    for (const stranger of strangers) {
      writeFileSync(path, stranger)
      expect(await file().open(identity).catch(String)).toEqual({ state: 'foreign', differs: ['format'] })
      await opened.at(-1)!.close()
      expect(readFileSync(path)).toEqual(stranger)
    }
  })

  test('P6 opening 4 GB of pages reads no payload', async () => {
    const pages = file()
    await pages.begin(identity)
    await pages.close()
    const { openSync, writeSync, ftruncateSync, closeSync } = await import('node:fs')
    const head = readFileSync(path).subarray(headerLength)
    const fd = openSync(path, 'r+')
    let at = headerLength + head.length
    for (let i = 0; i < 4096; i++) {
      writeSync(
        fd,
        encodeHeader('page', 1 << 20, 12345, at, saltOf({ identity, payload: head })),
        0,
        headerLength,
        at
      )
      at += headerLength + (1 << 20)
    }
    ftruncateSync(fd, at)
    closeSync(fd)
    const saved = await pages.open(identity)
    // The payloads are holes: any checksum over them would have failed.
    expect('records' in saved && saved.records.length).toBe(4096)
    expect(pages.bytes).toBeGreaterThan(2 ** 32)
    expect(await pages.read(4095, new Uint8Array(1 << 20))).toBe(false)
    await pages.cut(1)
    expect(statSync(path).size).toBe(pages.bytes)
  })

  test('P7 a file cut behind our back makes read say false', async () => {
    await writeSample()
    const pages = file()
    await pages.open(identity)
    truncateSync(path, statSync(path).size - headerLength - 3)
    expect(await pages.read(4, new Uint8Array(40))).toBe(false)
    expect(await pages.read(1, new Uint8Array(40))).toBe(true)
    await expect(pages.read(1, new Uint8Array(39))).rejects.toThrow('40 bytes')
    await expect(pages.read(6, new Uint8Array(1))).rejects.toThrow('record 6')
  })

  test('P9 begin replaces everything, also over what a crash left', async () => {
    await writeSample()
    writeFileSync(`${path}.new`, 'left over by a crash, and longer than the new file would be'.repeat(100))
    const pages = file()
    await pages.open(identity)
    await pages.begin({ ...identity, weights: 'new' })
    await pages.append('tokens', bytes(4, 4))
    await pages.close()
    expect(await pages.open({ ...identity, weights: 'new' })).toEqual({
      state: 'partial',
      records: [{ kind: 'tokens', length: 4 }]
    })
    expect(readdirSync(join(folder, 'deep')).sort()).toEqual(['model.lock', 'model.pages'])
  })

  test('P10 cut removes the seal, then appending works again', async () => {
    await writeSample()
    const pages = file()
    await pages.open(identity)
    await pages.cut(6)
    await pages.cut(5)
    await pages.append('page', bytes(7, 7))
    const saved = await pages.open(identity)
    expect(saved.state).toBe('partial')
    expect('records' in saved && saved.records.length).toBe(6)
    await expect(pages.cut(7)).rejects.toThrow('record 7 of 6')
  })

  test('P1 changes that are not waited for happen in order', async () => {
    const pages = file()
    const all = [pages.open(identity), pages.begin(identity)]
    for (let i = 0; i < 50; i++) all.push(pages.append('page', bytes(i, i)))
    await Promise.all(all)
    const saved = await pages.open(identity)
    expect('records' in saved && saved.records.map(r => r.length)).toEqual(
      Array.from({ length: 50 }, (_, i) => i)
    )
  })

  test('P1 a payload of many parts is one payload', async () => {
    const pages = file()
    await pages.begin(identity)
    const parts = Array.from({ length: 3000 }, (_, i) => bytes(i % 7, i))
    await pages.append('page', ...parts)
    const into = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0))
    expect(await pages.read(0, into)).toBe(true)
    expect(Buffer.from(into)).toEqual(Buffer.concat(parts))
  })

  test.skipIf(process.platform === 'win32')(
    'P15 files are 0600 and folders 0700, whatever the umask',
    async () => {
      const umask = process.umask(0)
      try {
        const pages = file()
        await pages.begin(identity)
        await pages.keepCheckpoint(bytes(3, 3))
        const names = readdirSync(join(folder, 'deep'))
        expect(names.sort()).toEqual(['model.checkpoint', 'model.lock', 'model.pages'])
        for (const name of names) expect(statSync(join(folder, 'deep', name)).mode & 0o777, name).toBe(0o600)
        expect(statSync(join(folder, 'deep')).mode & 0o777).toBe(0o700)
      } finally {
        process.umask(umask)
      }
    }
  )

  test.skipIf(process.platform === 'win32' || process.getuid?.() === 0)(
    'a folder that may not be written is told',
    async () => {
      chmodSync(folder, 0o500)
      await expect(file().open(identity)).rejects.toMatchObject({ code: 'unreadable-file' })
      chmodSync(folder, 0o700)
    }
  )
})

describe('checkpoint', () => {
  const mark = () => path.replace('.pages', '.checkpoint')
  test('P11 flushed at most once a second, and not for more than a twentieth of the time', async () => {
    let [time, cost, count] = [0, 0, 0]
    now = () => (time += cost)
    const pages = file()
    await pages.begin(identity)
    const flushed = async (): Promise<boolean> => {
      const [before, payload] = [existsSync(mark()) && readFileSync(mark()), bytes(5, count++)]
      await pages.keepCheckpoint(payload)
      return !before || !before.equals(readFileSync(mark()))
    }
    expect(await flushed()).toBe(true)
    time += 999
    expect(await flushed()).toBe(false)
    time += 1
    cost = 100
    expect(await flushed()).toBe(true)
    cost = 0
    time += 1999
    expect(await flushed()).toBe(false)
    time += 1
    expect(await flushed()).toBe(true)
  })

  test('P11 the last one counts, in parts or whole, and seal drops it', async () => {
    const pages = file()
    await pages.begin(identity)
    expect(await pages.checkpoint()).toBeUndefined()
    await pages.keepCheckpoint(bytes(5, 1))
    const before = pages.bytes
    await pages.keepCheckpoint(bytes(5, 2), bytes(6, 3))
    const unflushed = path.replace('.pages', '.checkpoint.new')
    expect(pages.bytes).toBe(before + statSync(unflushed).size)
    expect(Buffer.from((await pages.checkpoint())!)).toEqual(Buffer.concat([bytes(5, 2), bytes(6, 3)]))
    await pages.close()
    expect(existsSync(unflushed)).toBe(false)
    expect(pages.bytes).toBe(statSync(mark()).size)
    await pages.open(identity)
    expect(Buffer.from((await pages.checkpoint())!)).toEqual(Buffer.concat([bytes(5, 2), bytes(6, 3)]))
    await pages.seal()
    expect(await pages.checkpoint()).toBeUndefined()
    expect(existsSync(mark())).toBe(false)
    expect(pages.bytes).toBe(statSync(path).size)
  })

  test('P11 of a flushed and an unflushed one the newer whole one counts, whatever is left of the other', async () => {
    const pages = file()
    const unflushed = path.replace('.pages', '.checkpoint.new')
    const kept = async () => Buffer.from((await pages.checkpoint())!)
    await pages.begin(identity)
    await pages.keepCheckpoint(bytes(50, 1))
    await pages.keepCheckpoint(bytes(60, 2))
    expect([existsSync(mark()), existsSync(unflushed)]).toEqual([true, true])
    expect(await kept()).toEqual(Buffer.from(bytes(60, 2)))
    const whole = readFileSync(unflushed)
    for (const damaged of [Buffer.alloc(0), whole.subarray(0, 90), Buffer.alloc(whole.length)]) {
      writeFileSync(unflushed, damaged)
      expect(await kept()).toEqual(Buffer.from(bytes(50, 1)))
    }
    writeFileSync(unflushed, whole)
    utimesSync(unflushed, 1000, 1000)
    expect(await kept()).toEqual(Buffer.from(bytes(50, 1)))
    utimesSync(unflushed, new Date(), new Date())
    expect(await kept()).toEqual(Buffer.from(bytes(60, 2)))
    await pages.append('page', bytes(20, 8))
    await pages.keepCheckpoint(bytes(70, 3))
    // The flushed one counts on less than the other and stays.
    await pages.cut(0)
    expect(await kept()).toEqual(Buffer.from(bytes(50, 1)))
    expect(existsSync(unflushed)).toBe(false)
    await pages.keepCheckpoint(bytes(80, 4))
    await pages.begin(identity)
    expect([existsSync(mark()), existsSync(unflushed)]).toEqual([false, false])
  })

  test('P11 those of earlier versions are adopted by their names; where both are there the newer one counts', async () => {
    const earlier = (end: string) => path.replace('.pages', end)
    const kept = async () => Buffer.from((await pages.checkpoint())!)
    const pages = file()
    await pages.begin(identity)
    await pages.keepCheckpoint(bytes(50, 1))
    await pages.keepCheckpoint(bytes(60, 2))
    renameSync(mark(), earlier('.bookmark'))
    renameSync(`${mark()}.new`, earlier('.place'))
    await pages.open(identity)
    expect(pages.bytes).toBe(statSync(path).size + statSync(mark()).size + statSync(`${mark()}.new`).size)
    expect(await kept()).toEqual(Buffer.from(bytes(60, 2)))
    expect(readdirSync(dirname(path)).filter(name => /bookmark|place/.test(name))).toEqual([])
    rmSync(`${mark()}.new`)
    // An earlier version went on with it, then this one; and the other way round.
    const [mine, other] = [bytes(70, 3), readFileSync(mark())]
    await pages.keepCheckpoint(mine)
    await pages.close()
    for (const [time, expected] of [
      [1000, mine],
      [Date.now() / 1000 + 9, bytes(50, 1)]
    ] as const) {
      writeFileSync(earlier('.bookmark'), other)
      utimesSync(earlier('.bookmark'), time, time)
      await pages.open(identity)
      expect(await kept()).toEqual(Buffer.from(expected))
      expect(existsSync(earlier('.bookmark'))).toBe(false)
    }
  })

  test('P11 a half-written next one changes nothing', async () => {
    const pages = file()
    await pages.begin(identity)
    await pages.keepCheckpoint(bytes(50, 1))
    writeFileSync(`${mark()}.tmp`, readFileSync(mark()).subarray(0, 70))
    await pages.close()
    await pages.open(identity)
    expect(Buffer.from((await pages.checkpoint())!)).toEqual(Buffer.from(bytes(50, 1)))
    await pages.keepCheckpoint(bytes(10, 2))
    expect(existsSync(`${mark()}.tmp`)).toBe(false)
  })

  test('P13 cut or flipped at every byte: none, or the payload that was kept', async () => {
    await writeSample(false)
    const pages = file()
    await pages.open(identity)
    await pages.keepCheckpoint(bytes(30, 1))
    const whole = readFileSync(mark())
    const damages = Array.from(whole, (_, at) => {
      const flipped = Buffer.from(whole)
      flipped[at]! ^= 1 << (at % 8)
      return [whole.subarray(0, at), flipped]
    }).flat()
    for (const damaged of [...damages, Buffer.concat([whole, bytes(1, 1)])]) {
      writeFileSync(mark(), damaged)
      expect(await pages.checkpoint()).toBeUndefined()
    }
    writeFileSync(mark(), whole)
    expect(Buffer.from((await pages.checkpoint())!)).toEqual(Buffer.from(bytes(30, 1)))
    for (const damaged of damages.slice(0, 40)) {
      writeFileSync(mark(), damaged)
      expect((await pages.open(identity)).state).toBe('partial')
      expect(await pages.checkpoint()).toBeUndefined()
    }
  })

  test('P12 one of another page file is ignored, even of the same identity', async () => {
    const pages = file()
    await pages.begin(identity)
    await pages.keepCheckpoint(bytes(30, 1))
    const old = readFileSync(mark())
    await pages.begin(identity)
    expect(existsSync(mark())).toBe(false)
    writeFileSync(mark(), old)
    expect(await pages.checkpoint()).toBeUndefined()
    await pages.open(identity)
    expect(await pages.checkpoint()).toBeUndefined()
  })

  test('P13 it goes with the records it counts on, by a cut or a torn tail, and stays otherwise', async () => {
    await writeSample(false)
    const pages = file()
    await pages.open(identity)
    await pages.keepCheckpoint(bytes(30, 1))
    await pages.append('page', bytes(20, 8))
    await pages.cut(5)
    expect(await pages.checkpoint()).toBeDefined()
    const kept = readFileSync(mark())
    await pages.cut(4)
    expect(existsSync(mark())).toBe(false)
    writeFileSync(mark(), kept)
    expect(await pages.checkpoint()).toBeUndefined()
    rmSync(mark())
    await pages.append('page', payloads[4]!)
    expect(await pages.checkpoint()).toBeUndefined()
    writeFileSync(mark(), kept)
    await pages.close()
    truncateSync(path, statSync(path).size - 1)
    await pages.open(identity)
    await pages.append('page', payloads[4]!)
    expect(await pages.checkpoint()).toBeUndefined()
  })
})
