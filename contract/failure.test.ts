import { expect, test } from 'vitest'
import { HostFailure, sentenceOf } from './failure'

test('the sentence of whatever was thrown: a failure, a word, what lost its class between processes, nothing at all', () => {
  expect(sentenceOf(new HostFailure('not-found', 'It is gone.'))).toBe('It is gone.')
  expect(sentenceOf('a word')).toBe('a word')
  expect(sentenceOf(structuredClone({ code: 'in-use', message: 'It is open.' }))).toBe('It is open.')
  expect([sentenceOf(undefined), sentenceOf(null), sentenceOf(7)]).toEqual(['undefined', 'null', '7'])
})
