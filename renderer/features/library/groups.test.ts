import { describe, expect, it } from 'vitest'
import { groupsOf } from './groups'

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
