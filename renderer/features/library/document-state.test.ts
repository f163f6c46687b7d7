import { describe, expect, it } from 'vitest'
import type { DocumentInfo, Reading } from '../../../contract/document'
import type { Plan } from '../../store/documents'
import { stateOf } from './document-state'

const reading = (change: Partial<Reading> = {}): Reading => ({
  modelKey: 'small-1',
  modelName: 'small',
  tokens: 1000,
  read: 1000,
  pageFileBytes: 256_000,
  state: 'complete',
  updatedAt: '2026-05-01T00:00:00Z',
  ...change
})

const document = (change: Partial<DocumentInfo> = {}): DocumentInfo => ({
  id: 'd1',
  name: 'book.txt',
  kind: 'text',
  size: 4000,
  characters: 4000,
  textDigest: '',
  addedAt: '2026-05-01T00:00:00Z',
  usedAt: '2026-05-01T00:00:00Z',
  group: '',
  pinned: false,
  notes: [],
  encoding: 'utf-8',
  isEncodingChosen: false,
  isOlderText: false,
  file: 'same',
  bytes: 260_000,
  readings: [],
  ...change
})

const nameOf = (...args: Parameters<typeof stateOf>): string => stateOf(...args).name

describe('what the library says of a document', () => {
  it('follows what was read of it', () => {
    expect(nameOf(document(), undefined, 0, 'small')).toBe('unread')
    const part = reading({ read: 620, state: 'partial' })
    expect(nameOf(document({ readings: [part] }), undefined, 0, 'small')).toBe('partial')
    expect(nameOf(document({ readings: [reading()] }), undefined, 0, 'small')).toBe('read')
  })

  it('tells a limit that a person set from a reading that was paused', () => {
    const limited = reading({ read: 500, limit: 500, state: 'partial' })
    expect(nameOf(document({ readings: [limited] }), undefined, 0, 'small')).toBe('limited')
    const paused = reading({ read: 400, limit: 500, state: 'partial' })
    expect(nameOf(document({ readings: [paused] }), undefined, 0, 'small')).toBe('partial')
  })

  it('asks for another reading when the model or the file changed', () => {
    const read = document({ readings: [reading()] })
    expect(nameOf(read, undefined, 0, 'large')).toBe('other-model')
    expect(nameOf({ ...read, file: 'changed' }, undefined, 0, 'small')).toBe('changed')
    // A file that is gone takes nothing away from what was read.
    expect(nameOf({ ...read, file: 'gone' }, undefined, 0, 'small')).toBe('read')
  })

  it('lets what is being done go before what was done', () => {
    const read = document({ readings: [reading()], file: 'changed' })
    expect(nameOf(read, { name: 'reading' }, 0, 'small')).toBe('reading')
    expect(nameOf(read, { name: 'failed', reason: 'why' }, 0, 'small')).toBe('failed')
    expect(stateOf(read, { name: 'queued' }, 2, 'small')).toMatchObject({ name: 'queued', place: 2 })
    expect(stateOf(read, { name: 'planned', plan: {} as Plan }, 0, 'small')).toMatchObject({
      name: 'planned'
    })
  })
})
