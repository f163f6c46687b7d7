import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  unlinkSync,
  writeFileSync
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join, relative } from 'node:path'
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import { makePdf } from './extract/testing/make-pdf'
import { type Library, openLibrary } from './library'
import { PageFile } from './page-file'

let folder: string
let library: Library
const at = (...names: string[]) => join(folder, ...names)
const failure = (code: string) => expect.objectContaining({ code })
const reading = { modelName: 'Small', tokens: 100, read: 40, pageFileBytes: 4096, state: 'partial' as const }

const write = (name: string, text: string) => {
  writeFileSync(at(name), text)
  return at(name)
}

beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'readonce-library-'))
  library = await openLibrary(at('library'))
})
afterEach(() => {
  vi.useRealTimers()
  rmSync(folder, { recursive: true })
})

/** What is written from now on has another time than what was written before. */
const later = () => vi.setSystemTime(Date.now() + 1000)

describe('documents', () => {
  test('added, listed and read back exactly, also by another program', async () => {
    const text = 'Ein Märchen\r\n\r\nEs war einmal 😀\n'
    const { document, isNew, text: given } = await library.add(write('book.txt', '\ufeff' + text))
    expect({ isNew, given }).toEqual({ isNew: true, given: text })
    expect(document).toMatchObject({
      name: 'book.txt',
      path: at('book.txt'),
      characters: text.length,
      encoding: 'utf-8',
      readings: {}
    })
    expect(document.id).toBe(document.textDigest.slice(0, 16))
    const other = await openLibrary(at('library'))
    expect(await other.list()).toEqual([document])
    expect(await other.text(document.id)).toBe(text)
  })

  test('what an earlier version made of a file and was read stays until today’s text is asked for', async () => {
    const path = write('report.txt', 'As it is read today.\n')
    const today = await library.add(path)
    const { files, origin } = today.document
    await library.erase(today.document.id)
    const earlier = { ...today.document, text: 'As it was read.\n', bytes: today.document.size }
    const { id } = (
      await library.keep(
        { ...earlier, outline: { headings: [], sheets: [] } },
        { name: 'report.txt', origin, files }
      )
    ).document
    await library.change(id, before => ({ ...before, extractor: undefined }))
    // Nobody has read it: nothing is lost by today's text.
    expect((await library.add(path)).text).toBe('As it is read today.\n')
    await library.erase(today.document.id)

    await library.setReading(id, 'small-1', reading)
    const kept = await library.add(path)
    expect([kept.document.id, kept.text, kept.isNew, kept.isOlder]).toEqual([
      id,
      'As it was read.\n',
      false,
      true
    ])
    expect(existsSync(at('library', 'documents', today.document.id))).toBe(false)
    expect((await library.add(path, { anew: true })).text).toBe('As it is read today.\n')
    // And from then on.
    expect(await library.add(path)).toMatchObject({ text: 'As it is read today.\n', isNew: false })
    await library.erase(today.document.id)
    later()
    write('report.txt', 'Another report.\n')
    expect((await library.add(path)).text).toBe('Another report.\n')
  })

  test('the same text under another name and in another encoding is found again', async () => {
    const first = await library.add(write('a.txt', 'Grüße, schöne Welt'))
    await library.setReading(first.document.id, 'small-1', reading)
    writeFileSync(at('b.txt'), Buffer.from('\ufeffGrüße, schöne Welt', 'utf16le'))
    const again = await library.add(at('b.txt'))
    expect(again.isNew).toBe(false)
    expect(again.document).toMatchObject({
      id: first.document.id,
      name: 'b.txt',
      path: at('b.txt'),
      encoding: 'utf-16le',
      addedAt: first.document.addedAt
    })
    expect(again.document.readings['small-1']).toMatchObject(reading)
    expect((await library.list()).length).toBe(1)
  })

  test('found by id, path, relative path, name and beginning of the id; otherwise told', async () => {
    const { document } = await library.add(write('one.txt', 'one'))
    const second = (await library.add(write('two.txt', 'two'))).document
    for (const what of [
      document.id,
      at('one.txt'),
      relative(process.cwd(), at('one.txt')),
      'one.txt',
      document.id.slice(0, 6)
    ])
      expect((await library.get(what)).id, what).toBe(document.id)
    await expect(library.get('three.txt')).rejects.toEqual(failure('not-found'))
    await expect(library.get(document.id.slice(0, 3))).rejects.toEqual(failure('not-found'))
    await expect(library.get('../../etc')).rejects.toEqual(failure('not-found'))
    mkdirSync(at('sub'))
    await library.add(write('sub/two.txt', 'another two'))
    await expect(library.get('two.txt')).rejects.toThrow(`${second.id} (two.txt)`)
    await expect(library.forget('two.txt')).rejects.toEqual(failure('bad-request'))
  })

  test('a path that held several texts means the last one', async () => {
    await library.add(write('diary.txt', 'Monday'))
    later()
    const last = await library.add(write('diary.txt', 'Monday, Tuesday'))
    expect((await library.get(at('diary.txt'))).id).toBe(last.document.id)
    const forgotten = await library.forget(at('diary.txt'))
    expect(forgotten.documents.length).toBe(2)
    expect(await library.list()).toEqual([])
  })

  test('readings are kept by model', async () => {
    const { id } = (await library.add(write('book.txt', 'text'))).document
    await library.setReading(id, 'small-1', reading)
    await library.setReading(id, 'large-2', { ...reading, tokens: 90 })
    await library.setReading(id, 'small-1', { ...reading, read: 100, state: 'complete' })
    const { readings } = await library.get(id)
    expect(readings['small-1']).toMatchObject({ read: 100, state: 'complete' })
    expect(readings['large-2']).toMatchObject({ tokens: 90, state: 'partial' })
    await expect(library.setReading('0123456789abcdef', 'small-1', reading)).rejects.toEqual(
      failure('not-found')
    )
  })

  test('pages are kept by the names that the document gives them', async () => {
    const pages = ['Preface.', 'More of it.', 'Chapter one.'].map(text => ({ texts: [{ text, y: 72 }] }))
    const path = at('book.pdf')
    writeFileSync(path, makePdf(pages, { labels: '0 << /S /r >> 2 << /S /D >>' }))
    const { id } = (await library.add(path)).document
    expect(await library.outline(id)).toEqual({
      headings: [],
      sheets: [0, 10, 23],
      sheetNames: ['i', 'ii', '1']
    })
    // As other versions wrote it, or damaged.
    const file = at('library', 'documents', id, 'outline.json')
    for (const rest of ['', ',"sheetNames":7']) {
      writeFileSync(file, `{"headings":[],"sheets":[0,10,23]${rest}}`)
      expect(await library.outline(id)).toEqual({ headings: [], sheets: [0, 10, 23] })
    }
    // Counted as everybody counts, or by what is no number of a page.
    for (const labels of ['0 << /S /D >>', `0 << /P (${'long '.repeat(20)}) >>`]) {
      writeFileSync(path, makePdf([...pages, { texts: [{ text: labels, y: 72 }] }], { labels }))
      expect((await library.outline((await library.add(path)).document.id)).sheetNames).toBeUndefined()
    }
  })

  test('changes from many sides at once lose nothing', async () => {
    const { id } = (await library.add(write('book.txt', 'text'))).document
    const others = await Promise.all(Array.from({ length: 12 }, () => openLibrary(at('library'))))
    await Promise.all([
      ...others.map((other, i) => other.setReading(id, `model-${i}`, reading)),
      library.add(at('book.txt'))
    ])
    expect(Object.keys((await library.get(id)).readings).length).toBe(12)
    expect(readdirSync(at('library', 'documents', id)).sort()).toEqual([
      'document.json',
      'outline.json',
      'text.txt'
    ])
  })

  test('fields of a later version survive', async () => {
    const { id } = (await library.add(write('book.txt', 'text'))).document
    await library.setReading(id, 'small-1', reading)
    const file = at('library', 'documents', id, 'document.json')
    const record = JSON.parse(readFileSync(file, 'utf8'))
    record.pinned = true
    record.readings['small-1'].rating = 5
    writeFileSync(file, JSON.stringify(record))
    await library.setReading(id, 'small-1', { ...reading, read: 50 })
    await library.add(at('book.txt'))
    expect(await library.get(id)).toMatchObject({
      pinned: true,
      readings: { 'small-1': { rating: 5, read: 50 } }
    })
  })

  test.skipIf(process.platform === 'win32')('everything is private', async () => {
    const umask = process.umask(0)
    try {
      const { id } = (await library.add(write('book.txt', 'text'))).document
      await library.saveChat(id, { title: 't', modelKey: 'm', messages: [] })
      for (const entry of readdirSync(at('library', 'documents'), { recursive: true, withFileTypes: true }))
        expect(statSync(join(entry.parentPath, entry.name)).mode & 0o777, entry.name).toBe(
          entry.isFile() ? 0o600 : 0o700
        )
    } finally {
      process.umask(umask)
    }
  })
})

