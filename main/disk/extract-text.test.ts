import { execFileSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, truncateSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, describe, expect, test } from 'vitest'
import { longestText } from './decode-text'
import { extractFile } from './extract-text'

const folder = mkdtempSync(join(tmpdir(), 'readonce-text-'))
afterAll(() => rmSync(folder, { recursive: true }))

const sentence = 'Zoë said: “naïve”\r\n\tcafé — 日本語 😀 e\u0301\n'
const german = 'Der Bär läuft über die Straße und frißt Honig. Schöne Grüße aus München.\r\n'
const utf16be = (text: string) => Buffer.from(text, 'utf16le').swap16()
const of = (bytes: Uint8Array) => {
  const path = join(folder, 'book.txt')
  writeFileSync(path, bytes)
  return extractFile(path)
}

describe('encodings', () => {
  test.each([
    ['utf-8', 'utf-8', sentence, Buffer.from(sentence)],
    ['utf-8 with mark', 'utf-8', sentence, Buffer.from('\ufeff' + sentence)],
    ['utf-16le with mark', 'utf-16le', sentence, Buffer.from('\ufeff' + sentence, 'utf16le')],
    ['utf-16be with mark', 'utf-16be', sentence, utf16be('\ufeff' + sentence)],
    ['utf-16le without mark', 'utf-16le', german, Buffer.from(german, 'utf16le')],
    ['utf-16be without mark', 'utf-16be', german, utf16be(german)],
    [
      'utf-16le without mark, Chinese',
      'utf-16le',
      '你好，世界。\n这是一个测试。\n'.repeat(5),
      Buffer.from('你好，世界。\n这是一个测试。\n'.repeat(5), 'utf16le')
    ],
    ['Latin-1', 'windows-1252', german, Buffer.from(german, 'latin1')],
    ['Latin-1, one word', 'windows-1252', 'café', Buffer.from('café', 'latin1')],
    [
      'Windows-1252',
      'windows-1252',
      'He said “hello” – it’s 5 €.',
      Buffer.from('He said \x93hello\x94 \x96 it\x92s 5 \x80.', 'latin1')
    ],
    [
      'Windows-1251',
      'windows-1251',
      'Привет мир, это текст на русском языке',
      Buffer.from('cff0e8e2e5f220ece8f02c20fdf2ee20f2e5eaf1f220ede020f0f3f1f1eaeeec20ffe7fbeae5', 'hex')
    ],
    [
      'Shift_JIS',
      'shift_jis',
      'これは日本語のテキストです。',
      Buffer.from('82b182ea82cd93fa967b8cea82cc8365834c8358836782c582b78142', 'hex')
    ],
    ['ASCII', 'utf-8', 'plain', Buffer.from('plain')]
  ])('%s', async (_, encoding, text, bytes) => {
    const { notes, ...found } = await of(bytes)
    expect(found).toMatchObject({ text, encoding, kind: 'text', bytes: bytes.length })
    const isGuessed = !/^utf/.test(encoding)
    expect(notes.map(note => note.kind)).toEqual(isGuessed ? ['encoding-guessed'] : [])
  })

  test('a mark inside the text is text', async () => {
    expect((await of(Buffer.from('a\ufeffb'))).text).toBe('a\ufeffb')
    expect((await of(Buffer.from('\ufeff\ufeffb'))).text).toBe('\ufeffb')
    expect((await of(Buffer.from('\ufeff\ufeffb', 'utf16le'))).text).toBe('\ufeffb')
  })

  test('UTF-8 that was cut inside a character stays UTF-8, and the loss is counted', async () => {
    const whole = Buffer.from('Große Füße über Österreich läßt schöne Bäume blühen, größer wäre süßer €')
    const cut = whole.subarray(0, whole.length - 1)
    expect(await of(cut)).toMatchObject({
      encoding: 'utf-8',
      notes: [
        {
          kind: 'undecoded',
          count: 1,
          where: 'line 1',
          message: '1 character could not be decoded and stands as \ufffd, in line 1.'
        }
      ]
    })
    expect((await of(cut)).text.slice(0, -1)).toBe(whole.toString().slice(0, -1))
  })

  test('the text never holds a lone surrogate', async () => {
    const bytes = Buffer.from('\ufeffab', 'utf16le')
    bytes.writeUInt16LE(0xd800, 2)
    expect((await of(bytes)).text).toBe('\ufffdb')
    expect((await of(Buffer.from('\ufeffabc', 'utf16le').subarray(0, 7))).text).toBe('ab\ufffd')
  })

  test('nothing but white space is an empty document', async () => {
    for (const text of ['', ' \r\n\t\u00a0\u2003', '\ufeff'])
      await expect(of(Buffer.from(text))).rejects.toThrow(expect.objectContaining({ code: 'empty-document' }))
  })

  test('texts that begin like a known kind are texts', async () => {
    for (const text of [
      'BM stands for',
      'MZ',
      'PAR1 a table',
      'GGUF is a format',
      'ID3 tags',
      '12345678{"a":1}',
      'BZh, said he',
      'GIF89a is a format'
    ])
      expect((await of(Buffer.from(text))).text).toBe(text)
  })
})

