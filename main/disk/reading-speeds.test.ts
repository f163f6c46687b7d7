import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { noteSpeed, readingSpeeds } from './reading-speeds'

let folder: string
beforeEach(() => void (folder = mkdtempSync(join(tmpdir(), 'readonce-speeds-'))))
afterEach(() => rmSync(folder, { recursive: true }))

const speed = (tokens: number, modelKey = 'm', adapter = 'a') => ({
  modelKey,
  adapter,
  tokens,
  seconds: 10,
  probed: 500
})

test('the last eight of each model and adapter are kept, apart from one another', async () => {
  for (let i = 1; i <= 12; i++) await noteSpeed(folder, speed(i * 1000))
  await noteSpeed(folder, speed(5000, 'other'))
  await noteSpeed(folder, speed(6000, 'm', 'other'))
  const kept = (await readingSpeeds(folder, 'm', 'a')).map(({ tokens }) => tokens)
  expect(kept).toEqual([5000, 6000, 7000, 8000, 9000, 10_000, 11_000, 12_000])
  expect(await readingSpeeds(folder, 'other', 'a')).toMatchObject([{ tokens: 5000 }])
  expect(await readingSpeeds(folder, 'm', 'none')).toEqual([])
})

test('what tells nothing is not kept', async () => {
  await noteSpeed(folder, speed(100))
  await noteSpeed(folder, { ...speed(1000), seconds: 0.1 })
  expect(await readingSpeeds(folder, 'm', 'a')).toEqual([])
})

test('a damaged file costs only what is damaged', async () => {
  await noteSpeed(folder, speed(1000))
  const file = join(folder, 'speeds.json')
  const { readings } = JSON.parse(readFileSync(file, 'utf8')) as { readings: unknown[] }
  const wrong = [{ ...speed(-1), at: 'never' }, null, 7, { ...speed(2000), seconds: '1' }]
  writeFileSync(file, JSON.stringify({ readings: [...wrong, ...readings] }))
  expect(await readingSpeeds(folder, 'm', 'a')).toMatchObject([{ tokens: 1000 }])
  for (const content of ['', '{"readings"', '[]', '{"readings":3}', '\0\xff']) {
    writeFileSync(file, content)
    expect(await readingSpeeds(folder, 'm', 'a')).toEqual([])
  }
  await noteSpeed(folder, speed(3000))
  expect(await readingSpeeds(folder, 'm', 'a')).toMatchObject([{ tokens: 3000 }])
})
