import { expect, it } from 'vitest'
import { historyOf } from './chat'

it('a further question is told of those before that have an answer', () => {
  const asked = (content: string) => ({ role: 'user' as const, content })
  const said = (content: string, state: 'answered' | 'stopped' | 'failed' = 'answered') => ({
    role: 'assistant' as const,
    content,
    state
  })
  expect(
    historyOf([
      ...[asked('one'), said('1')],
      // Stopped before its first word, and in the middle; not made at all.
      ...[asked('two'), said(' ', 'stopped'), asked('three'), said('3 and', 'stopped')],
      ...[asked('four'), said('4', 'failed'), asked('five')]
    ])
  ).toEqual(
    [asked('one'), asked('three')].flatMap((q, i) => [q, { role: 'assistant', content: ['1', '3 and'][i] }])
  )
})
