import { expect, test } from 'vitest'
import { type Call, size, UsageError } from './options'

const call = (value: string): Call => ({ args: [], options: { 'gpu-memory': value }, json: false })

test('a size is a number with a unit, of 1024 as the base', () => {
  const sizes = {
    '512M': 2 ** 29,
    '6G': 6 * 2 ** 30,
    '1.5 GiB': 1.5 * 2 ** 30,
    '800kb': 800 * 1024,
    '1048576': 2 ** 20
  }
  for (const [value, bytes] of Object.entries(sizes))
    expect(size(call(value), 'gpu-memory'), value).toBe(bytes)
  expect(size({ args: [], options: {}, json: false }, 'gpu-memory')).toBeUndefined()
})

test.each(['', '0', '0G', '-1G', 'much', '5 P', '1e9', '512M more', 'M'])('"%s" is no size', value => {
  expect(() => size(call(value), 'gpu-memory')).toThrow(UsageError)
  expect(() => size(call(value), 'gpu-memory')).toThrow('it takes a size such as 512M or 6G')
})