describe('broken files', () => {
  test.each(['', '{', '[]', '{"id":"x"}', '\xff\xfe', 'null'])(
    'a record of %j is put aside and made anew from the text',
    async content => {
      const other = (await library.add(write('other.txt', 'other'))).document
      const { id } = (await library.add(write('book.txt', 'some text'))).document
      const file = at('library', 'documents', id, 'document.json')
      writeFileSync(file, content, 'latin1')
      const list = await library.list()
      expect(list.map(document => document.id).sort()).toEqual([id, other.id].sort())
      expect(readFileSync(`${file}.broken`, 'latin1')).toBe(content)
      expect(library.problems).toEqual([expect.stringContaining('put aside')])
      expect(await library.get(id)).toMatchObject({ name: `recovered ${id}`, characters: 9, readings: {} })
      expect((await library.add(at('book.txt'))).document).toMatchObject({ id, name: 'book.txt' })
    }
  )

  test('a text without its record, as a crash leaves it, becomes a document', async () => {
    const { id } = (await library.add(write('book.txt', 'some text'))).document
    unlinkSync(at('library', 'documents', id, 'document.json'))
    expect((await library.list()).map(document => document.id)).toEqual([id])
  })

  test('a damaged text is told and healed by adding the file again', async () => {
    const { id } = (await library.add(write('book.txt', 'some text'))).document
    writeFileSync(at('library', 'documents', id, 'text.txt'), 'same text')
    await expect(library.text(id)).rejects.toEqual(failure('unreadable-file'))
    await library.add(at('book.txt'))
    expect(await library.text(id)).toBe('some text')
  })
})

