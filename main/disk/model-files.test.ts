import { createHash } from 'node:crypto'
import {
  appendFileSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  truncateSync,
  utimesSync,
  writeFileSync
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import { mappedBytes } from './mapped-file'
import { openModelFolder } from './model-files'

// Beyond the size from which copies run on another thread, and no multiple of a page.
const content = Buffer.from(
  Uint32Array.from({ length: 800_001 }, (_, i) => Math.imul(i, 2654435761)).buffer
).subarray(1)
const failure = (code: string) => expect.objectContaining({ code })

let folder: string
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'readonce-model-'))
  writeFileSync(join(folder, 'model.safetensors'), content)
  writeFileSync(join(folder, 'config.json'), '{}')
  writeFileSync(join(folder, 'empty.json'), '')
})
afterEach(() => {
  vi.useRealTimers()
  expect(mappedBytes()).toBe(0)
  rmSync(folder, { recursive: true })
})

describe.each([true, false])('mapped: %s', map => {
  test('every range is what the file holds, and nothing around it is touched', async () => {
    const model = await openModelFolder(folder, { map })
    const source = await model.open('model.safetensors')
    expect(source.size).toBe(content.length)
    expect(mappedBytes()).toBe(map ? content.length : 0)
    const ranges = [
      [0, 1],
      [4095, 2],
      [1, 100_000],
      [3, (1 << 20) - 1],
      [5, 1 << 20],
      [7, 3_000_000],
      [0, content.length],
      [content.length - 1, 1],
      [content.length, 0]
    ]
    for (const [offset, length] of ranges as [number, number][]) {
      const around = new Uint8Array(length + 16).fill(0xa5)
      await source.read(offset, around.subarray(8, 8 + length))
      expect(
        Buffer.compare(around.subarray(8, 8 + length), content.subarray(offset, offset + length)),
        `${offset}+${length}`
      ).toBe(0)
      for (const edge of [around.subarray(0, 8), around.subarray(8 + length)])
        expect(edge.every(byte => byte === 0xa5)).toBe(true)
    }
    await model.close()
  })

  test('ranges that leave the file are refused', async () => {
    const model = await openModelFolder(folder, { map })
    const source = await model.open('model.safetensors')
    for (const [offset, length] of [
      [content.length, 1],
      [-1, 1],
      [0, content.length + 1],
      [0.5, 1],
      [NaN, 1],
      [2 ** 60, 1],
      [content.length - 3, 4]
    ] as const)
      await expect(source.read(offset, new Uint8Array(length)), String(offset)).rejects.toThrow(RangeError)
    await model.close()
  })

  test('a file that is cut while it is open fails with a sentence', async () => {
    const model = await openModelFolder(folder, { map })
    const source = await model.open('model.safetensors')
    truncateSync(join(folder, 'model.safetensors'), 5000)
    await expect(source.read(0, new Uint8Array(6000))).rejects.toMatchObject({
      code: 'broken-model',
      message: expect.stringContaining('5,000 now')
    })
    await model.close()
  })

  test('reads and closing at once, and closing twice, do no harm', async () => {
    const model = await openModelFolder(folder, { map })
    const source = await model.open('model.safetensors')
    expect(await model.open('model.safetensors')).toBe(source)
    const into = Array.from({ length: 8 }, () => new Uint8Array(3_000_000))
    const reads = into.map(buffer => source.read(0, buffer))
    await Promise.all([model.close(), Promise.all(reads)])
    for (const buffer of into) expect(Buffer.compare(buffer, content.subarray(0, 3_000_000))).toBe(0)
    await model.close()
    await expect(source.read(0, new Uint8Array(1))).rejects.toThrow()
    await expect(model.open('config.json')).rejects.toThrow('after close')
  })

  test('an empty file has no bytes and is no error', async () => {
    const model = await openModelFolder(folder, { map })
    const source = await model.open('empty.json')
    expect(source.size).toBe(0)
    await source.read(0, new Uint8Array(0))
    await expect(source.read(0, new Uint8Array(1))).rejects.toThrow(RangeError)
    await model.close()
  })
})

test('names: listed plain, links followed, nothing outside is opened', async () => {
  mkdirSync(join(folder, 'blobs'))
  writeFileSync(join(folder, 'blobs', 'abc'), 'linked')
  symlinkSync(join('blobs', 'abc'), join(folder, 'tokenizer.json'))
  symlinkSync('nowhere', join(folder, 'dangling'))
  const model = await openModelFolder(folder)
  expect(await model.list()).toEqual(['config.json', 'empty.json', 'model.safetensors', 'tokenizer.json'])
  const into = new Uint8Array(6)
  await (await model.open('tokenizer.json')).read(0, into)
  expect(Buffer.from(into).toString()).toBe('linked')
  for (const name of ['../x', '/etc/passwd', 'a/b', '..', '.', '', 'a\\b', 'C:x', 'a\0b']) {
    await expect(model.open(name), name).rejects.toEqual(failure('broken-model'))
    await expect(model.digest(name), name).rejects.toEqual(failure('broken-model'))
  }
  await expect(model.open('missing.json')).rejects.toEqual(failure('not-found'))
  await expect(model.open('blobs')).rejects.toEqual(failure('unreadable-file'))
  writeFileSync(join(folder, 'missing.json'), 'now there')
  expect((await model.open('missing.json')).size).toBe(9)
  await model.close()
})

test('a folder that is none is told', async () => {
  await expect(openModelFolder(join(folder, 'none'))).rejects.toEqual(failure('not-found'))
  await expect(openModelFolder(join(folder, 'config.json'))).rejects.toEqual(failure('unsupported-model'))
})

describe('digest', () => {
  const file = () => join(folder, 'model.safetensors')
  const sha256 = () => createHash('sha256').update(readFileSync(file())).digest('hex')
  const longAgo = (seconds: number) => utimesSync(file(), seconds, seconds)

  test('is SHA-256 of the whole file, beyond one buffer too', async () => {
    appendFileSync(file(), Buffer.alloc(6_000_000, 3))
    const model = await openModelFolder(folder)
    expect(await model.digest('model.safetensors')).toBe(sha256())
    expect(await model.digest('empty.json')).toBe(createHash('sha256').digest('hex'))
    await expect(model.digest('none')).rejects.toEqual(failure('not-found'))
    await model.close()
  })

  test('is remembered while size, times and inode stay, and only then', async () => {
    const digestCache = join(folder, 'cache', 'digests.json')
    const model = await openModelFolder(folder, { digestCache })
    await model.digest('model.safetensors')
    expect(existsSync(digestCache), 'a file that was just written is not remembered').toBe(false)
    // The change time cannot be set: the clock is, to 3 s later.
    longAgo(1000)
    vi.setSystemTime(Date.now() + 3000)
    const digest = await model.digest('model.safetensors')
    expect(statSync(digestCache).mode & 0o777).toBe(0o600)
    writeFileSync(digestCache, readFileSync(digestCache, 'utf8').replace(digest, 'f'.repeat(64)))
    expect(await model.digest('model.safetensors')).toBe('f'.repeat(64))
    // Changed behind the modification time's back.
    writeFileSync(file(), Buffer.alloc(content.length, 1))
    longAgo(1000)
    expect(await model.digest('model.safetensors')).toBe(sha256())
    for (const broken of ['', '[]', '{"a":1}', '{"a":"../x"}']) {
      writeFileSync(digestCache, broken)
      expect(await model.digest('model.safetensors')).toBe(sha256())
    }
    await model.close()
  })
})
