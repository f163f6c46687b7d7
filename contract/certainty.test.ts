import { expect, it } from 'vitest'
import { saysNothing, saysNumberOnly, trustOf } from './certainty'

it('is measured against the border of the model that answered', () => {
  const said = { content: '1841' }
  expect(trustOf({ ...said, certainty: 0.61, border: 0.6 })).toBe('sure')
  expect(trustOf({ ...said, certainty: 0.6, border: 0.6 })).toBe('sure')
  expect(trustOf({ ...said, certainty: 0.59, border: 0.6 })).toBe('unsure')
})

it('claims nothing where nothing was measured', () => {
  expect(trustOf({ content: '1841', certainty: 0.99 })).toBe('unmeasured')
  expect(trustOf({ content: '1841', border: 0.6 })).toBe('unmeasured')
  expect(trustOf({ content: '1841' })).toBe('unmeasured')
})

it('does not believe what only repeats itself, however sure its tokens are', () => {
  const loop = { content: 'the old old old', certainty: 0.99, border: 0.6 }
  expect(trustOf({ ...loop, state: 'repeated' })).toBe('unsure')
  expect(trustOf({ ...loop, state: 'answered' })).toBe('sure')
})

it.each([
  'The document does not say.',
  ' The document does not say ',
  "The text doesn't mention his age.",
  'This document does not contain that information.',
  'There is no mention of a captain.',
  'Das Dokument sagt es nicht.',
  'Das Dokument enthält keine Angabe dazu.',
  'Dazu steht nichts im Text.'
])('says nothing: %s', answer => {
  expect(saysNothing(answer)).toBe(true)
  expect(trustOf({ content: answer, certainty: 0.9, border: 0.5 })).toBe('silent')
})

it.each([
  '',
  '4821',
  'The document does not say who, but page 5 names Henrik Dahl.',
  'The document does not say. Henrik Dahl was captain.',
  'The captain did not say a word.',
  'Das Dokument sagt nicht viel, aber es nennt den Kapitän.',
  'He says that the document does not say.'
])('says something: %s', answer => expect(saysNothing(answer)).toBe(false))

it.each(['1', ' 1.', '4,821', '(12)', '3 000'])('a number only: %s', answer =>
  expect(saysNumberOnly(answer)).toBe(true)
)
it.each(['', 'one', '3 boats', 'in 1841', '3 to 4'])('more than a number: %s', answer =>
  expect(saysNumberOnly(answer)).toBe(false)
)