describe('forget', () => {
  test('no trace is left, and the bytes are counted', async () => {
    const { id } = (await library.add(write('book.txt', 'some text'))).document
    const keep = (await library.add(write('keep.txt', 'other text'))).document
    const pages = new PageFile(library.pages(id, 'small-1'))
    await pages.begin({ text: 'x' })
    await pages.append('page', new Uint8Array(10_000))
    await pages.keepCheckpoint(new Uint8Array(500))
    await library.saveChat(id, {
      title: 'Who?',
      modelKey: 'small-1',
      messages: [{ role: 'user', content: 'Who?' }]
    })
    await expect(library.forget(id)).rejects.toEqual(failure('in-use'))
    expect(await library.text(id)).toBe('some text')
    await pages.close()
    const { documents, bytesFreed } = await library.forget(at('book.txt'))
    expect(documents).toEqual([{ id, name: 'book.txt' }])
    expect(bytesFreed).toBeGreaterThan(10_500)
    expect(readdirSync(at('library', 'documents'))).toEqual([keep.id])
    expect(existsSync(at('book.txt'))).toBe(true)
    await expect(library.forget(id)).rejects.toEqual(failure('not-found'))
  })

  test('what a crash left is erased: a folder half gone, pages without a document', async () => {
    mkdirSync(at('library', 'documents', '.erasing-0123456789abcdef-1'))
    write('library/documents/.erasing-0123456789abcdef-1/text.txt', 'secret')
    mkdirSync(at('library', 'documents', '0123456789abcdef'))
    write('library/documents/0123456789abcdef/m.pages', 'secret')
    const other = await openLibrary(at('library'))
    expect(await other.list()).toEqual([])
    expect((await other.forget('0123456789abcdef')).bytesFreed).toBe(6)
    expect(readdirSync(at('library', 'documents'))).toEqual([])
  })
})

