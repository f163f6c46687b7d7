import { expect, it } from 'vitest'
import { readGenerationConfig } from './generation-config'

const temperatureOf = (generation: Record<string, unknown>) =>
  readGenerationConfig(undefined, generation).attentionTemperature

it('the temperature of attention: as Llama 4 names it, off unless it is asked for, by its defaults where nothing sensible stands', () => {
  expect(readGenerationConfig(undefined, undefined).attentionTemperature).toBeUndefined()
  for (const off of [
    {},
    { attn_temperature_tuning: false },
    { attn_temperature_tuning: 4 },
    { attn_scale: 0.2 }
  ])
    expect(temperatureOf(off)).toBeUndefined()
  const on = { attn_temperature_tuning: true }
  expect(temperatureOf(on)).toEqual({ floorScale: 8192, scale: 0.1 })
  expect(temperatureOf({ ...on, floor_scale: 4096, attn_scale: 0.15 })).toEqual({
    floorScale: 4096,
    scale: 0.15
  })
  for (const floor_scale of [0, -1, '8192', Infinity, NaN, null, [4096]])
    expect(temperatureOf({ ...on, floor_scale, attn_scale: -1 })).toEqual({ floorScale: 8192, scale: 0.1 })
  // More than a float32 holds would be infinite in the table of rotations, and every logit no number.
  for (const attn_scale of [1e308, 1e39, 11, '0.2', [0.2]])
    expect(temperatureOf({ ...on, attn_scale })).toEqual({ floorScale: 8192, scale: 0.1 })
})

it('a refusal has a text and a probability; without either there is none', () => {
  const refusalOf = (refusal: unknown) => readGenerationConfig(undefined, { refusal }).refusal
  const text = ' The document does not say.'
  expect(refusalOf({ text, from: 0.05 })).toEqual({ text, from: 0.05 })
  expect(refusalOf({ text, from: 0.3, more: 0.5 })).toEqual({ text, from: 0.3 })
  for (const none of [
    undefined,
    null,
    text,
    [],
    { text },
    { text: '', from: 0.1 },
    { text, from: 0 },
    { text, from: 1.1 }
  ])
    expect(refusalOf(none)).toBeUndefined()
})
