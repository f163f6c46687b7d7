import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import type { Chat, ChatMessage } from '../../contract/chat'
import type { Host } from '../../contract/host'
import { useChat } from '../store/chat'
import { KeptChats } from './kept-chats'

const sent: { chat: Chat; keepalive: boolean; answer: () => void }[] = []
const storage = new Map<string, string>()
vi.stubGlobal('localStorage', {
  getItem: (key: string) => storage.get(key) ?? null,
  setItem: (key: string, value: string) => storage.set(key, value),
  removeItem: (key: string) => storage.delete(key)
})
/** Chromium's: bytes of keepalive requests whose answer was not read to its end. */
let underWay = 0
const most = 64 * 1024
let host: 'held' | 'quick' | 'gone' | 'full' = 'held'
const onDisk = new Map<string, Chat>()

vi.stubGlobal('fetch', (url: string, init: { body?: string; keepalive?: boolean }) => {
  if (host === 'gone') return Promise.reject(new TypeError('Failed to fetch'))
  const id = url.split('/').at(-1)!
  if (init.body === undefined) {
    const chat = onDisk.get(id)
    return Promise.resolve(
      new Response(JSON.stringify(chat ?? { code: 'not-found', message: 'None.' }), {
        status: chat ? 200 : 404
      })
    )
  }
  const { body, keepalive = false } = init
  if (keepalive && underWay + body.length > most) return Promise.reject(new TypeError('Failed to fetch'))
  if (keepalive) underWay += body.length
  const chat = JSON.parse(body) as Chat
  const answered = (): Response => {
    if (host === 'full')
      return new Response('{"code":"disk-full","message":"The disk is full."}', { status: 507 })
    onDisk.set(id, chat)
    const read = new TransformStream<Uint8Array, Uint8Array>({
      flush: () => void (underWay -= keepalive ? body.length : 0)
    })
    void new Response('{"id":"c"}').body!.pipeTo(read.writable)
    return new Response(read.readable, { status: 200 })
  }
  if (host !== 'held') {
    sent.push({ chat, keepalive, answer: () => undefined })
    return Promise.resolve(answered())
  }
  return new Promise(resolve => sent.push({ chat, keepalive, answer: () => resolve(answered()) }))
})
const chats = new KeptChats(() => ({ bytes: { at: 'http://host', headers: {} } }) as Host)

const message = (id: string, more: Partial<ChatMessage> = {}): ChatMessage => ({
  id,
  role: 'user',
  content: id,
  at: '2026-01-01',
  ...more
})
const called = (title: string, messages: ChatMessage[] = []): Chat => {
  const at = '2026-01-01'
  const chat: Chat = { id: 'c', title, modelKey: 'm', messages, createdAt: at, updatedAt: at }
  useChat.setState({ chats: { c: chat } })
  return chat
}
const titles = () => sent.map(({ chat }) => chat.title)
const settled = () => new Promise(resolve => setTimeout(resolve, 5))
const onShelf = (): { chat: Chat }[] =>
  JSON.parse(storage.get('readonce-unsaved') ?? '[]') as { chat: Chat }[]

beforeEach(() => {
  sent.splice(0)
  ;[underWay, host] = [0, 'held']
  onDisk.clear()
})
afterEach(() => {
  chats.forget('c')
  useChat.setState({ chats: {}, answering: {} })
  storage.clear()
  vi.useRealTimers()
})

describe('saving', () => {
  test('a write waits for the one before it and sends what is there then', async () => {
    called('one')
    void chats.keep('d', 'c')
    await settled()
    called('two')
    void chats.keep('d', 'c')
    called('three')
    await settled()
    expect(titles()).toEqual(['one'])
    sent[0]!.answer()
    await settled()
    expect(titles()).toEqual(['one', 'three'])
    sent[1]!.answer()
    await chats.kept('c')
  })

  test('goes on after 64 KiB: answers are read, so that the browser’s room for such requests is free again', async () => {
    host = 'quick'
    for (let i = 0; i < 40; i++) {
      called(`${i} ${'x'.repeat(8000)}`)
      await chats.keep('d', 'c')
    }
    expect(sent.every(({ keepalive }) => keepalive)).toBe(true)
    expect(sent).toHaveLength(40)
    expect(useChat.getState().unsaved).toEqual({})
  })

  test('what the browser refuses to send with keepalive is sent once without it', async () => {
    host = 'quick'
    underWay = most
    called('refused at first')
    await chats.keep('d', 'c')
    expect(sent.map(({ chat, keepalive }) => [chat.title, keepalive])).toEqual([['refused at first', false]])
    expect(useChat.getState().unsaved).toEqual({})
  })

  test('one longer than 64 KiB is sent without keepalive at once', async () => {
    host = 'quick'
    called('long', [message('q', { content: 'x'.repeat(100_000) })])
    await chats.keep('d', 'c')
    expect(sent.map(({ keepalive }) => keepalive)).toEqual([false])
  })
})

