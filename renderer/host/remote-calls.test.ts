/** What of a call crosses the wire. */
import { expect, test } from 'vitest'
import { remoteCalls } from './remote-calls'

test('an argument that is left out is not sent, one before others is', async () => {
  const sent: unknown[] = []
  const calls = remoteCalls(async (name, args) => {
    sent.push([name, ...(JSON.parse(JSON.stringify(args)) as unknown[])])
    return { ok: true, value: null }
  })
  await calls.refreshDocument('a', undefined)
  await calls.refreshDocument('a', { encoding: 'utf-8' })
  await calls.diskUse(undefined)
  expect(sent).toEqual([
    ['refreshDocument', 'a'],
    ['refreshDocument', 'a', { encoding: 'utf-8' }],
    ['diskUse']
  ])
})