describe('chats', () => {
  const messages = [
    { role: 'user' as const, content: 'Who?' },
    { role: 'assistant' as const, content: 'He.', sources: [{ start: 1, end: 5, score: 0.5, text: 'some' }] }
  ]

  test('saved, changed, listed newest first, deleted', async () => {
    const { id } = (await library.add(write('book.txt', 'text'))).document
    const one = await library.saveChat(id, { title: 'One', modelKey: 'm', messages: [] })
    later()
    const two = await library.saveChat(id, { title: 'Two', modelKey: 'm', messages })
    expect((await library.listChats(id)).map(chat => chat.title)).toEqual(['Two', 'One'])
    later()
    await library.saveChat(id, { id: one.id, title: 'One', modelKey: 'm', messages })
    expect(await library.readChat(id, one.id)).toMatchObject({ messages, createdAt: one.createdAt })
    expect((await library.listChats(id)).map(chat => chat.id)).toEqual([one.id, two.id])
    await library.deleteChat(id, one.id)
    await expect(library.readChat(id, one.id)).rejects.toEqual(failure('not-found'))
    expect((await library.listChats(id)).map(chat => chat.id)).toEqual([two.id])
  })

  test('a broken one hides no other; names that leave the folder and documents that are gone are refused', async () => {
    const { id } = (await library.add(write('book.txt', 'text'))).document
    const one = await library.saveChat(id, { title: 'One', modelKey: 'm', messages })
    write(`library/documents/${id}/chats/bad.json`, '{"id":')
    expect((await library.listChats(id)).map(chat => chat.id)).toEqual([one.id])
    expect(library.problems.length).toBe(1)
    await expect(library.readChat(id, '../document')).rejects.toEqual(failure('bad-request'))
    await expect(library.saveChat('0123456789abcdef', one)).rejects.toEqual(failure('not-found'))
  })
})

test('models: the embedded one first, then what lies in models/', async () => {
  for (const name of ['embedded', 'library/models/b', 'library/models/a', 'library/models/unfinished'])
    mkdirSync(at(name), { recursive: true })
  for (const name of ['embedded', 'library/models/b', 'library/models/a'])
    write(`${name}/model.safetensors`, '12345')
  for (const name of ['embedded', 'library/models/unfinished']) write(`${name}/params.json`, '{}')
  for (const name of ['library/models/b', 'library/models/a']) write(`${name}/config.json`, '{}')
  const own = { id: 'embedded', name: 'readonce-small', folder: at('embedded') }
  expect(await library.listModels([own])).toEqual([
    { ...own, bytes: 7, embedded: true },
    { id: 'installed:a', name: 'a', folder: at('library', 'models', 'a'), bytes: 7, embedded: false },
    { id: 'installed:b', name: 'b', folder: at('library', 'models', 'b'), bytes: 7, embedded: false }
  ])
  expect((await library.listModels()).length).toBe(2)
})

test('a model says what it can do, and a broken readonce.json stops none', async () => {
  for (const name of ['told', 'broken']) {
    mkdirSync(at(`library/models/${name}`), { recursive: true })
    write(`library/models/${name}/config.json`, '{}')
    write(`library/models/${name}/model.safetensors`, '12345')
  }
  write('library/models/told/readonce.json', '{"description": "It sums up.", "border": 0.5}')
  write('library/models/broken/readonce.json', '{"border": 7}')
  const [broken, told] = await library.listModels()
  expect(told.card).toMatchObject({ description: { en: 'It sums up.' }, border: 0.5 })
  expect(broken).toMatchObject({ name: 'broken', cardProblem: expect.stringMatching(/readonce\.json/) })
  expect(broken.card).toBeUndefined()
})
