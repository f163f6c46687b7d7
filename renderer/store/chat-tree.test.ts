import { describe, expect, it } from 'vitest'
import type { Chat, ChatMessage } from '../../contract/chat'
import { begunAnswer, branchOf, grown, historyBefore, newestLeaf, siblingsOf, withMessage } from './chat-tree'

const message = (id: string, parent?: string, rest: Partial<ChatMessage> = {}): ChatMessage => ({
  id,
  ...(parent !== undefined && { parent }),
  role: id.startsWith('q') ? 'user' : 'assistant',
  content: `says ${id}`,
  at: '2026-01-02T03:04:05.000Z',
  ...(id.startsWith('a') && { state: 'answered' as const }),
  ...rest
})

const chatOf = (...messages: ChatMessage[]): Chat => ({
  id: 'chat',
  title: 'Title',
  modelKey: 'key',
  messages,
  createdAt: '2026-01-01T00:00:00.000Z',
  updatedAt: '2026-01-01T00:00:00.000Z'
})

/** q1 → a1 → q2 → a2, then a2 once more (b: a2b), then q1 in other words (q1b → a3). */
const forked = chatOf(
  message('q1'),
  message('a1', 'q1'),
  message('q2', 'a1'),
  message('a2', 'q2'),
  message('a2b', 'q2'),
  message('q1b'),
  message('a3', 'q1b')
)

const ids = (messages: readonly ChatMessage[]): string[] => messages.map(({ id }) => id)

describe('the branch that is shown', () => {
  it('leads from the first message to the leaf', () => {
    expect(ids(branchOf({ ...forked, leaf: 'a2' }))).toEqual(['q1', 'a1', 'q2', 'a2'])
    expect(ids(branchOf({ ...forked, leaf: 'a2b' }))).toEqual(['q1', 'a1', 'q2', 'a2b'])
  })
  it('ends with the newest message when no leaf is named, or one that is gone', () => {
    expect(ids(branchOf(forked))).toEqual(['q1b', 'a3'])
    expect(ids(branchOf({ ...forked, leaf: 'gone' }))).toEqual(['q1b', 'a3'])
  })
  it('is empty without messages, and ends where a file holds a loop or lacks a parent', () => {
    expect(branchOf(chatOf())).toEqual([])
    expect(ids(branchOf(chatOf(message('q1', 'a1'), message('a1', 'q1'))))).toEqual(['q1', 'a1'])
    expect(ids(branchOf(chatOf(message('a1', 'lost'))))).toEqual(['a1'])
  })
})

describe('siblings', () => {
  it('are the answers to one question, and the questions in one place', () => {
    expect(ids(siblingsOf(forked.messages, forked.messages[3]!))).toEqual(['a2', 'a2b'])
    expect(ids(siblingsOf(forked.messages, forked.messages[0]!))).toEqual(['q1', 'q1b'])
  })
  it('lead to the newest end below them', () => {
    expect(newestLeaf(forked.messages, 'q1')).toBe('a2b')
    expect(newestLeaf(forked.messages, 'a2')).toBe('a2')
    expect(newestLeaf(forked.messages, 'q1b')).toBe('a3')
  })
})

describe('the history of a question', () => {
  it('is that of its own branch, in pairs', () => {
    expect(historyBefore(forked, 'a2b')).toEqual([
      { role: 'user', content: 'says q1' },
      { role: 'assistant', content: 'says a1' },
      { role: 'user', content: 'says q2' },
      { role: 'assistant', content: 'says a2b' }
    ])
    expect(historyBefore(forked, 'a1')).toHaveLength(2)
  })
  it('is empty at the beginning of a branch', () => expect(historyBefore(forked, undefined)).toEqual([]))
  it('leaves out what failed or said nothing, with its question, and keeps what was stopped', () => {
    const chat = chatOf(
      message('q1'),
      message('a1', 'q1', { state: 'failed', content: 'half' }),
      message('q2', 'a1'),
      message('a2', 'q2', { state: 'stopped', content: ' ' }),
      message('q3', 'a2'),
      message('a3', 'q3', { state: 'stopped' })
    )
    expect(historyBefore(chat, 'a3')).toEqual([
      { role: 'user', content: 'says q3' },
      { role: 'assistant', content: 'says a3' }
    ])
  })
})

describe('growing', () => {
  it('shows what was added and changes nothing else', () => {
    const chat = grown(
      { ...forked, leaf: 'a2' },
      message('q3', 'a2'),
      message('a4', 'q3', { at: '2026-03-03' })
    )
    expect(ids(branchOf(chat))).toEqual(['q1', 'a1', 'q2', 'a2', 'q3', 'a4'])
    expect(chat.updatedAt).toBe('2026-03-03')
    expect(forked.messages).toHaveLength(7)
  })
  it('replaces one message and leaves the others the same objects, so that only it is drawn anew', () => {
    const chat = withMessage(forked, 'a2', { content: 'new' })
    expect(chat.messages[3]).toEqual({ ...forked.messages[3], content: 'new' })
    chat.messages.forEach((each, i) => i === 3 || expect(each).toBe(forked.messages[i]))
  })
})

describe('an answer that has begun', () => {
  const begun = grown(chatOf(message('q1')), begunAnswer({ id: 'a1', at: '2026-01-03' }, 'q1'))
  it('is interrupted, wherever the program ends', () => {
    const loaded = JSON.parse(JSON.stringify(begun)) as Chat
    expect(branchOf(loaded).at(-1)).toEqual({
      id: 'a1',
      parent: 'q1',
      role: 'assistant',
      content: '',
      at: '2026-01-03',
      state: 'interrupted'
    })
    expect(historyBefore(loaded, 'a1')).toEqual([])
  })
  it('is answered by its end', () => {
    const { messages } = withMessage(begun, 'a1', { content: 'All of it.', state: 'answered' })
    expect(messages[1]).toMatchObject({ parent: 'q1', content: 'All of it.', state: 'answered' })
  })
})
