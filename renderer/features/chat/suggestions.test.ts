import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { createElement } from 'react'
import { renderToStaticMarkup } from 'react-dom/server'
import { expect, test, vi } from 'vitest'
import type { Chat } from '../../../contract/chat'
import '../../words/index'
import { useChat } from '../../store/chat'
import { useDocuments } from '../../store/documents'

const name = 'the-keeper-of-skerry-light.txt'
const text = readFileSync(join(import.meta.dirname, '../../../assets/samples', name), 'utf8')

vi.stubGlobal('localStorage', { getItem: () => null, setItem: () => undefined })
vi.mock('./asking', () => ({ useAsking: () => ({ name: 'all' }) }))
vi.mock('./use-beginning', () => ({ useBeginning: () => text.slice(0, 20_000) }))
vi.mock('./model-for', () => ({ useModelFor: () => ({ card: { languages: ['en'], answers: [] } }) }))
const { FurtherSuggestions } = await import('./suggestions')

// What is rendered without a page is a store's initial state.
Object.assign(useDocuments.getInitialState(), { documents: { d: { name } } })

const chat = (...asked: string[]): Chat =>
  ({
    id: 'c',
    messages: asked.map((content, i) => ({ id: String(i), role: 'user', content }))
  }) as unknown as Chat
const shown = (...asked: string[]): string =>
  renderToStaticMarkup(createElement(FurtherSuggestions, { documentId: 'd', chat: chat(...asked) }))

const [magic, built, captain] = [
  'What is the special magic Lisbon number?',
  'When was the lighthouse built?',
  'What was the name of the captain?'
]

test('what was not asked yet stays within reach below the conversation', () => {
  const html = shown(built)
  expect(html).toContain('2 more questions to try')
  expect(html).toContain(magic)
  expect(html).toContain(captain)
  expect(html).not.toContain(built)
  expect(shown(magic, built)).toContain('1 more question to try')
  expect(shown(magic, built, captain)).toBe('')
})

test('none while an answer is on its way', () => {
  const initial = useChat.getInitialState()
  Object.assign(initial, { answering: { c: { messageId: '1', text: '', opening: true } } })
  expect(shown(built)).toBe('')
  Object.assign(initial, { answering: {} })
  expect(shown(built)).not.toBe('')
})
