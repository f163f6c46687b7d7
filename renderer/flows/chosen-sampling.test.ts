/** What the settings say of choosing words is sent as far as a person set it; the rest is the model's own. */
import { expect, test } from 'vitest'
import { defaultSettings } from '../../contract/settings'
import { chosen } from './ask-question'

test('what stands as on the first day is left to the model', () => {
  const usual = defaultSettings.sampling
  expect(chosen(usual)).toEqual({})
  expect(chosen({ ...usual, temperature: 0.7 })).toEqual({ temperature: 0.7 })
  expect(chosen({ ...usual, temperature: 0.7, topP: 0.5, seed: 3 })).toEqual({
    temperature: 0.7,
    topP: 0.5,
    seed: 3
  })
})
