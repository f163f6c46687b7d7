import { describe, expect, it } from 'vitest'
import type { DocumentInfo } from '../../../contract/document'
import { groupsOf, sorted } from './groups'

const key = JSON.stringify([
  ['d1', 'Moby Dick.epub', ''],
  ['d2', 'report.pdf', 'Work'],
  ['d3', 'Zettel.txt', 'Home'],
  ['d4', 'minutes.txt', 'Work']
])

describe('the library in order', () => {
  it('names groups in order and keeps documents without one last', () => {
    expect(groupsOf(key, '')).toEqual([
      { name: 'Home', ids: ['d3'] },
      { name: 'Work', ids: ['d2', 'd4'] },
      { name: '', ids: ['d1'] }
    ])
  })

  it('finds by name of document or group, whatever the case', () => {
    expect(groupsOf(key, ' MOBY ').flatMap(({ ids }) => ids)).toEqual(['d1'])
    expect(groupsOf(key, 'work').flatMap(({ ids }) => ids)).toEqual(['d2', 'd4'])
    expect(groupsOf(key, 'nothing like it')).toEqual([])
  })
})

describe('the order that a person chose', () => {
  const documents = {
    d1: { name: 'Report 10.txt', size: 10 },
    d2: { name: 'report 2.txt', size: 3_000 },
    d3: { name: 'Ärzte.pdf', size: 10 }
  } as Record<string, Partial<DocumentInfo>> as Record<string, DocumentInfo>
  const newest = ['d3', 'd1', 'd2']

  it.each([
    ['date', ['d3', 'd1', 'd2']],
    ['name', ['d3', 'd2', 'd1']],
    ['size', ['d2', 'd3', 'd1']]
  ] as const)('by %s', (by, ids) => expect(sorted(newest, documents, by)).toEqual(ids))
})
