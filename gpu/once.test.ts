import { expect, test, vi } from 'vitest'
import { once, onceFor } from './once'

test('work is done once, also for those who ask while it goes on', async () => {
  const work = vi.fn(async () => ({}))
  const asked = once(work)
  const [first, second] = await Promise.all([asked(), asked()])
  expect([first, await asked()]).toEqual([second, second])
  expect(work).toHaveBeenCalledTimes(1)
})

test('a failure is told to those who wait, and the next call tries again', async () => {
  let fails = true
  const asked = once(async () => {
    if (fails) throw new Error('no')
    return 'yes'
  })
  await expect(Promise.all([asked(), asked()])).rejects.toThrow('no')
  fails = false
  expect(await asked()).toBe('yes')
})

test('what is remembered for a time is done anew after it', async () => {
  let count = 0
  const now = vi.spyOn(performance, 'now').mockReturnValue(0)
  try {
    const asked = onceFor(1000, async () => ++count)
    expect([await asked(), await asked()]).toEqual([1, 1])
    now.mockReturnValue(1000)
    expect(await asked()).toBe(2)
  } finally {
    now.mockRestore()
  }
})
