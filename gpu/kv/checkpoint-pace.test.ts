import { expect, test } from 'vitest'
import { CheckpointPace } from './checkpoint-pace'

/** Reads 1,000 chunks of 10 ms each; `cost(n)` is what reading waits for checkpoint n. Returns how many there were and the time. */
function reading(cost: (count: number) => number): { count: number; waited: number; time: number } {
  const pace = new CheckpointPace()
  let [time, count, waited, marking] = [0, 0, 0, false]
  for (let chunk = 0; chunk < 1000; chunk++) {
    time += 10
    const begun = time
    if (marking) {
      time += cost(count)
      waited += cost(count)
      pace.waited(begun, time)
    }
    marking = pace.isDue(time)
    if (marking) count++
  }
  return { count, waited, time }
}

test('a store that is done while the next chunk is computed gets a checkpoint after every chunk', () => {
  expect(reading(() => 0)).toEqual({ count: 1000, waited: 0, time: 10_000 })
})

test.each([1, 5, 100, 1000])(
  'of checkpoints that take %i ms longer, reading waits a ninth of its time at most',
  cost => {
    const { waited, time, count } = reading(() => cost)
    expect(count).toBeGreaterThan(1)
    // The first two are tries; they teach what a checkpoint costs.
    expect(waited - 2 * cost).toBeLessThanOrEqual(time / 9)
  }
)

test('one slow checkpoint among quick ones changes nothing', () => {
  expect(reading(count => (count % 10 === 5 ? 500 : 0)).count).toBe(1000)
})
