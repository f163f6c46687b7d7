import { expect, it } from 'vitest'
import { supportOf } from './support'

const passage = (start: number, end: number) => ({ start, end, score: 0.5, text: 'x'.repeat(end - start) })

it('nothing stands behind the words that the document does not say', () => {
  const sources = [passage(0, 10)]
  expect(supportOf({ content: 'The document does not say.', sources })).toEqual([])
  expect(supportOf({ content: '1841', sources })).toBe(sources)
  expect(supportOf({ content: '1841' })).toEqual([])
})

it('no passage is shown twice, nor a part of another', () => {
  const [one, part, other] = [passage(0, 100), passage(20, 60), passage(90, 200)]
  expect(supportOf({ content: 'a', sources: [part, one, other] })).toEqual([one, other])
  expect(supportOf({ content: 'a', sources: [one, { ...one }, other] })).toEqual([one, other])
})