describe('what could not be saved', () => {
  test('is told in words, kept in the browser, and tried again by itself', async () => {
    vi.useFakeTimers()
    host = 'gone'
    called('kept for later', [message('q')])
    await chats.keep('d', 'c')
    expect(useChat.getState().unsaved['c']).toMatch(/has ended/)
    expect(useChat.getState().unsaved['c']).not.toContain('Failed to fetch')
    expect(onShelf().map(({ chat }) => chat.title)).toEqual(['kept for later'])
    await vi.advanceTimersByTimeAsync(2500)
    host = 'quick'
    // The second try failed too: the third comes after twice the time.
    await vi.advanceTimersByTimeAsync(3000)
    expect(sent).toEqual([])
    await vi.advanceTimersByTimeAsync(1500)
    expect(onDisk.get('c')?.title).toBe('kept for later')
    expect(useChat.getState().unsaved).toEqual({})
    expect(onShelf()).toEqual([])
  })

  test('a full disk is told as the host tells it', async () => {
    host = 'full'
    called('full')
    const saving = chats.keep('d', 'c')
    await settled()
    sent[0]?.answer()
    await saving
    expect(useChat.getState().unsaved['c']).toBe('The disk is full.')
  })

  test('is sent by the next page, and is not written over what the host has', async () => {
    host = 'gone'
    const [q1, a1] = [message('q1'), message('a1', { parent: 'q1', role: 'assistant', state: 'interrupted' })]
    called('one', [q1, { ...a1, content: 'half an' }, message('q2', { parent: 'a1' })])
    await chats.keep('d', 'c')
    host = 'quick'
    const whole = { ...a1, content: 'half an answer and more', state: 'answered' as const }
    onDisk.set('c', { ...called('renamed'), messages: [q1, whole] })
    await chats.sendShelved()
    expect(onDisk.get('c')).toMatchObject({
      title: 'renamed',
      messages: [{ id: 'q1' }, { id: 'a1', content: 'half an answer and more' }, { id: 'q2' }]
    })
    expect(onShelf()).toEqual([])
  })
})

describe('when the page goes away', () => {
  test('what waits is sent at once', async () => {
    called('answered')
    void chats.keep('d', 'c')
    await settled()
    called('asked again')
    void chats.keep('d', 'c')
    await settled()
    chats.sendNow()
    expect(titles()).toEqual(['answered', 'asked again'])
    expect(sent[1]!.keepalive).toBe(true)
    host = 'quick'
    for (const { answer } of sent) answer()
    await chats.kept('c')
  })

  test('an answer that grows is sent with what was said so far, and kept in the browser too', async () => {
    host = 'quick'
    called('growing', [
      message('q'),
      message('a', { parent: 'q', role: 'assistant', content: '', state: 'interrupted' })
    ])
    await chats.keep('d', 'c')
    useChat.setState({ answering: { c: { messageId: 'a', text: 'The keeper', opening: false } } })
    chats.sendNow()
    expect(sent.at(-1)!.chat.messages[1]?.content).toBe('The keeper')
    expect(onShelf()[0]?.chat.messages[1]?.content).toBe('The keeper')
  })

  test('a program that ends waits for all of it', async () => {
    called('growing', [message('q'), message('a', { parent: 'q', role: 'assistant', state: 'interrupted' })])
    void chats.keep('d', 'c')
    await settled()
    useChat.setState({ answering: { c: { messageId: 'a', text: 'so far', opening: false } } })
    let done = false
    const all = chats.keepAll().then(() => (done = true))
    await settled()
    expect(done).toBe(false)
    sent[0]!.answer()
    await settled()
    sent[1]!.answer()
    await all
    expect(onDisk.get('c')?.messages[1]?.content).toBe('so far')
  })
})
