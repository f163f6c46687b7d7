import i18next from 'i18next'
import { afterAll, describe, expect, it } from 'vitest'
import type { Chat } from '../../contract/chat'
import '../words/index'
import { fileName, jsonOf, markdownOf } from './export-chat'

const at = '2026-01-02T03:04:05.000Z'
const chat: Chat = {
  id: 'chat',
  title: 'Who keeps the light?',
  modelKey: 'key',
  messages: [
    { id: 'q1', role: 'user', content: 'Who keeps\nthe light?', at },
    {
      id: 'a1',
      parent: 'q1',
      role: 'assistant',
      content: ' **Tobias Finch**.\n',
      at,
      state: 'answered',
      modelName: 'Embedded',
      inView: { tokens: 312480, total: 312480 },
      sources: [{ start: 3, end: 9, score: 0.4, text: 'a quiet man\ncalled Tobias' }]
    },
    {
      id: 'a2',
      parent: 'q1',
      role: 'assistant',
      content: 'Agnes',
      at,
      state: 'stopped',
      inView: { tokens: 193000, total: 312480 }
    },
    {
      id: 'a3',
      parent: 'q1',
      role: 'assistant',
      content: '',
      at,
      state: 'failed',
      reason: 'The device went.'
    }
  ],
  createdAt: at,
  updatedAt: at
}
const about = { id: 'doc', name: 'light.txt', textDigest: 'abc' }

afterAll(() => i18next.changeLanguage('en'))

describe('Markdown', () => {
  it('holds the branch that is shown, with coverage and passages', () => {
    expect(markdownOf({ ...chat, leaf: 'a1' }, about)).toBe(`# Who keeps the light?

About: light.txt

## Your question

Who keeps
the light?

## Embedded

**Tobias Finch**.

*312,480 of 312,480 tokens in view*

Where the answer looked

1. > a quiet man
   > called Tobias
`)
  })
  it('says that an answer was stopped or partial', () => {
    const text = markdownOf({ ...chat, leaf: 'a2' }, about)
    expect(text).toContain('*Stopped.*')
    expect(text).toContain('*61% read: 193,000 of 312,480 tokens in view*')
    expect(text).not.toContain('Tobias Finch')
  })
  it('says what an answer looked at whose question was looked up first', () => {
    const looked = (tokens: number) => {
      const inView = { tokens, total: 312480, answeredFrom: 496 }
      return markdownOf(
        { ...chat, messages: chat.messages.map(each => ({ ...each, inView })), leaf: 'a1' },
        about
      )
    }
    expect(looked(312480)).toContain('*looked up in 312,480 of 312,480 tokens, answered from 496 of them*')
    expect(looked(312480)).not.toContain('in view')
    expect(looked(193000)).toContain('*61% read: 193,000 of 312,480 tokens in view*')
    expect(looked(193000)).toContain('*looked up in 193,000 of 312,480 tokens, answered from 496 of them*')
  })
  it('says why an answer failed', () =>
    expect(markdownOf({ ...chat, leaf: 'a3' }, about)).toContain('The device went.'))
  it('speaks German', async () => {
    await i18next.changeLanguage('de')
    expect(markdownOf({ ...chat, leaf: 'a1' }, about)).toContain('312.480 von 312.480 Token im Blick')
    await i18next.changeLanguage('en')
  })
})

describe('JSON', () => {
  it('holds every branch and the document it is about', () => {
    const { document, ...rest } = JSON.parse(jsonOf(chat, about)) as Chat & { document: unknown }
    expect(document).toEqual(about)
    expect(rest).toEqual(chat)
  })
})

describe('the name of the file', () => {
  it('comes from document and title', () =>
    expect(fileName('light.txt', 'Who keeps the light?')).toBe('light - Who keeps the light'))
  it('has nothing that a file system refuses', () => {
    expect(fileName('a/b\\c:d.md', '<x>|"y"* \n..')).toBe('a b c d - x y')
    expect(fileName('x'.repeat(300), 'y')).toHaveLength(100)
    expect(fileName('..', '...')).toBe('-')
  })
})
