/** Every call of the contract over both transports: what it does, what it refuses, what it tells. */
import {
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  utimesSync,
  writeFileSync
} from 'node:fs'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import { documentChat, documentText } from '../../contract/bytes'
import { callNames } from '../../contract/host'
import { HostFailure } from '../../contract/failure'
import { defaultSettings } from '../../contract/settings'
import { answer } from './answer'
import { callSchemas } from './call-schemas'
import { type SampleHost, sampleHost } from './testing/sample-host'
import { saveReading, type Transport, transports } from './testing/transports'

const failure = (code: string, message?: RegExp) =>
  expect.objectContaining({ code, ...(message && { message: expect.stringMatching(message) }) })

describe.each(transports)('calls %s', (_, connect) => {
  let sample: SampleHost
  let way: Transport
  const desktop = {
    chosen: null as string | null,
    chooseFolder: async () => desktop.chosen,
    showReading: vi.fn(),
    notify: vi.fn(),
    lines: () => [['Memory of the page', '1 MB']] as const,
    graphics: { now: 'automatic' as const, others: ['software' as const], startWith: vi.fn() },
    requestsCancelled: () => 3
  }
  const open = async (withDesktop = false): Promise<void> => {
    sample = await sampleHost(withDesktop ? desktop : undefined)
    way = await connect(sample)
  }
  beforeEach(() => open())
  afterEach(async () => {
    await way.end()
    await sample.end()
    vi.clearAllMocks()
    vi.useRealTimers()
  })
  const again = async (withDesktop: boolean): Promise<void> => {
    await way.end()
    await sample.end()
    await open(withDesktop)
  }

  /** What is used from now on was used after what was used before. */
  const later = () => vi.setSystemTime(Date.now() + 1000)
  const grant = (name: string, text: string | Uint8Array) => sample.host.grants.give(sample.write(name, text))
  const add = async (name: string, text: string) =>
    (await way.calls.addDocuments({ grants: [grant(name, text)] }, {})).added[0].document
  const textOf = async (id: string) => (await way.bytes(documentText(id))).text()
  const heard = (event: string) => way.heard.filter(([name]) => name === event).map(([, news]) => news)
  const told = (event: string, news: unknown) =>
    vi.waitFor(() => expect(heard(event)).toContainEqual(news), { timeout: 30_000 })

  test('the schemas and the names of the contract are the same', () => {
    expect(Object.keys(callSchemas).sort()).toEqual(Object.keys(callNames).sort())
  })

  test.each(['toString', 'constructor', 'hasOwnProperty', 'model', 'nothing'])(
    '%s is no call',
    async name => {
      expect(await way.call(name, [])).toMatchObject({ ok: false, code: 'bad-request' })
    }
  )

  test.each<[string, unknown]>([
    ['about', [1]],
    ['about', '[]'],
    ['about', null],
    ['about', { length: 0 }],
    ['addDocuments', [{ paths: ['/etc/passwd'] }, {}]],
    ['addDocuments', [{ grants: [] }, {}]],
    ['addDocuments', [{ grants: ['x'] }, { html: 'all' }]],
    ['addDocuments', [{ grants: ['x'] }, { asOne: '' }]],
    ['updateDocument', ['0123456789abcdef', { path: '/etc' }]],
    ['updateDocument', ['0123456789abcdef', { name: '  ' }]],
    ['updateDocument', ['0123456789abcdef']],
    [
      'noteReading',
      ['0123456789abcdef', { modelKey: 'm', modelName: 'M', tokens: 5, read: 6, state: 'partial' }]
    ],
    ['noteReading', ['x', { modelKey: 'm', modelName: 'M', tokens: 5, read: -1, state: 'partial' }]],
    ['makeRoom', [-1, 'x']],
    ['makeRoom', [Infinity, 'x']],
    ['makeRoom', [1, 'x', [{ documentId: 'a', modelKey: 'm', tokens: -1 }]]],
    ['roomAhead', [-1, 'x']],
    ['setSettings', [{ fontSize: 1000 }]],
    ['setSettings', [{ fontsize: 12 }]],
    ['setSettings', [{ sampling: { temperature: 'hot' } }]],
    ['showReading', [1.5]],
    ['notify', ['title']],
    ['moveLibrary', [{}]],
    ['searchChats', ['x'.repeat(100_000)]]
  ])('%s(%j) is refused in words', async (name, args) => {
    expect(await way.call(name, args)).toEqual({
      ok: false,
      code: 'bad-request',
      message: expect.stringMatching(new RegExp(`^${name}: .{10}`))
    })
  })

  test('a setting outside of its range is told with the range', async () => {
    await expect(way.calls.setSettings({ fontSize: 1000 })).rejects.toEqual(
      failure('bad-request', /32 is the most/)
    )
    await expect(way.call('setSettings', [{ fontsize: 12 }])).resolves.toMatchObject({
      message: expect.stringContaining('fontsize')
    })
  })

  describe('documents', () => {
    test('are added by grants, one by one, and refused one by one', async () => {
      const grants = [
        grant('a.txt', 'Alpha\n'),
        grant('b.png', '\x89PNG\r\n\x1a\n\0\0'),
        grant('c.md', '# C\n\nGamma\n')
      ]
      const { added, refused, ignored } = await way.calls.addDocuments(
        { grants: [...grants, grant('d.txt', '')] },
        {}
      )
      expect(added.map(({ document: { name, kind }, isNew }) => [name, kind, isNew])).toEqual([
        ['a.txt', 'text', true],
        ['c.md', 'markdown', true]
      ])
      expect(refused.map(({ name, code }) => [name, code])).toEqual([
        ['b.png', 'unsupported-file'],
        ['d.txt', 'empty-document']
      ])
      expect(ignored).toBe(0)
      const [{ document }] = added
      expect(document).toEqual({
        id: document.textDigest.slice(0, 16),
        name: 'a.txt',
        kind: 'text',
        size: 6,
        characters: 6,
        textDigest: expect.stringMatching(/^[0-9a-f]{64}$/),
        addedAt: document.usedAt,
        usedAt: expect.stringMatching(/^\d{4}-.*Z$/),
        group: '',
        pinned: false,
        notes: [],
        encoding: 'utf-8',
        isEncodingChosen: false,
        isOlderText: false,
        file: 'same',
        bytes: expect.any(Number),
        readings: []
      })
      expect(document.bytes).toBeGreaterThan(6)
      expect(await textOf(document.id)).toBe('Alpha\n')
      await told('documentChanged', document)
      await told('extracting', { name: 'a.txt', done: 1, total: 1 })
      expect((await way.calls.listDocuments()).map(({ name }) => name).sort()).toEqual(['a.txt', 'c.md'])
    })

    test('the same text is the same document; a grant that was never given is none', async () => {
      const { id } = await add('a.txt', 'Alpha\n')
      const again = await way.calls.addDocuments({ grants: [grant('b.txt', 'Alpha\n')] }, {})
      expect(again.added).toMatchObject([{ document: { id, name: 'b.txt' }, isNew: false }])
      await expect(way.calls.addDocuments({ grants: ['/etc/passwd'] }, {})).rejects.toEqual(
        failure('not-found')
      )
    })

    test('a folder becomes one document, with what it lacks told', async () => {
      sample.write('book/one.txt', 'First part\n')
      sample.write('book/sub/two.txt', 'Second part\n')
      sample.write('book/picture.dat', new Uint8Array(Buffer.from('\x89PNG\r\n\x1a\n\0\0', 'latin1')))
      const folder = sample.host.grants.give(join(sample.folder, 'book'))
      const { added, refused, ignored } = await way.calls.addDocuments(
        { grants: [folder] },
        { asOne: 'The book' }
      )
      const [{ document }] = added
      expect(document).toMatchObject({ name: 'The book', kind: 'files', size: 23, file: 'same' })
      expect(refused.length + ignored).toBe(1)
      const text = await textOf(document.id)
      expect(text.indexOf('First part')).toBeGreaterThan(0)
      expect(text.indexOf('Second part')).toBeGreaterThan(text.indexOf('First part'))
      const empty = sample.host.grants.give(sample.write('empty/a.dat', '\x89PNG\r\n\x1a\n\0\0'))
      await expect(way.calls.addDocuments({ grants: [empty] }, { asOne: 'None' })).rejects.toEqual(
        failure('empty-document')
      )
    })

    test('are changed, used, and removed with all their traces', async () => {
      const { id, usedAt } = await add('a.txt', 'Alpha\n')
      const changed = await way.calls.updateDocument(id, {
        name: ' Z ',
        group: 'Old',
        pinned: true,
        modelId: 'm'
      })
      expect(changed).toMatchObject({ name: 'Z', group: 'Old', pinned: true, modelId: 'm' })
      await told('documentChanged', changed)
      expect((await way.calls.updateDocument(id, { modelId: '', pinned: false })).modelId).toBeUndefined()
      // Adding the file again takes no name away that a person gave.
      expect(await add('a.txt', 'Alpha\n')).toMatchObject({ id, name: 'Z', group: 'Old' })
      later()
      await way.calls.touchDocument(id)
      expect((await way.calls.listDocuments())[0].usedAt > usedAt).toBe(true)
      await saveReading(way, id, 'm-1', 5000)
      await way.bytes(`/pages/${id}/m-1/r/open`, { method: 'POST', body: '{"text":"x"}' })
      await way.calls.removeDocument(id)
      await told('documentRemoved', id)
      expect(readdirSync(join(sample.library.folder, 'documents'))).toEqual([])
      for (const gone of [id, '../..', 'a.txt'])
        await expect(way.calls.touchDocument(gone)).rejects.toEqual(failure('not-found'))
    })

    test('readings are measured, limited, and removed', async () => {
      const { id, bytes } = await add('a.txt', 'Alpha\n')
      await saveReading(way, id, 'm-1', 5000, 'partial')
      const [document] = await way.calls.listDocuments()
      expect(document.readings).toEqual([
        {
          modelKey: 'm-1',
          modelName: 'Sample',
          tokens: 100,
          read: 50,
          state: 'partial',
          pageFileBytes: expect.any(Number),
          updatedAt: expect.any(String)
        }
      ])
      expect(document.readings[0].pageFileBytes).toBeGreaterThan(5000)
      expect(document.bytes).toBeGreaterThan(bytes + 5000)
      const note = {
        modelKey: 'm-1',
        modelName: 'Sample',
        tokens: 100,
        read: 60,
        state: 'complete' as const,
        limit: 60
      }
      expect((await way.calls.noteReading(id, note)).readings).toMatchObject([{ read: 60, limit: 60 }])
      await way.bytes(`/pages/${id}/m-1/r/open`, { method: 'POST', body: '{"text":"x"}' })
      const removed = await way.calls.removeReading(id, 'm-1')
      expect(removed.readings).toEqual([])
      expect(readdirSync(join(sample.library.folder, 'documents', id)).sort()).toEqual([
        'document.json',
        'outline.json',
        'text.txt'
      ])
      // A note about a file that is not there is no reading.
      expect((await way.calls.noteReading(id, note)).readings).toEqual([])
    })
  })

  describe('a file that changes', () => {
    test('is noticed, touched ones are not, and gone ones are told', async () => {
      const { id } = await add('a.txt', 'Alpha\n')
      const path = join(sample.folder, 'a.txt')
      const state = async () => {
        await sample.host.watch.look()
        return (await way.calls.listDocuments())[0].file
      }
      utimesSync(path, new Date(), new Date(Date.now() + 5000))
      expect(await state()).toBe('same')
      writeFileSync(path, 'Alphb\n')
      utimesSync(path, new Date(), new Date(Date.now() + 9000))
      await sample.host.watch.look()
      await told('documentChanged', expect.objectContaining({ id, file: 'changed' }))
      expect(await state()).toBe('changed')
      renameSync(path, `${path}.away`)
      expect(await state()).toBe('gone')
      renameSync(`${path}.away`, path)
      writeFileSync(path, 'Alpha\n')
      expect(await state()).toBe('same')
    })

    test('takes the old one’s place; its reading stays until the new text is read', async () => {
      const old = await add('a.txt', 'Alpha\n')
      await way.calls.updateDocument(old.id, { name: 'My book', group: 'G', pinned: true, modelId: 'm' })
      await saveReading(way, old.id, 'm-1', 5000)
      const chat = {
        title: 'Who?',
        modelKey: 'm-1',
        messages: [],
        createdAt: '2026-01-01',
        updatedAt: '2026-01-01'
      }
      await way.bytes(documentChat(old.id, 'c1'), { method: 'PUT', body: JSON.stringify(chat) })
      sample.write('a.txt', 'Alpha\nBeta\n')
      const next = await way.calls.refreshDocument(old.id)
      expect(next).toMatchObject({
        name: 'My book',
        group: 'G',
        pinned: true,
        modelId: 'm',
        addedAt: old.addedAt,
        replaces: old.id,
        file: 'same',
        readings: []
      })
      expect(next.bytes).toBeGreaterThan(5000)
      await told('documentRemoved', old.id)
      expect((await way.calls.listDocuments()).map(({ id }) => id)).toEqual([next.id])
      expect((await way.calls.listChats(next.id)).map(({ title }) => title)).toEqual(['Who?'])
      // Its text and its pages are there for whoever reads the new one.
      expect(await textOf(old.id)).toBe('Alpha\n')
      await saveReading(way, next.id, 'm-1', 6000, 'partial')
      expect(existsSync(join(sample.library.folder, 'documents', old.id))).toBe(true)
      await saveReading(way, next.id, 'm-1', 6000)
      expect(existsSync(join(sample.library.folder, 'documents', old.id))).toBe(false)
      expect((await way.calls.listDocuments())[0].replaces).toBeUndefined()
    })

    test('changed again before it was read: the text that was read furthest stays', async () => {
      const first = await add('a.txt', 'Alpha\n')
      await saveReading(way, first.id, 'm-1', 5000)
      sample.write('a.txt', 'Alpha\nBeta\n')
      const second = await way.calls.refreshDocument(first.id)
      sample.write('a.txt', 'Alpha\nBeta\nGamma\n')
      const third = await way.calls.refreshDocument(second.id)
      expect(third.replaces).toBe(first.id)
      expect(readdirSync(join(sample.library.folder, 'documents')).sort()).toEqual(
        [first.id, third.id].sort()
      )
      // And back to the first text: it is shown again, with what was read of it.
      sample.write('a.txt', 'Alpha\n')
      const back = await way.calls.refreshDocument(third.id)
      expect(back).toMatchObject({ id: first.id, readings: [{ state: 'complete' }] })
      expect(back.replaces).toBeUndefined()
      expect(readdirSync(join(sample.library.folder, 'documents'))).toEqual([first.id])
    })

    test('the same text after all only renews the file’s state; removing takes the hidden one along', async () => {
      const { id } = await add('a.txt', 'Alpha\n')
      sample.write('a.txt', '\ufeffAlpha\n')
      expect((await way.calls.listDocuments())[0].file).toBe('changed')
      expect(await way.calls.refreshDocument(id)).toMatchObject({ id, file: 'same' })
      await saveReading(way, id, 'm-1', 5000)
      sample.write('a.txt', 'Alpha\nBeta\n')
      await way.calls.removeDocument((await way.calls.refreshDocument(id)).id)
      expect(readdirSync(join(sample.library.folder, 'documents'))).toEqual([])
    })

    test('another encoding, by a person’s word, reads the file again and is kept for the next time', async () => {
      const first = await add('a.txt', 'Zoë\n')
      const other = await way.calls.refreshDocument(first.id, { encoding: 'windows-1252' })
      expect(other).toMatchObject({ encoding: 'windows-1252', characters: 5, isOlderText: false })
      expect([first.isEncodingChosen, other.isEncodingChosen]).toEqual([false, true])
      sample.write('a.txt', 'Zoë!\n')
      expect(await way.calls.refreshDocument(other.id)).toMatchObject({ characters: 6 })
      await expect(way.call('refreshDocument', [other.id, { encoding: 'klingon' }])).resolves.toMatchObject({
        ok: false
      })
    })

    test('a file that is gone or broken leaves the document as it was', async () => {
      const { id } = await add('a.txt', 'Alpha\n')
      sample.write('a.txt', '')
      await expect(way.calls.refreshDocument(id)).rejects.toEqual(failure('empty-document'))
      renameSync(join(sample.folder, 'a.txt'), join(sample.folder, 'b.txt'))
      await expect(way.calls.refreshDocument(id)).rejects.toEqual(failure('not-found'))
      expect(await textOf(id)).toBe('Alpha\n')
    })

    test('added anew instead, it knows the earlier text as well', async () => {
      const old = await add('a.txt', 'Alpha\n')
      await saveReading(way, old.id, 'm-1', 5000)
      expect(await add('a.txt', 'Alpha\nBeta\n')).toMatchObject({ replaces: old.id })
      expect((await add('a.txt', 'Something else\n')).replaces).toBeUndefined()
      expect(await way.calls.listDocuments()).toHaveLength(3)
    })

    test('many files, and who replaces whom, cost one listing of the library', async () => {
      const old = await add('a.txt', 'Alpha\n')
      await saveReading(way, old.id, 'm-1', 5000)
      const listing = vi.spyOn(sample.library, 'all')
      const grants = [grant('a.txt', 'Alpha\nBeta\n'), grant('b.txt', 'Gamma\n'), grant('c.txt', 'Delta\n')]
      const { added } = await way.calls.addDocuments({ grants }, {})
      expect(added.map(({ document }) => document.replaces)).toEqual([old.id, undefined, undefined])
      expect(listing).toHaveBeenCalledTimes(1)
      await way.calls.listDocuments()
      expect(listing).toHaveBeenCalledTimes(2)
    })
  })

  describe('room on disk', () => {
    test('the least recently used go first; pinned, kept and open ones stay', async () => {
      const [first, second, pinned, opened, keep] = [
        await add('1.txt', 'one\n'),
        await add('2.txt', 'two\n'),
        await add('3.txt', 'three\n'),
        await add('4.txt', 'four\n'),
        await add('5.txt', 'five\n')
      ]
      for (const { id } of [pinned, opened, keep, second, first]) {
        await saveReading(way, id, 'm-1', 10_000)
        later()
      }
      await way.calls.touchDocument(second.id)
      await way.calls.updateDocument(pinned.id, { pinned: true })
      await way.bytes(`/pages/${opened.id}/m-1/r/open`, { method: 'POST', body: '{"text":"x"}' })
      const use = await way.calls.diskUse()
      expect(use.readings).toBeGreaterThan(50_000)
      expect(use.readings).toBeLessThan(52_000)
      expect(use.pinned).toBeGreaterThan(10_000)
      expect(use.library).toBeGreaterThan(use.readings)
      expect(use).toMatchObject({ budget: defaultSettings.diskBudget, free: expect.any(Number) })

      await way.calls.setSettings({ diskBudget: use.readings + 100 })
      expect(await way.calls.makeRoom(100, keep.id)).toMatchObject({ fits: true, evicted: [] })
      // Looking ahead says the same, in the same order, and takes nothing.
      const both = await way.calls.roomAhead(15_000, keep.id)
      expect(both).toMatchObject({
        fits: true,
        leaving: [first, second].map(({ id, name }) => ({ documentId: id, name, modelKey: 'm-1' }))
      })
      const { leaving } = await way.calls.roomAhead(5000, keep.id)
      expect(leaving).toEqual(both.leaving.slice(0, 1))
      const agreed = leaving.map(({ documentId, modelKey, tokens }) => ({ documentId, modelKey, tokens }))
      // Nothing that was not agreed to goes, nor what goes with it.
      expect(await way.calls.makeRoom(5000, keep.id)).toMatchObject({ evicted: [], unasked: leaving })
      expect(await way.calls.makeRoom(15_000, keep.id, agreed)).toMatchObject({
        fits: true,
        evicted: [],
        unasked: both.leaving.slice(1)
      })
      const grew = agreed.map(each => ({ ...each, tokens: each.tokens - 1 }))
      expect(await way.calls.makeRoom(5000, keep.id, grew)).toMatchObject({ evicted: [], unasked: leaving })
      expect((await way.calls.diskUse()).readings).toBe(use.readings)
      const made = await way.calls.makeRoom(5000, keep.id, agreed)
      expect(made).toMatchObject({ fits: true, evicted: leaving, unasked: [] })
      expect(made.use.readings).toBeLessThan(use.readings)
      await told('documentChanged', expect.objectContaining({ id: first.id, readings: [] }))
      // Only one is left that may go: all or nothing.
      expect(await way.calls.makeRoom(30_000, keep.id)).toMatchObject({ fits: false, evicted: [] })
      expect(await way.calls.roomAhead(30_000, keep.id)).toMatchObject({ fits: false, leaving: [] })
      expect((await way.calls.listDocuments()).filter(({ readings }) => readings.length > 0)).toHaveLength(4)
    })

    test('without a budget the disk is the limit', async () => {
      await way.calls.setSettings({ diskBudget: 0 })
      expect(await way.calls.makeRoom(1, '')).toMatchObject({ fits: true })
      const { free } = await way.calls.diskUse()
      expect(await way.calls.makeRoom(free, '')).toMatchObject({ fits: false })
    })

    test('what a newer text replaced goes first, and wholly', async () => {
      const other = await add('b.txt', 'other\n')
      await saveReading(way, other.id, 'm-1', 10_000)
      const old = await add('a.txt', 'Alpha\n')
      await saveReading(way, old.id, 'm-1', 10_000)
      sample.write('a.txt', 'Alpha\nBeta\n')
      const next = await way.calls.refreshDocument(old.id)
      const { readings } = await way.calls.diskUse()
      await way.calls.setSettings({ diskBudget: readings })
      // While the new text is read, the old reading is what it begins with.
      expect(await way.calls.makeRoom(15_000, next.id)).toMatchObject({ fits: false })
      expect(await way.calls.roomAhead(5000, next.id)).toMatchObject({ leaving: [{ documentId: other.id }] })
      const { leaving } = await way.calls.roomAhead(5000, other.id)
      expect(leaving).toMatchObject([{ documentId: old.id, replaced: true }])
      const agreed = leaving.map(({ documentId, modelKey, tokens }) => ({ documentId, modelKey, tokens }))
      expect(await way.calls.makeRoom(5000, other.id, agreed)).toMatchObject({ evicted: leaving })
      expect(existsSync(join(sample.library.folder, 'documents', old.id))).toBe(false)
      await told('documentChanged', expect.objectContaining({ id: next.id, bytes: expect.any(Number) }))
    })
  })

  describe('conversations', () => {
    const message = (id: string, role: string, content: string, at: string, parent?: string) => ({
      id,
      role,
      content,
      at,
      ...(parent && { parent })
    })
    const put = (
      document: string,
      id: string,
      title: string,
      messages: unknown[],
      updatedAt = '2026-02-01'
    ) =>
      way.bytes(documentChat(document, id), {
        method: 'PUT',
        body: JSON.stringify({ title, modelKey: 'm', messages, createdAt: '2026-01-01', updatedAt })
      })

    test('are listed newest first, renamed, deleted and searched', async () => {
      const one = (await add('a.txt', 'Alpha\n')).id
      const two = (await add('b.txt', 'Beta\n')).id
      await put(one, 'c1', 'Whales', [
        message('q', 'user', 'Who is the Captain?', '2026-01-01'),
        message(
          'r',
          'assistant',
          `${'long '.repeat(40)}The captain is AHAB, of the Pequod. ${'end '.repeat(80)}`,
          '2026-01-02',
          'q'
        )
      ])
      await put(one, 'c2', 'Ships', [message('q', 'user', 'Which ships?', '2026-01-03')], '2026-03-01')
      await put(two, 'c3', 'Straße', [message('q', 'user', 'Where?', '2026-01-04')])
      expect(await way.calls.listChats(one)).toEqual([
        { id: 'c2', title: 'Ships', createdAt: '2026-01-01', updatedAt: '2026-03-01', messages: 1 },
        { id: 'c1', title: 'Whales', createdAt: '2026-01-01', updatedAt: '2026-02-01', messages: 2 }
      ])
      const hits = await way.calls.searchChats('  ahab CAPTAIN ')
      expect(hits).toEqual([
        {
          documentId: one,
          chatId: 'c1',
          title: 'Whales',
          messageId: 'r',
          excerpt: expect.stringMatching(/^….*AHAB.*…$/)
        }
      ])
      expect(hits[0].excerpt.length).toBeLessThan(170)
      expect((await way.calls.searchChats('straße')).map(({ chatId }) => chatId)).toEqual(['c3'])
      expect((await way.calls.searchChats('wh')).map(({ chatId }) => chatId)).toEqual(['c3', 'c2', 'c1'])
      expect(await way.calls.searchChats('nowhere')).toEqual([])
      expect(await way.calls.searchChats(' ')).toEqual([])
      await way.calls.renameChat(one, 'c1', 'Ahab')
      expect((await way.calls.listChats(one)).map(({ title }) => title)).toEqual(['Ships', 'Ahab'])
      await way.calls.deleteChat(one, 'c2')
      await way.calls.deleteChat(one, 'c2')
      expect((await way.calls.listChats(one)).map(({ id }) => id)).toEqual(['c1'])
      await expect(way.calls.renameChat(one, 'c2', 'x')).rejects.toEqual(failure('not-found'))
      await expect(way.calls.deleteChat(one, '../document')).rejects.toEqual(failure('bad-request'))
      await expect(way.calls.listChats('0123456789abcdef')).rejects.toEqual(failure('not-found'))
    })
  })

  describe('models', () => {
    const send = (drop: string, path: string, body: string) =>
      way.bytes(`/drops/${drop}/${encodeURIComponent(path)}`, { method: 'PUT', body })

    test('are imported under a free name, read, and removed', async () => {
      for (const drop of ['d1', 'd2']) {
        await send(drop, 'My model/config.json', '{}')
        await send(drop, 'My model/model.safetensors', 'weights')
      }
      const model = await way.calls.importModel({ drop: 'd1' }, 'My: model', 'job')
      expect(model).toEqual({ id: 'installed:My- model', name: 'My- model', bytes: 9, embedded: false })
      expect((await way.calls.importModel({ drop: 'd2' }, 'My: model', 'job')).name).toBe('My- model 2')
      await told('modelsChanged', null)
      expect((await way.calls.listModels()).map(({ name }) => name)).toEqual([
        'sample',
        'My- model',
        'My- model 2'
      ])
      const route = `/models/${encodeURIComponent(model.id)}/files/model.safetensors`
      expect(await (await way.bytes(route)).text()).toBe('weights')
      await way.calls.removeModel(model.id)
      expect((await way.bytes(route)).status).toBe(404)
      expect(readdirSync(join(sample.library.folder, 'models'))).toEqual(['My- model 2'])
    })

    test('their readonce.json comes along and is told', async () => {
      await send('d1', 'Told/config.json', '{}')
      await send('d1', 'Told/model.safetensors', 'weights')
      await send('d1', 'Told/readonce.json', '{"description": "It sums up.", "border": 0.5}')
      const model = await way.calls.importModel({ drop: 'd1' }, 'Told', 'job')
      expect(model.card).toMatchObject({ description: { en: 'It sums up.' }, border: 0.5 })
      expect((await way.calls.listModels()).find(({ id }) => id === model.id)?.card).toEqual(model.card)
    })

    test('what is none is refused in words, and nothing of it stays', async () => {
      await send('d1', 'readme.txt', 'x')
      await expect(way.calls.importModel({ drop: 'd1' }, 'X', 'job')).rejects.toEqual(
        failure('unsupported-model', /lacks a config.json/)
      )
      await send('d2', 'm/config.json', '{}')
      await send('d2', 'm/model.safetensors', 'x')
      await send('d2', 'm/sub/more.txt', 'x')
      await expect(way.calls.importModel({ drop: 'd2' }, 'X', 'job')).rejects.toEqual(
        failure('unsupported-model', /folders inside/)
      )
      await expect(way.calls.importModel({ drop: 'd2' }, 'X', 'job')).rejects.toEqual(failure('not-found'))
      await expect(way.calls.removeModel('embedded')).rejects.toEqual(failure('bad-request'))
      await expect(way.calls.removeModel('installed:../..')).rejects.toEqual(failure('not-found'))
      expect((await way.calls.listModels()).length).toBe(1)
    })
  })

  describe('settings', () => {
    test('are kept, told, and reset', async () => {
      expect(await way.calls.getSettings()).toEqual(defaultSettings)
      const changed = await way.calls.setSettings({
        theme: 'dark',
        sampling: { ...defaultSettings.sampling, topK: 7 }
      })
      expect(changed).toEqual({
        ...defaultSettings,
        theme: 'dark',
        sampling: { ...defaultSettings.sampling, topK: 7 }
      })
      await told('settingsChanged', changed)
      expect(await way.calls.getSettings()).toEqual(changed)
      expect(await way.calls.resetSettings()).toEqual(defaultSettings)
      await told('settingsChanged', defaultSettings)
    })

    test('changes at once lose nothing', async () => {
      const sizes = [11, 12, 13, 14, 15]
      await Promise.all([
        ...sizes.map(fontSize => way.calls.setSettings({ fontSize })),
        way.calls.setSettings({ theme: 'light' }),
        way.calls.setSettings({ language: 'de' })
      ])
      expect(await way.calls.getSettings()).toMatchObject({ theme: 'light', language: 'de' })
    })

    test('what a hand wrote wrongly costs only itself; a broken file is put aside and told', async () => {
      const path = join(sample.library.folder, 'settings.json')
      writeFileSync(path, '{"theme":"pink","fontSize":20,"later":1,"sampling":{"topK":3,"topP":9}}')
      expect(await way.calls.getSettings()).toEqual({
        ...defaultSettings,
        fontSize: 20,
        sampling: { ...defaultSettings.sampling, topK: 3 }
      })
      writeFileSync(path, '{"theme":')
      expect(await way.calls.getSettings()).toEqual(defaultSettings)
      await told('problem', expect.stringContaining('settings.json'))
      expect(readFileSync(`${path}.broken`, 'utf8')).toBe('{"theme":')
    })
  })

  describe('the library moves', () => {
    test('with all it holds, and is found where it went', async () => {
      const { id } = await add('a.txt', 'Alpha\n')
      await way.calls.setSettings({ theme: 'dark' })
      const [from, to] = [sample.library.folder, join(sample.folder, 'new', 'place')]
      expect((await way.calls.moveLibrary({ path: to })).dataFolder).toBe(to)
      expect(await textOf(id)).toBe('Alpha\n')
      expect((await way.calls.getSettings()).theme).toBe('dark')
      expect(JSON.parse(readFileSync(join(from, 'location.json'), 'utf8'))).toEqual({ folder: to })
      expect(readdirSync(from)).toEqual(['location.json'])
      await add('b.txt', 'Beta\n')
      // And home again.
      expect((await way.calls.moveLibrary({ path: from })).dataFolder).toBe(from)
      expect(existsSync(join(from, 'location.json'))).toBe(false)
      expect((await way.calls.listDocuments()).length).toBe(2)
    })

    test('not to where it cannot, and not while it is used', async () => {
      const { id } = await add('a.txt', 'Alpha\n')
      const { folder } = sample.library
      mkdirSync(join(sample.folder, 'full', 'x'), { recursive: true })
      const no: [string, RegExp][] = [
        [folder, /is in .* already/],
        [join(folder, 'documents', 'in'), /inside one another/],
        [sample.folder, /inside one another/],
        [join(sample.folder, 'full'), /not empty/],
        [sample.write('file', 'x'), /is a file/],
        ['relative/folder', /no whole path/]
      ]
      for (const [path, message] of no)
        await expect(way.calls.moveLibrary({ path }), path).rejects.toEqual(failure('bad-request', message))
      await way.bytes(`/pages/${id}/m-1/r/open`, { method: 'POST', body: '{"text":"x"}' })
      const to = join(sample.folder, 'new')
      await expect(way.calls.moveLibrary({ path: to })).rejects.toEqual(failure('in-use'))
      await way.bytes(`/pages/${id}/m-1/r/close`, { method: 'POST' })
      await way.calls.moveLibrary({ path: to })
      expect(await textOf(id)).toBe('Alpha\n')
    })
  })

  describe('the desktop', () => {
    test('is not there in a browser, and that is no failure', async () => {
      expect((await way.calls.about()).can).toEqual({ chooseFolder: false, desktop: false })
      await way.calls.showReading(0.5)
      await way.calls.notify('Read', 'a.txt')
      await expect(way.calls.chooseFolder()).rejects.toEqual(failure('bad-request'))
      await expect(way.calls.moveLibrary({ grant: 'x' })).rejects.toEqual(failure('not-found'))
      expect((await way.calls.about()).graphics).toBeUndefined()
      await expect(way.calls.restartProgram('software')).rejects.toEqual(failure('bad-request'))
    })

    test('starts the program again with what it offered, and with nothing else', async () => {
      await again(true)
      await expect(way.calls.restartProgram('x11')).rejects.toEqual(failure('bad-request'))
      expect(desktop.graphics.startWith).not.toHaveBeenCalled()
      await way.calls.restartProgram('software')
      expect(desktop.graphics.startWith).toHaveBeenCalledExactlyOnceWith('software')
    })

    test('is asked, with the person’s settings', async () => {
      await again(true)
      expect(await way.calls.about()).toEqual({
        version: '1.2.3',
        platform: process.platform,
        software: 'Test',
        dataFolder: sample.library.folder,
        can: { chooseFolder: true, desktop: true },
        graphics: { now: 'automatic', others: ['software'] }
      })
      await way.calls.showReading(0.5)
      await way.calls.setSettings({ keepAwake: false })
      await way.calls.showReading(null)
      expect(desktop.showReading.mock.calls).toEqual([
        [0.5, true],
        [null, false]
      ])
      await way.calls.notify('Read', 'a.txt')
      await way.calls.setSettings({ notify: false })
      await way.calls.notify('Read', 'b.txt')
      expect(desktop.notify.mock.calls).toEqual([['Read', 'a.txt']])
      expect(await way.calls.chooseFolder()).toBeNull()
      desktop.chosen = join(sample.folder, 'chosen')
      const { grant, path } = (await way.calls.chooseFolder())!
      expect(path).toBe(desktop.chosen)
      await expect(way.calls.moveLibrary({ path })).rejects.toEqual(failure('bad-request'))
      expect((await way.calls.moveLibrary({ grant })).dataFolder).toBe(path)
    })

    test('files given from outside wait until they are taken', async () => {
      const path = sample.write('a.txt', 'Alpha\n')
      await sample.host.opened([path, sample.folder])
      await told('opened', null)
      const opened = await way.calls.takeOpened()
      expect(opened).toMatchObject([{ name: 'a.txt', folder: false }, { folder: true }])
      expect(await way.calls.takeOpened()).toEqual([])
      expect((await way.calls.addDocuments({ grants: [opened[0].grant] }, {})).added).toHaveLength(1)
    })

    test('diagnostics name no document', async () => {
      await again(true)
      await add('secret plans.txt', 'Alpha\n')
      sample.host.failed('test', new Error(`ENOENT: no such file, open '${sample.folder}/secret plans.txt'`))
      const { lines, requestsCancelled, log } = await way.calls.diagnostics()
      const all = Object.fromEntries(lines)
      expect(all).toMatchObject({
        Readonce: '1.2.3',
        Documents: '1',
        Models: '1',
        'Memory of the page': '1 MB'
      })
      expect(requestsCancelled).toBe(3)
      expect(log.map(line => (JSON.parse(line) as { kind: string }).kind)).toEqual(['started', 'failed'])
      expect(JSON.stringify({ lines, log })).not.toContain('secret')
    })
  })
})

test('a failure crosses as data: an expected one with its code, a mistake of ours as unexpected and told', async () => {
  const sample = await sampleHost()
  const told = vi.fn()
  const failing = (error: unknown) =>
    answer({ ...sample.host.calls, about: () => Promise.reject(error as Error) }, 'about', [], told)
  expect(await failing(new HostFailure('disk-full', 'Full.'))).toEqual({
    ok: false,
    code: 'disk-full',
    message: 'Full.'
  })
  expect(told).not.toHaveBeenCalled()
  expect(await failing(new Error('x is undefined'))).toMatchObject({ ok: false, code: 'unexpected' })
  expect(await failing(undefined)).toMatchObject({ ok: false, code: 'unexpected' })
  expect(told).toHaveBeenCalledTimes(2)
  await sample.end()
})
