import { expect, test } from 'vitest'
import { fitOf } from './fit'

const small = { parameters: 3e6, weightMemoryBytes: 6e6, memoryBytesPerToken: 256, streams: true }
const large = { parameters: 3.1e9, weightMemoryBytes: 6.2e9, memoryBytesPerToken: 4096, streams: true }

test('the embedded model fits everywhere', () => {
  expect(fitOf(small, { software: true, memoryBytes: 4e9 })).toBe('fits')
  expect(fitOf(small, { software: false })).toBe('fits')
})

test('three billion parameters are slow without a GPU and do not fit four gigabytes', () => {
  expect(fitOf(large, { software: true })).toBe('slow')
  expect(fitOf(large, { software: true, memoryBytes: 4e9 })).toBe('no')
  expect(fitOf({ ...large, parameters: 1e9 }, { software: false })).toBe('fits')
})

test('what a browser tells at most is no limit', () => {
  expect(fitOf({ ...large, weightMemoryBytes: 7.9e9 }, { software: false, memoryBytes: 8e9 })).not.toBe('no')
})

test('where only the pages of a book do not fit beside the weights, they stay on disk and it is slow', () => {
  const tight = { ...large, parameters: 1e9, weightMemoryBytes: 5.9e9, memoryBytesPerToken: 20_000 }
  const computer = { software: false, memoryBytes: 7.9e9 }
  expect(fitOf({ ...tight, memoryBytesPerToken: 100 }, computer)).toBe('fits')
  expect(fitOf(tight, computer)).toBe('slow')
  expect(fitOf({ ...tight, streams: false }, computer)).toBe('no')
})
