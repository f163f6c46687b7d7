/** The byte routes of documents, conversations, drops and page files, called as Electron's scheme does and over real HTTP. */
import {
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  truncateSync,
  unlinkSync,
  writeFileSync
} from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, beforeEach, describe, expect, test, vi } from 'vitest'
import { documentChat, documentOutline, documentText, dropped, pages } from '../../contract/bytes'
import type { Chat } from '../../contract/chat'
import { PageFile } from '../disk/page-file'
import { Drops, isPlain } from './drops'
import { makeHost } from './host'
import { type SampleHost, sampleHost } from './testing/sample-host'
import { type Transport, transports } from './testing/transports'

describe.each(transports)('byte routes %s', (_, connect) => {
  let sample: SampleHost
  let way: Transport
  let id: string
  beforeAll(async () => {
    sample = await sampleHost()
    way = await connect(sample)
  })
  beforeEach(async () => {
    id = (await sample.library.add(sample.write('book.md', '# One\n\nÄ text 😀\n\n# Two\n'))).document.id
  })
  afterAll(async () => {
    await way.end()
    await sample.end()
  })

  const ask = async (method: string, route: string, body?: RequestInit['body']) => {
    const response = await way.bytes(route, { method, body })
    const bytes = new Uint8Array(await response.arrayBuffer())
    const text = new TextDecoder().decode(bytes)
    return {
      status: response.status,
      headers: response.headers,
      bytes,
      text,
      json: () => JSON.parse(text) as unknown
    }
  }
  const refused = (code: string) => expect.objectContaining({ code, message: expect.stringMatching(/.{10}/) })

  describe('documents', () => {
    test('give their text and outline', async () => {
      expect((await ask('GET', documentText(id))).text).toBe('# One\n\nÄ text 😀\n\n# Two\n')
      const head = await ask('HEAD', documentText(id))
      expect([head.status, head.headers.get('content-length'), head.text]).toEqual([200, '27', ''])
      expect((await ask('GET', documentOutline(id))).json()).toEqual({
        headings: [
          { title: 'One', level: 1, start: 0 },
          { title: 'Two', level: 1, start: 18 }
        ],
        sheets: []
      })
    })

    test('of the first version have no outline and load all the same', async () => {
      const folder = join(sample.library.folder, 'documents', id)
      const record = JSON.parse(readFileSync(join(folder, 'document.json'), 'utf8')) as Record<
        string,
        unknown
      >
      const names = [
        'id',
        'name',
        'path',
        'size',
        'characters',
        'textDigest',
        'encoding',
        'addedAt',
        'readings'
      ]
      const old = Object.fromEntries(names.map(name => [name, record[name]]))
      writeFileSync(join(folder, 'document.json'), JSON.stringify(old))
      writeFileSync(join(folder, 'outline.json'), '{"headings":')
      expect((await ask('GET', documentOutline(id))).json()).toEqual({ headings: [], sheets: [] })
      const [document] = await way.calls.listDocuments()
      expect(document).toMatchObject({
        id,
        kind: 'text',
        group: '',
        pinned: false,
        usedAt: old['addedAt'],
        notes: [],
        encoding: 'utf-8',
        isEncodingChosen: false,
        isOlderText: true,
        // The length is the same, and more is not known.
        file: 'unknown'
      })
      sample.write('book.md', 'longer than before, and quite another text')
      expect((await way.calls.listDocuments())[0].file).toBe('changed')
    })

    test.each([
      '/documents',
      '/documents/',
      '/documents/0123456789abcdef/text',
      '/documents/..%2F..%2Fsecret.txt/text',
      '/documents/book.md/text',
      '/documents/ID',
      '/documents/ID/document.json',
      '/documents/ID/text/more',
      '/documents/ID/chats',
      '/documents/ID/chats/x/y'
    ])('%s is not found', async route => {
      expect((await ask('GET', route.replace('ID', id))).status).toBe(404)
    })

    test('a damaged text is told, not served', async () => {
      writeFileSync(join(sample.library.folder, 'documents', id, 'text.txt'), 'damaged')
      const { status, json } = await ask('GET', documentText(id))
      expect([status, json()]).toEqual([500, refused('unreadable-file')])
    })

    test('cannot be written', async () => {
      for (const method of ['PUT', 'POST', 'DELETE'])
        expect((await ask(method, documentText(id), method === 'DELETE' ? undefined : 'x')).status).toBe(405)
    })
  })

  describe('conversations', () => {
    const chat: Omit<Chat, 'id'> = {
      title: 'Who?',
      modelKey: 'm-1',
      messages: [
        { id: 'q', role: 'user', content: 'Who?', at: '2026-01-01' },
        { id: 'r1', parent: 'q', role: 'assistant', content: 'He.', at: '2026-01-02', state: 'answered' },
        {
          id: 'r2',
          parent: 'q',
          role: 'assistant',
          content: 'She.',
          at: '2026-01-03',
          state: 'cut',
          inView: { tokens: 5, total: 10, limited: true },
          sources: [{ start: 0, end: 3, score: 0.5, text: '# O' }],
          quotations: [{ text: 'One', verified: true, start: 2, end: 5 }]
        }
      ],
      leaf: 'r2',
      createdAt: '2026-01-01',
      updatedAt: '2026-01-03'
    }
    const put = (name: string, value: unknown) => ask('PUT', documentChat(id, name), JSON.stringify(value))

    test('come back as they were kept, under the id of the route', async () => {
      expect((await put('c1', { ...chat, id: 'other' })).json()).toMatchObject({ id: 'c1', messages: 3 })
      expect((await ask('GET', documentChat(id, 'c1'))).json()).toEqual({ ...chat, id: 'c1' })
      expect((await ask('GET', documentChat(id, 'c2'))).json()).toEqual(refused('not-found'))
    })

    test.each<[string, unknown]>([
      ['no object', 'x'],
      ['no messages', { ...chat, messages: undefined }],
      ['a role that is none', { ...chat, messages: [{ ...chat.messages[0], role: 'system' }] }],
      ['a parent that is nowhere', { ...chat, messages: chat.messages.slice(1) }],
      ['a ring', { ...chat, messages: [{ ...chat.messages[0], parent: 'r1' }, chat.messages[1]] }],
      ['an id twice', { ...chat, messages: [chat.messages[0], chat.messages[0]] }],
      ['a leaf that is nowhere', { ...chat, leaf: 'x' }]
    ])('%s is refused, and what was kept stays', async (_, value) => {
      await put('c3', chat)
      const { status, json } = await put('c3', value)
      expect([status, json()]).toEqual([400, refused('bad-request')])
      expect((await ask('GET', documentChat(id, 'c3'))).json()).toMatchObject({ title: 'Who?' })
    })

    test('names that leave the folder, broken JSON, unknown documents and 50 MB are refused', async () => {
      expect((await put('../document', chat)).status).toBe(400)
      expect((await ask('PUT', documentChat(id, 'c4'), '{"id"')).status).toBe(400)
      expect((await ask('PUT', documentChat('0123456789abcdef', 'c4'), JSON.stringify(chat))).status).toBe(
        404
      )
      expect((await ask('PUT', documentChat(id, 'c4'), new Uint8Array(50_000_001))).status).toBe(413)
      expect(existsSync(join(sample.library.folder, 'documents', id, 'chats', 'c4.json'))).toBe(false)
    })

    test('sent several times at once stay as they were sent last', async () => {
      const sent = Array.from({ length: 30 }, (_, i) => put('c6', { ...chat, title: `state ${i}` }))
      await Promise.all(sent)
      expect((await ask('GET', documentChat(id, 'c6'))).json()).toMatchObject({ title: 'state 29' })
    })

    test('of the command line get ids, parents and the text of their passages', async () => {
      const folder = join(sample.library.folder, 'documents', id, 'chats')
      mkdirSync(folder, { recursive: true })
      const flat = [
        { role: 'user', content: 'Who?' },
        { role: 'assistant', content: 'He.', sources: [{ start: 2, end: 5, score: 0.5 }] },
        { role: 'user', content: 'And?' }
      ]
      const stored = {
        id: 'cli',
        title: 'T',
        modelKey: 'm',
        messages: flat,
        createdAt: '2026-01-01',
        updatedAt: '2026-01-02'
      }
      writeFileSync(join(folder, 'cli.json'), JSON.stringify(stored))
      expect((await ask('GET', documentChat(id, 'cli'))).json()).toEqual({
        ...stored,
        messages: [
          { ...flat[0], id: 'm1', at: '2026-01-02' },
          {
            ...flat[1],
            id: 'm2',
            parent: 'm1',
            at: '2026-01-02',
            sources: [{ start: 2, end: 5, score: 0.5, text: 'One' }]
          },
          { ...flat[2], id: 'm3', parent: 'm2', at: '2026-01-02' }
        ]
      })
    })
  })

  describe('drops', () => {
    const incoming = () => join(sample.library.folder, 'incoming')
    const kept = () =>
      existsSync(incoming())
        ? readdirSync(incoming(), { recursive: true, withFileTypes: true }).flatMap(entry =>
            entry.isFile() && !entry.name.endsWith('.lock') ? [entry.name] : []
          )
        : []

    test('become documents, and nothing of them stays', async () => {
      const large = new Uint8Array(Buffer.from('A line of some length.\n'.repeat(200_000)))
      for (const [path, body] of [
        ['proj/a b.txt', 'First\n'],
        ['proj/src/ä.txt', 'Second\n'],
        ['large.txt', large]
      ] as const)
        expect((await ask('PUT', dropped('drop-1', path), body)).status).toBe(204)
      expect(kept().sort()).toEqual(['a b.txt', 'large.txt', 'ä.txt'])
      const { added, refused } = await way.calls.addDocuments({ drop: 'drop-1' }, {})
      expect(refused).toEqual([])
      expect(added.map(({ document: { name, size, file } }) => [name, size, file]).sort()).toEqual([
        ['a b.txt', 6, 'unknown'],
        ['large.txt', large.length, 'unknown'],
        ['ä.txt', 7, 'unknown']
      ])
      expect(kept()).toEqual([])
      await expect(way.calls.addDocuments({ drop: 'drop-1' }, {})).rejects.toMatchObject({
        code: 'not-found'
      })
      await expect(way.calls.refreshDocument(added[0].document.id)).rejects.toMatchObject({
        code: 'not-found'
      })
      for (const { document } of added) await way.calls.removeDocument(document.id)
    })

    test('a file that was sent is sent again for another encoding: the text is another, what a person gave it stays', async () => {
      const russian = Buffer.from('cff0e8e2e5f22c20eceef02c20f320ede0f120e2f1b8', 'hex')
      await ask('PUT', dropped('drop-enc', 'letter.txt'), russian)
      const { added } = await way.calls.addDocuments({ drop: 'drop-enc' }, {})
      const first = added[0].document
      await way.calls.updateDocument(first.id, { group: 'Letters', pinned: true })
      await ask('PUT', dropped('drop-again', 'letter.txt'), russian)
      const next = await way.calls.refreshDocument(first.id, { drop: 'drop-again', encoding: 'koi8-r' })
      expect(next).toMatchObject({
        name: 'letter.txt',
        encoding: 'koi8-r',
        isEncodingChosen: true,
        group: 'Letters',
        pinned: true
      })
      expect(next.id).not.toBe(first.id)
      expect((await way.calls.listDocuments()).map(({ id }) => id)).not.toContain(first.id)
      // Nothing of what was sent is left.
      await expect(
        way.calls.refreshDocument(next.id, { drop: 'drop-again', encoding: 'utf-8' })
      ).rejects.toMatchObject({ code: 'not-found' })
      await way.calls.removeDocument(next.id)
    })

    test('one that is given up is removed', async () => {
      await ask('PUT', dropped('drop-2', 'a.txt'), 'x')
      expect((await ask('DELETE', dropped('drop-2'))).status).toBe(204)
      expect(kept()).toEqual([])
    })

    test.each([
      '../a.txt',
      'a/../../b.txt',
      '/etc/passwd',
      'a//b',
      'a/.',
      'a/..',
      'a\\..\\b',
      'C:\\a',
      'c:a.txt',
      'a\0b',
      'a\nb',
      'x'.repeat(256),
      'd/'.repeat(64) + 'a'
    ])('the path %j is refused', async path => {
      const { status, json } = await ask('PUT', dropped('drop-3', path), 'x')
      expect([status, json()]).toEqual([400, refused('bad-request')])
      expect(kept()).toEqual([])
    })

    test.each(['..', '../x', 'a/b', '.hidden', 'x'.repeat(101), 'a b'])(
      'the drop %j is refused',
      async drop => {
        expect((await ask('PUT', dropped(drop, 'a.txt'), 'x')).status).toBeGreaterThanOrEqual(400)
        expect((await ask('DELETE', dropped(drop))).status).toBeGreaterThanOrEqual(400)
        expect(kept()).toEqual([])
      }
    )

    test('only PUT and DELETE', async () => {
      expect((await ask('POST', dropped('d', 'a.txt'), 'x')).status).toBe(405)
      expect((await ask('GET', dropped('d'))).status).toBe(405)
    })
  })

  describe('page files', () => {
    const identity = { text: 'abc', weights: 'def', version: 1 }
    const body = JSON.stringify(identity)
    const at = (verb: string, client = 'r1', model = 'm-1') => `${pages(id, model, client)}/${verb}`
    const bytes = (length: number, seed: number) =>
      Uint8Array.from({ length }, (_, i) => (i * 31 + seed) & 255)
    const path = () => join(sample.library.folder, 'documents', id, 'm-1.pages')
    beforeEach(async () => {
      await sample.host.pages.closeAll()
      for (const name of readdirSync(join(path(), '..')))
        if (name.startsWith('m-1.')) unlinkSync(join(path(), '..', name))
    })

    test('verb by verb, with the bytes on disk in each reply, as a page file itself', async () => {
      const direct = new PageFile(join(sample.folder, 'direct.pages'))
      const same = async (reply: { status: number; headers: Headers }, status = 204) => {
        expect(reply.status).toBe(status)
        expect(reply.headers.get('x-bytes')).toBe(String(direct.bytes))
      }
      const [tokens, page, carry, mark] = [bytes(1000, 1), bytes(1_500_000, 2), bytes(300, 3), bytes(77, 4)]
      const opened = await ask('POST', at('open'), body)
      expect(opened.json()).toEqual(await direct.open(identity))
      await same(opened, 200)
      await direct.begin(identity)
      await same(await ask('POST', at('begin'), body))
      for (const [kind, payload] of [
        ['tokens', tokens],
        ['page', page],
        ['carry', carry],
        ['page', bytes(0, 0)]
      ] as const) {
        await direct.append(kind, payload)
        await same(await ask('POST', at(`records/${kind}`), payload))
      }
      await direct.keepCheckpoint(mark)
      await same(await ask('PUT', at('checkpoint'), mark))
      expect((await ask('GET', at('checkpoint'))).bytes).toEqual(mark)
      for (const [index, payload] of [tokens, page, carry, bytes(0, 0)].entries()) {
        const read = await ask('GET', at(`records/${index}`))
        await same(read, 200)
        expect(Buffer.compare(read.bytes, payload)).toBe(0)
      }
      await direct.cut(3)
      await same(await ask('POST', at('cut/3')))
      await direct.seal()
      await same(await ask('POST', at('seal')))
      expect((await ask('GET', at('checkpoint'))).status).toBe(204)
      expect((await ask('POST', at('close'))).status).toBe(204)
      await direct.close()
      // The lock is free, and the file is one that the command line reads.
      const found = new PageFile(path())
      expect(await found.open(identity)).toEqual({
        state: 'complete',
        records: [
          { kind: 'tokens', length: 1000 },
          { kind: 'page', length: 1_500_000 },
          { kind: 'carry', length: 300 },
          { kind: 'seal', length: 0 }
        ]
      })
      await found.close()
    })

    test('a later client takes over, and the earlier one is refused from then on', async () => {
      await ask('POST', at('open'), body)
      await ask('POST', at('begin'), body)
      await ask('POST', at('records/page'), bytes(5000, 1))
      // One of its saves is still under way.
      const [, opened] = await Promise.all([
        ask('POST', at('records/page'), bytes(200_000, 2)),
        ask('POST', at('open', 'r2'), body)
      ])
      const { records } = opened.json() as { records: unknown[] }
      expect(records.length === 1 || records.length === 2).toBe(true)
      for (const [method, verb] of [
        ['POST', 'records/page'],
        ['GET', 'records/0'],
        ['POST', 'cut/0'],
        ['POST', 'seal']
      ] as const) {
        const { status, json } = await ask(method, at(verb), method === 'POST' ? 'x' : undefined)
        expect([status, json()]).toEqual([423, refused('in-use')])
      }
      // Its close must not close what is another's.
      expect((await ask('POST', at('close'))).status).toBe(204)
      expect((await ask('GET', at('records/0', 'r2'))).bytes).toEqual(bytes(5000, 1))
      await ask('POST', at('close', 'r2'))
      expect((await ask('GET', at('records/0', 'r2'))).status).toBe(423)
      expect((await ask('GET', at('records/0'))).status).toBe(423)
    })

    test.each(['r1', 'r2'])('what is being closed is opened again once it is, by %s', async client => {
      const held = { id, modelKey: 'm-1', client: 'r1' }
      const { file } = await sample.host.pages.open(held, identity)
      await file.begin(identity)
      // The file is closed behind what it still writes.
      const written = file.append('page', bytes(50 << 20, 1))
      const closed = sample.host.pages.close(held)
      const again = await sample.host.pages.open({ ...held, client }, identity)
      expect(again.saved).toMatchObject({ state: 'partial', records: [{ kind: 'page' }] })
      await Promise.all([written, closed])
    })

    test('of two that take a file over while it is still written, the later one has it', async () => {
      const held = { id, modelKey: 'm-1', client: 'r1' }
      const { file } = await sample.host.pages.open(held, identity)
      await file.begin(identity)
      const written = file.append('page', bytes(50 << 20, 1))
      const second = sample.host.pages.open({ ...held, client: 'r2' }, identity)
      const third = sample.host.pages.open({ ...held, client: 'r3' }, identity)
      await expect(second).rejects.toMatchObject({ code: 'in-use' })
      expect((await third).saved).toMatchObject({ state: 'partial', records: [{ kind: 'page' }] })
      await written
    })

    test('another program’s page file is respected', async () => {
      const other = new PageFile(path())
      await other.open(identity)
      // Held in this process by another than the host: the lock does not tell them apart.
      const { status, json } = await ask('POST', at('open'), body)
      expect([status, json()]).toEqual([423, refused('in-use')])
      await other.close()
      expect((await ask('POST', at('open'), body)).status).toBe(200)
    })

    test('a damaged record is 409; foreign and torn files say so', async () => {
      await ask('POST', at('open'), body)
      await ask('POST', at('begin'), body)
      await ask('POST', at('records/page'), bytes(5000, 1))
      await ask('POST', at('records/page'), bytes(5000, 2))
      await ask('POST', at('close'))
      const file = readFileSync(path())
      file[file.length - 6000] ^= 1
      writeFileSync(path(), file)
      expect((await ask('POST', at('open'), body)).json()).toMatchObject({
        state: 'partial',
        records: [{}, {}]
      })
      const damaged = await ask('GET', at('records/0'))
      expect([damaged.status, damaged.json()]).toEqual([409, refused('unreadable-file')])
      expect((await ask('GET', at('records/1'))).bytes).toEqual(bytes(5000, 2))
      await ask('POST', at('close'))
      truncateSync(path(), file.length - 10)
      expect((await ask('POST', at('open'), body)).json()).toMatchObject({ state: 'partial', records: [{}] })
      expect((await ask('POST', at('open'), '{"text":"other"}')).json()).toEqual({
        state: 'foreign',
        differs: ['text', 'version', 'weights']
      })
    })

    test('what makes no sense is refused in words', async () => {
      expect((await ask('POST', at('records/page'), 'x')).status).toBe(423)
      await ask('POST', at('open'), body)
      const wrong: [method: string, verb: string, status: number, body?: string][] = [
        ['POST', 'records/page', 400, 'not begun'],
        ['GET', 'records/0', 400],
        ['POST', 'begin', 400, 'no JSON'],
        ['POST', 'begin', 400, '{"a":[1]}'],
        ['POST', 'open', 400, '[]'],
        ['POST', 'records/seal', 400, 'x'],
        ['POST', 'records/head', 400, 'x'],
        ['POST', 'records', 400, 'x'],
        ['GET', 'records/-1', 400],
        ['GET', 'records/1e3', 400],
        ['POST', 'cut/x', 400],
        ['POST', 'seal/1', 404],
        ['POST', 'constructor', 404],
        ['POST', 'open/1/2', 404, body],
        ['GET', 'seal', 405],
        ['DELETE', 'records/0', 405]
      ]
      for (const [method, verb, status, sent] of wrong)
        expect([verb, (await ask(method, at(verb), sent)).status]).toEqual([verb, status])
      await ask('POST', at('begin'), body)
      expect((await ask('GET', at('records/0'))).status).toBe(404)
      expect((await ask('POST', at('cut/1'))).status).toBe(404)
      await ask('POST', at('seal'))
      expect((await ask('POST', at('records/page'), 'x')).status).toBe(400)
    })

    test('unknown documents and names that leave the folder have no pages', async () => {
      for (const document of ['0123456789abcdef', '..', '../../x', 'book.md'])
        expect((await ask('POST', `${pages(document, 'm-1', 'r1')}/open`, body)).status).toBe(404)
      for (const model of ['..', '../x', 'a b', '.m'])
        expect((await ask('POST', at('open', 'r1', model), body)).status).toBeGreaterThanOrEqual(400)
      expect((await ask('POST', at('open', '../r'), body)).status).toBe(400)
      expect(sample.host.pages.count).toBe(0)
    })
  })
})

