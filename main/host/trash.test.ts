/** What a person takes away can be brought back for some minutes: on a real library, through the host's calls. */
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import { PageFile } from '../disk/page-file'
import { trashFolder } from '../disk/paths'
import { makeHost, type MachineHost } from './host'
import { sampleHost, type SampleHost } from './testing/sample-host'

let sample: SampleHost
let host: MachineHost
let id: string

const at = '2026-01-01T00:00:00.000Z'
const chat = {
  id: 'c1',
  title: 'About lamps',
  modelKey: 'm',
  messages: [{ id: 'q', role: 'user' as const, content: 'Who lit it?', at }],
  createdAt: at,
  updatedAt: at
}
const inDocument = (name: string): string => join(sample.library.folder, 'documents', id, name)
const trash = (): string[] =>
  existsSync(trashFolder(sample.library.folder)) ? readdirSync(trashFolder(sample.library.folder)) : []

async function read(tokens: number): Promise<void> {
  const file = new PageFile(sample.library.pages(id, 'm-1'))
  await file.open({ model: 'm-1' })
  await file.begin({ model: 'm-1' })
  await file.append('tokens', Buffer.alloc(tokens))
  await file.close()
  await host.calls.noteReading(id, {
    modelKey: 'm-1',
    modelName: 'm',
    tokens: 900,
    read: tokens,
    state: 'partial'
  })
}
const info = async () => (await host.calls.listDocuments()).find(each => each.id === id)

beforeEach(async () => {
  sample = await sampleHost()
  host = sample.host
  const grants = [host.grants.give(sample.write('book.txt', 'A keeper lit the lamp every night.\n'))]
  const { added } = await host.calls.addDocuments({ grants }, {})
  id = added[0].document.id
  await sample.library.writeChat(id, chat)
  await host.calls.keepView(id, { place: 12 })
  await read(300)
})
afterEach(async () => {
  vi.useRealTimers()
  await sample.end()
})

describe('what is taken away comes back as it was', () => {
  test('a document, with its text, readings, conversations and the place in it', async () => {
    const before = await info()
    const trashed = await host.calls.removeDocument(id)
    expect(trashed).toMatchObject({ what: 'document', name: 'book.txt', documentId: id })
    expect(trashed.bytes).toBeGreaterThan(300)
    expect(await host.calls.listDocuments()).toEqual([])
    expect(existsSync(inDocument(''))).toBe(false)
    await host.calls.restore(trashed.id)
    expect(await info()).toEqual(before)
    expect(await host.calls.listChats(id)).toMatchObject([{ id: 'c1', title: 'About lamps' }])
    expect(readFileSync(inDocument('text.txt'), 'utf8')).toContain('lamp')
    expect(trash()).toEqual([])
    // No lock came back with it: it can be read on.
    await read(400)
    expect((await info())?.readings).toMatchObject([{ read: 400 }])
  })

  test('a reading', async () => {
    const before = await info()
    const trashed = await host.calls.trashReading(id, 'm-1')
    expect((await info())?.readings).toEqual([])
    expect(existsSync(sample.library.pages(id, 'm-1'))).toBe(false)
    await host.calls.restore(trashed.id)
    expect((await info())?.readings).toEqual(before?.readings)
    await read(400)
    expect((await info())?.readings).toMatchObject([{ read: 400 }])
  })

  test('a conversation', async () => {
    const trashed = await host.calls.deleteChat(id, 'c1')
    expect(await host.calls.listChats(id)).toEqual([])
    await host.calls.restore(trashed!.id)
    expect(await sample.library.readChat(id, 'c1')).toEqual(chat)
    expect(await host.calls.deleteChat(id, 'never-saved')).toBeNull()
  })

  test('a model', async () => {
    const folder = join(sample.library.folder, 'models', 'mine')
    mkdirSync(folder, { recursive: true })
    writeFileSync(join(folder, 'params.json'), '{}')
    writeFileSync(join(folder, 'w.safetensors'), 'weights')
    const trashed = await host.calls.removeModel('installed:mine')
    expect((await host.calls.listModels()).map(({ name }) => name)).toEqual(['sample'])
    await host.calls.restore(trashed.id)
    expect((await host.calls.listModels()).map(({ name }) => name)).toEqual(['sample', 'mine'])
    expect(readFileSync(join(folder, 'w.safetensors'), 'utf8')).toBe('weights')
  })
})

describe('what came meanwhile is not written over', () => {
  test('a document that was added again keeps its new conversations and gets back the old ones', async () => {
    const trashed = await host.calls.removeDocument(id)
    const grants = [host.grants.give(join(sample.folder, 'book.txt'))]
    await host.calls.addDocuments({ grants }, {})
    await sample.library.writeChat(id, { ...chat, id: 'c2' })
    await host.calls.restore(trashed.id)
    expect((await host.calls.listChats(id)).map(each => each.id).sort()).toEqual(['c1', 'c2'])
  })

  test('a reading that came further stays, one that did not gives way', async () => {
    const first = await host.calls.trashReading(id, 'm-1')
    await read(500)
    await expect(host.calls.restore(first.id)).rejects.toMatchObject({ code: 'in-use' })
    expect((await info())?.readings).toMatchObject([{ read: 500 }])
    await host.calls.removeReading(id, 'm-1')
    await read(20)
    await host.calls.restore(first.id)
    expect((await info())?.readings).toMatchObject([{ read: 300 }])
  })
})

describe('its end', () => {
  test('after five minutes it is erased, and that is said', async () => {
    vi.useFakeTimers({ toFake: ['Date', 'setTimeout', 'clearTimeout'] })
    const trashed = await host.calls.trashReading(id, 'm-1')
    await vi.waitFor(() => expect(vi.getTimerCount()).toBeGreaterThan(0), 30_000)
    expect(Math.abs(Date.parse(trashed.until) - Date.now() - 300_000)).toBeLessThan(2000)
    vi.advanceTimersByTime(290_000)
    expect(trash()).toEqual([trashed.id])
    vi.advanceTimersByTime(12_000)
    vi.useRealTimers()
    await vi.waitFor(() => expect(trash()).toEqual([]), 30_000)
    await expect(host.calls.restore(trashed.id)).rejects.toMatchObject({
      code: 'not-found',
      message: expect.stringContaining('cannot be brought back')
    })
  })

  test('when the program ends nothing that was removed lies about', async () => {
    await host.calls.removeDocument(id)
    expect(trash()).toHaveLength(1)
    await host.close()
    expect(trash()).toEqual([])
  })

  test('after a crash it can still be brought back, and what is no entry is erased', async () => {
    const trashed = await host.calls.removeDocument(id)
    mkdirSync(join(trashFolder(sample.library.folder), '00000000-0000-4000-8000-000000000000', '0'), {
      recursive: true
    })
    const next = makeHost({
      library: sample.library,
      embedded: [{ id: 'embedded', name: 'sample', folder: join(sample.folder, 'model') }],
      version: '1',
      software: 'Test'
    })
    await vi.waitFor(() => expect(trash()).toEqual([trashed.id]), 30_000)
    expect(await next.calls.listTrash()).toEqual([trashed])
    await next.calls.restore(trashed.id)
    expect(await info()).toMatchObject({ name: 'book.txt', readings: [{ read: 300 }] })
    await next.close()
  })

  test('what fits in no case does not cost it', async () => {
    const { id: trashed } = await host.calls.trashReading(id, 'm-1')
    const { fits, evicted } = await host.calls.makeRoom(1e15, id)
    expect([fits, evicted, trash()]).toEqual([false, [], [trashed]])
  })
})
