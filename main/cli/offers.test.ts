import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { writeTwoModels } from '../../gpu/testing/two-models'
import type { DocumentRecord } from '../disk/document-record'
import { type EmbeddedModel, embeddedModels } from '../disk/embedded-models'
import { openLibrary } from '../disk/library'
import { offersBeside } from './offers'

const folder = mkdtempSync(join(tmpdir(), 'readonce-offers-'))
afterAll(() => rmSync(folder, { recursive: true }))
let embedded: readonly EmbeddedModel[] = []

beforeAll(async () => {
  await writeTwoModels(join(folder, 'models'))
  embedded = await embeddedModels(folder)
})

/** By model, with `reading` in 100 seconds what the first one has not read of a document of 1,000 tokens. */
async function secondsWith(reading: string, read: Readonly<Record<string, number>>) {
  const readings = Object.fromEntries(
    Object.entries(read).map(([modelName, read]) => [modelName, { modelName, tokens: 1000, read }])
  ) as unknown as DocumentRecord['readings']
  const offers = await offersBeside(embedded, await openLibrary(join(folder, 'library')), {
    folder: embedded.find(({ name }) => name === reading)!.folder,
    adapter: 'some',
    document: { readings },
    tokens: 1000,
    toRead: 1000 - (read[reading] ?? 0),
    time: { seconds: 100, least: 100, most: 100 }
  })
  return Object.fromEntries(offers!.map(({ model, seconds }) => [model, seconds]))
}

test('each for what it has not read yet: a part that one has read makes another no quicker', async () => {
  const { base: whole } = await secondsWith('readonce-small', {})
  // Nine tenths are read in nine times the time of the last tenth.
  const { base: behind } = await secondsWith('readonce-small', { 'readonce-small': 900 })
  expect(behind).toBeCloseTo(10 * whole!)
  const { base: ahead } = await secondsWith('readonce-small', { 'readonce-base': 900 })
  expect(ahead).toBeCloseTo(whole! / 10)
  const both = await secondsWith('readonce-base', { 'readonce-small': 1000 })
  expect(both).toEqual({ base: 100, small: 0 })
})
