import { expect, test } from 'vitest'
import { SerialQueue } from './serial-queue'

test('one after another in the order of asking; what fails is told to its caller and stops nobody', async () => {
  const queue = new SerialQueue()
  const log: string[] = []
  const slow = queue.run(async () => {
    await new Promise(resolve => setTimeout(resolve, 5))
    log.push('slow')
    return 1
  })
  const failing = queue.run(async () => {
    log.push('failing')
    throw new Error('no')
  })
  const last = queue.run(async () => log.push('last'))
  await expect(failing).rejects.toThrow('no')
  expect([await slow, await last]).toEqual([1, 3])
  expect(log).toEqual(['slow', 'failing', 'last'])
})
