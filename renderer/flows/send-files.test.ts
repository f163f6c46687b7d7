import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { longestSlice } from '../../contract/bytes'
import type { Host } from '../../contract/host'
import { sendFiles, sourceOf } from './send-files'

interface Sent {
  readonly method: string
  readonly route: string
  readonly bytes: number | undefined
  readonly total: string | undefined
}
let sent: Sent[]
beforeEach(() => {
  sent = []
  vi.stubGlobal('fetch', async (address: string, init: RequestInit) => {
    const body = init.body as ArrayBuffer | undefined
    expect(body === undefined || body instanceof ArrayBuffer).toBe(true)
    const headers = init.headers as Record<string, string>
    sent.push({
      method: init.method!,
      route: decodeURIComponent(address.replace(/^.*\/drops\/[\w-]+/, '')),
      bytes: body?.byteLength,
      total: headers['x-total']
    })
    return new Response(null, { status: 204 })
  })
})
afterEach(() => vi.unstubAllGlobals())

const host = (grant?: Host['grant']) => ({ bytes: { at: 'app://x/bytes', headers: {} }, grant }) as Host
const file = (name: string, bytes: number) => ({
  file: new File([new Uint8Array(bytes)], name),
  path: `m/${name}`
})

test('a large file goes in slices, one after another, and an empty one without a body', async () => {
  const told: number[] = []
  await sendFiles(host(), [file('w', 2 * longestSlice + 5), file('empty', 0)], {
    onProgress: (done, total) => told.push(done / total)
  })
  const weights = sent.filter(({ route }) => route.startsWith('/m/w'))
  expect(weights.map(({ route, bytes }) => [route, bytes])).toEqual([
    ['/m/w', longestSlice],
    [`/m/w/${longestSlice}`, longestSlice],
    [`/m/w/${2 * longestSlice}`, 5]
  ])
  // The disk is asked for all of it before the first byte.
  expect(weights.map(({ total }) => total)).toEqual([String(2 * longestSlice + 5), undefined, undefined])
  expect(sent).toContainEqual(expect.objectContaining({ route: '/m/empty', bytes: undefined }))
  expect(told.at(-1)).toBe(1)
})

test('ended in the middle, all of it is taken back', async () => {
  const ending = new AbortController()
  const sending = sendFiles(host(), [file('w', 3 * longestSlice)], {
    signal: ending.signal,
    onProgress: () => ending.abort()
  })
  await expect(sending).rejects.toMatchObject({ code: 'cancelled' })
  expect(sent.map(({ method }) => method)).toEqual(['PUT', 'DELETE'])
})

test('a pause holds the next slice', async () => {
  let go = (): void => undefined
  const pause = new Promise<void>(resolve => (go = resolve))
  let paused: Promise<void> | undefined
  const sending = sendFiles(host(), [file('w', 2 * longestSlice)], {
    onProgress: () => (paused ??= pause),
    whenGoingOn: async () => paused
  })
  await vi.waitFor(() => expect(sent).toHaveLength(1), 30_000)
  await new Promise(resolve => setTimeout(resolve, 50))
  expect(sent).toHaveLength(1)
  go()
  await sending
  expect(sent).toHaveLength(2)
})

test('what has a path is granted and what has none is sent', async () => {
  const files = [file('a', 1), file('b', 2), file('c', 3)]
  const known = host(async all => all.map(({ name }) => (name === 'b' ? null : `grant of ${name}`)))
  expect(await sourceOf(known, files)).toEqual({
    grants: ['grant of a', 'grant of c'],
    drop: expect.any(String)
  })
  expect(sent.map(({ route }) => route)).toEqual(['/m/b'])
  sent = []
  const all = host(async files => files.map(({ name }) => name))
  expect(await sourceOf(all, files)).toEqual({ grants: ['a', 'b', 'c'] })
  expect(sent).toEqual([])
  expect(await sourceOf(host(), files)).toEqual({ drop: expect.any(String) })
})
