import { expect, it } from 'vitest'
import { documentsOf } from './leaving-documents'

it('names a document once however often it was read, and its earlier text besides', () => {
  const leaving = (documentId: string, modelKey: string, replaced = false) => ({
    ...{ documentId, name: 'letter.txt', modelKey, replaced },
    ...{ tokens: 300, bytes: 1000 }
  })
  const found = documentsOf([
    leaving('a', 'small'),
    leaving('a', 'gemma-kv8'),
    leaving('b', 'small'),
    leaving('a', 'small', true)
  ])
  expect(found.map(({ documentId, replaced }) => [documentId, replaced])).toEqual([
    ['a', false],
    ['b', false],
    ['a', true]
  ])
})
