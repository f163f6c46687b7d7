import { mkdtempSync, readdirSync, rmSync, truncateSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { strFromU8, unzipSync } from 'fflate'
import { afterAll, afterEach, describe, expect, test, vi } from 'vitest'
import { stopwatch } from '../../../gpu/testing/stopwatch'
import { extractFile, type ExtractOptions } from '../extract-text'
import { Archive } from './archive'
import { limitsFor } from './document'
import { closeIdleWorkers } from './in-worker'
import { docx, makeDocx, makeEpub, makeOdt, makeZip } from './testing/make-archives'
import { sampleFiles } from './testing/sample-files'

const folder = mkdtempSync(join(tmpdir(), 'readonce-hostile-'))
afterAll(() => rmSync(folder, { recursive: true }))

const openFiles = () => readdirSync('/proc/self/fd').length
const threads = () => process.getActiveResourcesInfo().filter(name => /Worker|MessagePort/.test(name)).length
const before = { threads: threads(), files: 0 }

afterEach(async () => {
  closeIdleWorkers()
  // A closed port is let go in a later turn of the loop.
  await vi.waitFor(() => expect(threads()).toBe(before.threads), { timeout: 30_000 })
})

const put = (name: string, content: string | Uint8Array) => {
  writeFileSync(join(folder, name), content)
  return join(folder, name)
}
const read = (name: string, content: string | Uint8Array, options?: ExtractOptions) =>
  extractFile(put(name, content), options)
const refused = (code: string, words: string) =>
  expect.objectContaining({
    name: 'HostFailure',
    code,
    message: expect.stringContaining(words),
    // In a sentence that every language of the window has, with what it names.
    said: expect.objectContaining({ name: expect.any(String), values: expect.any(Object) })
  })

describe('archives', () => {
  const zeros = (megabytes: number) => new Uint8Array(megabytes << 20)

  test('one that is built to fill the memory is left alone before it is unpacked', async () => {
    const bomb = makeDocx('', [], { 'word/document.xml': zeros(200) })
    expect(bomb.length).toBeLessThan(300_000)
    await expect(read('a.docx', bomb)).rejects.toThrow(
      refused('unreadable-file', 'is built to fill the memory')
    )
    const noise = Uint8Array.from({ length: 1 << 20 }, (_, i) => (i * 2654435761) >>> 13)
    const many = Object.fromEntries(Array.from({ length: 8 }, (_, i) => [`word/part${i}.xml`, noise]))
    const limits = { inflatedBytes: 4 << 20 }
    await expect(read('b.docx', makeDocx('', [], many), { limits })).rejects.toThrow(
      refused('too-long', 'at most 4.2 MB can be read')
    )
  })

  test('an entry that unpacks to more than it says fills no memory', async () => {
    const docx = Buffer.from(makeDocx('', [], { 'word/document.xml': zeros(30) }))
    // The length in the list of the archive: 30 MB become 100 bytes.
    const size = Buffer.alloc(4)
    size.writeUInt32LE(30 << 20)
    const place = docx.lastIndexOf(size)
    docx.writeUInt32LE(100, place)
    await expect(read('c.docx', docx)).rejects.toThrow(expect.objectContaining({ name: 'HostFailure' }))
  })

  /** A file whose list gives another value for an entry: 16 is the checksum, 24 the length. */
  const lying = (archive: Uint8Array, name: string, field: 16 | 24, value: number): Buffer => {
    const bytes = Buffer.from(archive)
    const place = bytes.lastIndexOf(name) - 46
    expect(bytes.readUInt32LE(place)).toBe(0x02014b50)
    bytes.writeUInt32LE(value, place + field)
    return bytes
  }
  const words = '<p>Words of a book.</p>'.repeat(500)
  test.each([
    ['epub', makeEpub([{ title: 'One', body: words }]), 'OEBPS/text/c 0.xhtml'],
    ['docx', makeDocx(docx.paragraph('Words of a letter.').repeat(500)), 'word/document.xml'],
    ['odt', makeOdt('<text:p>Words of a letter.</text:p>'.repeat(500)), 'content.xml']
  ])(
    '%s: what unpacks to something else than the list says is not taken for the whole',
    async (kind, archive, entry) => {
      expect((await read(`whole.${kind}`, archive)).text).toMatch(/^(Contents\s+One\s+)?Words/)
      for (const [field, value] of [
        [24, 700],
        [16, 0],
        [16, 1234567]
      ] as const)
        await expect(read(`a.${kind}`, lying(archive, entry, field, value))).rejects.toThrow(
          refused(
            'unreadable-file',
            field === 24 ? `${entry} is longer than` : `the checksum of ${entry} is another`
          )
        )
    }
  )

  test('of many files one bad one costs its own time, not that of all for each', async () => {
    const names = Array.from({ length: 20_000 }, (_, i) => `OEBPS/t${i}.xhtml`)
    const bytes = Buffer.from(makeZip(Object.fromEntries(names.map(name => [name, `<p>${name}</p>`]))))
    bytes[bytes.indexOf('OEBPS/t7.xhtml') + 'OEBPS/t7.xhtml'.length] = 0xff
    const archive = Archive.open(bytes, {
      name: 'a.epub',
      html: 'readable',
      limits: limitsFor(bytes.length),
      progress: () => undefined
    })
    const started = Date.now()
    expect(archive.read(() => true).size).toBe(19_999)
    expect([...archive.broken.keys()]).toEqual(['OEBPS/t7.xhtml'])
    // A walk over the list for each file took a minute.
    expect(Date.now() - started).toBeLessThan(10_000)
  })

  test('other bytes before an archive, names with backslashes, a file locked by a password', async () => {
    const whole = Buffer.from(makeDocx(docx.paragraph('Words.')))
    expect((await read('a.docx', Buffer.concat([Buffer.from('#!/bin/sh\nexit\n'), whole]))).text).toBe(
      'Words.'
    )
    const locked = Buffer.from(whole)
    const place = locked.lastIndexOf('word/document.xml') - 46
    locked.writeUInt16LE(locked.readUInt16LE(place + 8) | 1, place + 8)
    await expect(read('b.docx', locked)).rejects.toThrow(
      refused('unreadable-file', 'word/document.xml is locked by a password')
    )
  })

  test('cut, scrambled, empty', async () => {
    const whole = Buffer.from(makeEpub([{ title: 'One', body: '<p>Words.</p>'.repeat(500) }]))
    await expect(read('a.epub', whole.subarray(0, whole.length - 300))).rejects.toThrow(
      refused('unreadable-file', 'a.epub is damaged')
    )
    const scrambled = Buffer.from(whole)
    scrambled.fill(0xff, 900, 1000)
    await expect(read('b.epub', scrambled)).rejects.toThrow(expect.objectContaining({ name: 'HostFailure' }))
    await expect(read('c.epub', makeZip({ mimetype: 'application/epub+zip' }))).rejects.toThrow(
      refused('unreadable-file', 'the list of its chapters is missing')
    )
    await expect(
      read('d.docx', makeZip({ '[Content_Types].xml': '<Types/>', 'word/document.xml': '<w' }))
    ).rejects.toThrow(refused('unreadable-file', 'd.docx'))
  })

  test.each([
    ['a ZIP archive, which is not read here; unpack it first', { 'book.txt': 'words' }],
    ['an Excel workbook', { '[Content_Types].xml': '', 'xl/workbook.xml': '' }],
    ['a PowerPoint file', { '[Content_Types].xml': '', 'ppt/presentation.xml': '' }]
  ])('%s', async (what, files: Record<string, string>) => {
    await expect(read('file.docx', makeZip(files))).rejects.toThrow(
      refused('unsupported-file', `file.docx is ${what}`)
    )
  })

  test('names that lead out of a folder lead nowhere', async () => {
    const epub = makeEpub([{ title: 'One', body: '<p>Words.</p>' }], {
      '../../../escaped.txt': 'x',
      '/etc/x': 'x'
    })
    expect((await read('e.epub', epub)).text).toBe('Contents\n\nOne\n\nWords.')
  })
})

describe('deep nesting', () => {
  const nested = (open: string, close: string, depth = 100_000) =>
    open.repeat(depth) + 'core' + close.repeat(depth)

  test('HTML of 20,000 levels is read', async () => {
    const { text, notes } = await read('a.html', nested('<div><b>', '</b></div>', 10_000))
    expect(text).toBe('core')
    expect(notes).toEqual([])
    expect((await read('b.html', nested('<ul><li>', '</li></ul>', 10_000), { html: 'whole' })).text).toMatch(
      /^ *- core$/
    )
  })

  test('time is limited', async () => {
    const took = stopwatch()
    await expect(
      read('c.html', '<p>word <b>word</b></p>'.repeat(400_000), { limits: { milliseconds: 1500 } })
    ).rejects.toThrow(refused('too-long', 'within 2 seconds'))
    expect(took()).toBeLessThan(10_000)
  })

  const chapter = (body: string) => makeEpub([{ title: 'One', body }])
  test.each([
    ['a.html', () => '<div>'.repeat(1_000_000)],
    ['b.html', () => nested('<div>', '</div>', 400_000)],
    ['c.html', () => nested('<table><tr><td>', '', 300_000)],
    ['d.html', () => '<div>'.repeat(19_000) + '</b>'.repeat(1_000_000)],
    ['e.html', () => '<div>'.repeat(19_000) + '<b></b>'.repeat(700_000)],
    ['f.html', () => '<DIV a="<p>">\n'.repeat(300_000)],
    ['g.html', () => '<svg>' + '<g>'.repeat(500_000)],
    ['h.html', () => '<font><b>'.repeat(300_000)],
    ['i.epub', () => chapter('<div>'.repeat(500_000))],
    ['j.epub', () => chapter('<x/>' + '<span>'.repeat(500_000))],
    ['k.odt', () => makeOdt(nested('<text:section>', '</text:section>', 300_000))],
    ['l.odt', () => makeOdt('', { 'styles.xml': '<a>'.repeat(500_000) })],
    ['m.docx', () => makeDocx(nested('<w:p>', '</w:p>', 300_000))],
    ['n.docx', () => makeDocx('', [], { 'word/styles.xml': '<a>'.repeat(500_000) })]
  ])('%s is refused at once', async (name, content) => {
    const bytes = content()
    const took = stopwatch()
    await expect(read(name, bytes)).rejects.toThrow(
      refused('unreadable-file', 'its parts are nested too deeply')
    )
    expect(took()).toBeLessThan(15_000)
  })

  test('what is left open without being nested is read', async () => {
    const { text } = await read('a.html', '<p>word<br><img src=x>'.repeat(40_000), {
      html: 'whole'
    })
    expect(text.match(/word/g)).toHaveLength(40_000)
  })

  test('Word', async () => {
    await expect(read('a.docx', makeDocx(nested('<w:p>', '</w:p>')))).rejects.toThrow(
      refused('unreadable-file', 'its parts are nested too deeply')
    )
  })

  test('notes that hold themselves, or have no body, are written once', async () => {
    const self = makeDocx(docx.paragraph('Words', docx.footnote(2)), ['The note.'])
    const inside = Buffer.from(strFromU8(unzipSync(self)['word/footnotes.xml']!).replace('</w:p>', `${docx.footnote(2)}</w:p>`)) // prettier-ignore
    const looped = makeDocx(docx.paragraph('Words', docx.footnote(2)), [], { 'word/footnotes.xml': inside })
    expect((await read('self.docx', looped)).text).toBe('Words[1]\n\n[1] The note.[1]')
    const bodiless =
      '<text:p>Words<text:note><text:note-citation>1</text:note-citation></text:note>.</text:p>'
    expect((await read('bodiless.odt', makeOdt(bodiless))).text).toBe('Words1.')
  })

  test('OpenDocument and RTF', async () => {
    expect((await read('a.odt', makeOdt(nested('<text:section>', '</text:section>', 5000)))).text).toBe(
      'core'
    )
    expect((await read('a.rtf', '{\\rtf1 ' + nested('{', '}', 90_000) + '}')).text).toBe('core')
    await expect(read('b.rtf', '{\\rtf1 ' + nested('{', '}', 200_000) + '}')).rejects.toThrow(
      refused('unreadable-file', 'nested too deeply')
    )
  })
})

describe('size', () => {
  test('2 GB are refused before they are read', async () => {
    for (const { name, content, kind } of sampleFiles()) {
      const path = put(`big-${name}`, content)
      truncateSync(path, 2 ** 31)
      const took = stopwatch()
      const text = ['text', 'markdown', 'code', 'table', 'json'].includes(kind)
      await expect(extractFile(path)).rejects.toThrow(
        refused('too-long', text ? 'has 2.1 GB; at most 536.9 MB of text' : 'of 2.1 GB; at most')
      )
      expect(took()).toBeLessThan(500)
      rmSync(path)
    }
  })

  test('a text of 8 MB goes through the worker and comes back whole', async () => {
    const text = 'Zoë said: “naïve”\r\n'.repeat(400_000)
    const document = await read('long.txt', text)
    expect(document.text === text).toBe(true)
    expect(document.bytes).toBe(Buffer.byteLength(text))
  })

  test('memory is limited, and the next file is read', async () => {
    const limits = { heapMegabytes: 40 }
    const page = '<p>word <b>word</b></p>'.repeat(400_000)
    await expect(read('a.html', page, { limits })).rejects.toThrow(
      refused('too-long', 'a.html needs more than 40 MB of memory')
    )
    expect((await read('b.html', '<p>word</p>')).text).toBe('word')
  })

  test('text that grows beyond the limit is refused', async () => {
    const rows = docx.table([['x'.repeat(5000)]])
    await expect(
      read('a.docx', makeDocx(rows.repeat(3)), { limits: { characters: 10_000 } })
    ).rejects.toThrow(refused('too-long', 'more than 10,000 characters'))
  })
})

describe('names that lie', () => {
  test('the first bytes decide', async () => {
    const samples = new Map(sampleFiles().map(sample => [sample.kind, sample.content]))
    for (const kind of ['pdf', 'docx', 'epub', 'odt', 'rtf'] as const)
      expect((await read('lies.txt', samples.get(kind)!)).kind).toBe(kind)
    expect((await read('word.doc', samples.get('rtf')!)).kind).toBe('rtf')
    expect((await read('no-name', samples.get('html')!)).kind).toBe('html')
  })

  test('text under the name of a document', async () => {
    await expect(read('a.pdf', '<html>404 not found</html>')).rejects.toThrow(
      refused('unsupported-file', 'a.pdf is not a PDF, whatever its name says')
    )
    await expect(read('a.docx', 'words')).rejects.toThrow(
      refused('unsupported-file', 'is not a Word document')
    )
  })

  test('empty files', async () => {
    for (const name of ['a.pdf', 'a.docx', 'a.epub', 'a.odt', 'a.rtf', 'a.html', 'a.txt'])
      await expect(read(name, '')).rejects.toThrow(refused('empty-document', 'it is empty'))
  })

  test('random bytes', async () => {
    const noise = Uint8Array.from({ length: 5000 }, (_, i) => (i * i * 2654435761) >>> 11)
    for (const [extension, start] of [
      ['bin', ''],
      ['html', ''],
      ['pdf', '%PDF-1.4\n'],
      ['rtf', '{\\rtf1 '],
      ['docx', 'PK\x03\x04'],
      ['epub', 'PK\x03\x04'],
      ['odt', 'PK\x03\x04']
    ] as const)
      // prettier-ignore
      await expect(
        read(`noise.${extension}`, Buffer.concat([Buffer.from(start, 'latin1'), noise])),
        extension
      ).rejects.toThrow(expect.objectContaining({ name: 'HostFailure' }))
  })
})

test('nothing stays open', async () => {
  await read('a.html', '<p>word</p>')
  const files = openFiles()
  for (let i = 0; i < 5; i++) {
    await read('a.html', '<p>word</p>')
    await read('a.txt', 'word')
    await read('a.pdf', '%PDF-1.7 broken').catch(() => undefined)
  }
  expect(openFiles()).toBeLessThanOrEqual(files)
})