describe('refusals', () => {
  const after = (magic: string, offset = 0) =>
    Buffer.from('\0'.repeat(offset) + magic + '\0\x01\x02'.repeat(200), 'latin1')
  test.each([
    ['an old Office', after('\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1')],
    ['a Kindle', after('BOOKMOBI', 60)],
    ['a gzip', after('\x1f\x8b\x08')],
    ['an xz', after('\xfd7zXZ\0')],
    ['a zstd', after('\x28\xb5\x2f\xfd')],
    ['a bzip2', after('BZh9')],
    ['a tar', after('ustar', 257)],
    ['a PNG', after('\x89PNG\r\n\x1a\n')],
    ['a JPEG', after('\xff\xd8\xff\xe0')],
    ['a GIF', after('GIF89a')],
    ['a BMP', after('BM')],
    ['a WebP', after('RIFFxxxxWEBP')],
    ['a WAV', after('RIFFxxxxWAVE')],
    ['an MP4', after('\0\0\0\x20ftypisom')],
    ['an MP3', after('ID3\x03')],
    ['an MP3', after('\xff\xfb\x90')],
    ['a program (ELF)', after('\x7fELF')],
    ['a Windows program', after('MZ\x90')],
    ['a macOS program', after('\xcf\xfa\xed\xfe')],
    ['an SQLite', after('SQLite format 3\0')],
    ['a GGUF', after('GGUF\x03\0')],
    ['one file of a model', after('\x10\x02\0\0\0\0\0\0{"a"')]
  ])('%s', async (what, bytes) => {
    await expect(of(bytes)).rejects.toThrow(`book.txt is ${what}`)
    await expect(of(bytes)).rejects.toThrow(expect.objectContaining({ code: 'unsupported-file' }))
  })

  test('the sentence tells what to do', async () => {
    await expect(of(after('PK\x05\x06'))).rejects.toThrow(
      'book.txt is an empty ZIP archive, which is not read here.'
    )
    await expect(of(after('GIF89a'))).rejects.toThrow(
      'book.txt is a GIF picture, which is not read here; extract its text first, for example with tesseract.'
    )
  })

  test('random bytes and unknown binary files are never text', async () => {
    let seed = 7
    for (let round = 0; round < 200; round++) {
      const bytes = Uint8Array.from(
        { length: 400 + (round % 2) },
        () => (seed = (seed * 1103515245 + 12345) % 2147483648) >> 16
      )
      await expect(of(bytes), `round ${round}`).rejects.toThrow(
        expect.objectContaining({ code: 'unsupported-file' })
      )
    }
    const floats = new Uint8Array(Float32Array.from({ length: 500 }, (_, i) => Math.sin(i)).buffer)
    const counts = new Uint8Array(Uint32Array.from({ length: 500 }, (_, i) => i).buffer)
    for (const bytes of [floats, counts, Buffer.from('\ufffea\0\0\0', 'latin1')])
      await expect(of(bytes)).rejects.toThrow(expect.objectContaining({ code: 'unsupported-file' }))
  })
})

describe('files', () => {
  const failure = (code: string) => expect.objectContaining({ code })

  test('what is no file is told by what it is, and a pipe does not block', async () => {
    mkdirSync(join(folder, 'sub'))
    symlinkSync(join(folder, 'loop'), join(folder, 'loop'))
    execFileSync('mkfifo', [join(folder, 'pipe')])
    await expect(extractFile(join(folder, 'sub'))).rejects.toThrow('is a folder')
    await expect(extractFile(join(folder, 'pipe'))).rejects.toThrow('is a pipe')
    await expect(extractFile('/dev/zero')).rejects.toThrow('is a device')
    await expect(extractFile(join(folder, 'none.txt'))).rejects.toEqual(failure('not-found'))
    await expect(extractFile(join(folder, 'none', 'none.txt'))).rejects.toEqual(failure('not-found'))
    await expect(extractFile(join(folder, 'loop'))).rejects.toEqual(failure('unreadable-file'))
  })

  test('a file and a link to it are read', async () => {
    writeFileSync(join(folder, 'book.txt'), sentence)
    symlinkSync(join(folder, 'book.txt'), join(folder, 'link'))
    expect((await extractFile(join(folder, 'link'))).text).toBe(sentence)
  })

  test('what no string can hold is refused with both numbers, before it is read', async () => {
    const path = join(folder, 'long.txt')
    writeFileSync(path, 'text')
    truncateSync(path, longestText + 1)
    await expect(extractFile(path)).rejects.toThrow(failure('too-long'))
    await expect(extractFile(path)).rejects.toThrow('long.txt has 536.9 MB; at most 536.9 MB')
  })

  test.skipIf(process.getuid?.() === 0)('a forbidden file is told', async () => {
    writeFileSync(join(folder, 'secret.txt'), 'x', { mode: 0 })
    await expect(extractFile(join(folder, 'secret.txt'))).rejects.toEqual(failure('unreadable-file'))
  })
})