test('a page file is closed and its lock free when the host closes', async () => {
  const sample = await sampleHost()
  const { id } = (await sample.library.add(sample.write('a.txt', 'Alpha\n'))).document
  const { file } = await sample.host.pages.open({ id, modelKey: 'm-1', client: 'r' }, { a: 1 })
  await file.begin({ a: 1 })
  await sample.host.close()
  const other = new PageFile(sample.library.pages(id, 'm-1'))
  expect(await other.open({ a: 1 })).toEqual({ state: 'partial', records: [] })
  await other.close()
  await sample.end()
})

test('what a run that was killed received is removed by the next; what a living one receives is not', async () => {
  const sample = await sampleHost()
  const incoming = join(sample.library.folder, 'incoming')
  mkdirSync(join(incoming, 'run-0000', 'd'), { recursive: true })
  writeFileSync(join(incoming, 'run-0000', 'd', 'a.txt'), 'x')
  const living = new Drops(() => sample.library.folder)
  await living.put('d', 'b.txt', new Response('y').body)
  const next = makeHost({
    library: sample.library,
    embedded: [{ id: 'embedded', name: 's', folder: sample.folder }],
    version: '1',
    software: 'T'
  })
  await vi.waitFor(() => expect(existsSync(join(incoming, 'run-0000'))).toBe(false), 30_000)
  expect(await living.picked('d')).toEqual([expect.stringMatching(/b\.txt$/)])
  await living.close()
  await next.close()
  await vi.waitFor(() => expect(readdirSync(incoming)).toEqual([]), 30_000)
  await sample.end()
})

test('a body that ends early or goes on for too long leaves nothing', async () => {
  const sample = await sampleHost()
  const { drops } = sample.host
  await expect(drops.put('d', 'a.txt', new Response('abc').body, { length: 4 })).rejects.toMatchObject({
    code: 'unreadable-file'
  })
  await expect(drops.put('d', 'a.txt', new Response('abc').body, { length: 2 })).rejects.toMatchObject({
    code: 'too-long'
  })
  await expect(drops.put('d', 'a.txt', new Response('abc').body, { length: 1e15 })).rejects.toMatchObject({
    code: 'too-long'
  })
  await expect(drops.folder('d')).rejects.toMatchObject({ code: 'not-found' })
  await sample.end()
})

test.each(['con', 'NUL.txt', 'aux.c', 'com1', 'a.', 'a ', 'a?b', 'conin$', 'LPT9.log'])(
  '%j is no name of a file on Windows',
  name => expect([isPlain(name, 'win32'), isPlain(name, 'linux')]).toEqual([false, true])
)
