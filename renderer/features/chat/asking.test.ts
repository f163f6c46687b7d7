import { describe, expect, it } from 'vitest'
import type { Reading } from '../../../contract/document'
import { askingOf } from './asking'

const reading = (read: number, modelName = 'Embedded'): Reading => ({
  modelKey: modelName,
  modelName,
  tokens: 1000,
  read,
  pageFileBytes: 1,
  state: read === 1000 ? 'complete' : 'partial',
  updatedAt: ''
})
const known = { engine: 'ready', modelName: 'Embedded', isLoaded: true } as const
const progress = (tokens: number) => ({
  name: 'reading' as const,
  progress: { tokens, total: 1000, reused: 0, seconds: 1, tokensPerSecond: 5, bytes: 0 }
})

describe('whether a document can be asked', () => {
  it('all of it, when it was read or a session holds it', () => {
    expect(askingOf({ ...known, document: { readings: [reading(1000)] } })).toEqual({ name: 'all' })
    expect(askingOf({ ...known, session: { tokens: 1000, total: 1000 } })).toEqual({ name: 'all' })
  })
  it('what was read so far, rounded down', () => {
    expect(askingOf({ ...known, document: { readings: [reading(999)] } })).toEqual({
      name: 'so-far',
      percent: 99,
      reading: false
    })
    expect(askingOf({ ...known, activity: progress(625) })).toEqual({
      name: 'so-far',
      percent: 62,
      reading: true
    })
  })
  it('not what another model read', () =>
    expect(askingOf({ ...known, document: { readings: [reading(1000, 'Other')] } })).toEqual({
      name: 'not-read'
    }))
  it('not what is open with the model that was chosen before', () =>
    expect(askingOf({ ...known, isLoaded: false, session: { tokens: 1000, total: 1000 } })).toEqual({
      name: 'not-read'
    }))
  it('not before anything was read', () => {
    expect(askingOf({ ...known, document: { readings: [] } })).toEqual({ name: 'not-read' })
    expect(askingOf({ ...known, activity: { name: 'queued' } })).toEqual({ name: 'soon' })
    expect(askingOf({ ...known, activity: progress(0) })).toEqual({ name: 'soon' })
  })
  it('not without an engine', () => {
    const document = { readings: [reading(1000)] }
    expect(askingOf({ ...known, engine: 'loading', document })).toEqual({ name: 'loading' })
    expect(askingOf({ ...known, engine: 'lost', document })).toEqual({ name: 'no-engine' })
  })
})
