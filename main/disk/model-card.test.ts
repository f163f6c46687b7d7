import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, it } from 'vitest'
import { descriptionIn } from '../../contract/model-card'
import { readModelCard } from './model-card'

let folder: string
beforeEach(() => void (folder = mkdtempSync(join(tmpdir(), 'readonce-card-'))))
afterEach(() => rmSync(folder, { recursive: true, force: true }))
const cardOf = (content: string | Uint8Array) => {
  writeFileSync(join(folder, 'readonce.json'), content)
  return readModelCard(folder)
}

it('the embedded model has one that is whole, with a border', async () => {
  const { card, cardProblem } = await readModelCard(join(import.meta.dirname, '../../assets/models/small'))
  expect(cardProblem).toBeUndefined()
  expect(card).toMatchObject({ answers: ['name', 'number', 'date'], languages: ['en'] })
  expect(card?.border).toBeGreaterThan(0.5)
  expect(descriptionIn(card!, 'de-AT')).toMatch(/^Es findet/)
  expect(descriptionIn(card!, 'fr')).toBe(card?.description.en)
})

it('is optional', async () => expect(await readModelCard(folder)).toEqual({}))

it('needs a description and nothing else; what it does not know it lets be', async () => {
  expect(await cardOf('{"description": "It sums up.", "later": 1}')).toEqual({
    card: { description: { en: 'It sums up.' }, answers: [], languages: ['en'] }
  })
})

it.each([
  ['nothing', '', /readonce\.json of this model is not used: .*JSON/],
  ['no JSON', '{"description"', /JSON/],
  ['no object', '7', /expected object/],
  ['bytes of no text', Uint8Array.of(0xff, 0xfe, 0x00), /not used/],
  ['no description', '{"border": 0.5}', /description/],
  ['a description without English', '{"description": {"de": "Es liest."}}', /description/],
  ['an endless description', `{"description": "${'x'.repeat(301)}"}`, /description/],
  ['a border that is none', '{"description": "x", "border": 75}', /border/],
  ['a border in words', '{"description": "x", "border": "high"}', /border/],
  ['a kind that is none', '{"description": "x", "answers": ["poem"]}', /answers/],
  ['a language that is none', '{"description": "x", "languages": ["English"]}', /languages/],
  ['megabytes', ' '.repeat(70_000), /70000 bytes, and 65536 are the most/]
])('a broken one is told by name and makes no claim: %s', async (_, content, said) => {
  const found = await cardOf(content)
  expect(found.card).toBeUndefined()
  expect(found.cardProblem).toMatch(said)
  expect(found.cardProblem).toMatch(/^readonce\.json .*The model works without it/)
})
