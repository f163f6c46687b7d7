import { afterEach, expect, test, vi } from 'vitest'
import type { Chat } from '../../contract/chat'

vi.mock('./running-engine', () => ({ currentHost: () => ({ bytes: { at: 'http://host', headers: {} } }) }))

const sent: { title: string; keepalive: boolean; answer: () => void }[] = []
const page = new EventTarget()
vi.stubGlobal('addEventListener', page.addEventListener.bind(page))
vi.stubGlobal('fetch', (_: string, { body, keepalive }: { body: string; keepalive: boolean }) => {
  const { title } = JSON.parse(body) as Chat
  return new Promise(resolve =>
    sent.push({ title, keepalive, answer: () => resolve(new Response('{}', { status: 200 })) })
  )
})
const { keepChat, kept } = await import('./kept-chats')
const { useChat } = await import('../store/chat')

const called = (title: string): void => {
  const at = '2026-01-01'
  const chat: Chat = { id: 'c', title, modelKey: 'm', messages: [], createdAt: at, updatedAt: at }
  useChat.setState({ chats: { c: chat } })
}
const titles = () => sent.map(({ title }) => title)
const settled = () => new Promise(resolve => setTimeout(resolve, 5))

afterEach(() => sent.splice(0))

test('a write waits for the one before it and sends what is there then', async () => {
  called('one')
  void keepChat('d', 'c')
  await settled()
  called('two')
  void keepChat('d', 'c')
  called('three')
  await settled()
  expect(titles()).toEqual(['one'])
  sent[0]!.answer()
  await settled()
  expect(titles()).toEqual(['one', 'three'])
  sent[1]!.answer()
  await kept('c')
})

test('when the page goes away, what waits is sent at once', async () => {
  called('answered')
  void keepChat('d', 'c')
  await settled()
  called('asked again')
  void keepChat('d', 'c')
  await settled()
  page.dispatchEvent(new Event('pagehide'))
  expect(titles()).toEqual(['answered', 'asked again'])
  expect(sent[1]!.keepalive).toBe(true)
})
