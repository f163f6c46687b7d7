import { mkdirSync, writeFileSync } from 'node:fs'
import { once } from 'node:events'
import { request } from 'node:http'
import { connect } from 'node:net'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { Reply } from '../../contract/host'
import { defaultSettings } from '../../contract/settings'
import { type BrowserHost, serveHttp } from './serve-http'
import { type SampleHost, sampleHost } from './testing/sample-host'

let sample: SampleHost
let server: BrowserHost
beforeAll(async () => {
  sample = await sampleHost()
  server = await serveHttp(sample.host, sample.pages)
  writeFileSync(join(sample.folder, 'book.txt'), 'A short book.\n')
  await sample.library.add(join(sample.folder, 'book.txt'))
})
afterAll(async () => {
  await server.close()
  await sample.end()
})

const key = () => ({ authorization: `Bearer ${server.token}` })
const overHttp = async (name: string, args: unknown): Promise<Reply> => {
  const body = JSON.stringify(args)
  return (await (
    await fetch(`${server.origin}/call/${name}`, { method: 'POST', headers: key(), body })
  ).json()) as Reply
}
describe('who may ask', () => {
  const status = (path: string, headers: Record<string, string>, method = 'GET') =>
    new Promise<number | undefined>((resolve, reject) => {
      const asked = request(server.origin + path, { method, headers }, response => {
        response.resume()
        resolve(response.statusCode)
      })
      asked.on('error', reject)
      asked.end(method === 'POST' ? '[]' : undefined)
    })
  const host = () => new URL(server.origin).host
  const call = (headers: Record<string, string>) => status('/call/about', headers, 'POST')

  test('only 127.0.0.1 listens', () => expect(server.origin).toMatch(/^http:\/\/127\.0\.0\.1:\d+$/))

  test('the token of this run and nothing near it', async () => {
    expect(await call({ ...key(), 'content-length': '2' })).toBe(200)
    for (const authorization of ['', 'Bearer', 'Bearer x', server.token, `Bearer ${server.token}x`])
      expect(await call({ authorization, 'content-length': '2' })).toBe(401)
    expect(await status('/events', {})).toBe(401)
    expect(await status('/bytes/models/embedded', {})).toBe(401)
    // The token in an address would stand in logs and histories.
    expect(await status(`/bytes/models/embedded?token=${server.token}`, {})).toBe(401)
  })

  test('a rebound name, another origin and another site are refused before anything is looked at', async () => {
    const wrongs: Record<string, string>[] = [
      { host: 'evil.example' },
      { host: `localhost:${new URL(server.origin).port}` },
      { host: host(), origin: 'http://evil.example' },
      { host: host(), origin: 'null' },
      { host: host(), 'sec-fetch-site': 'cross-site' },
      { host: host(), 'sec-fetch-site': 'same-site' }
    ]
    for (const wrong of wrongs) {
      expect(await call({ ...key(), ...wrong, 'content-length': '2' })).toBe(403)
      expect(await status('/', wrong)).toBe(403)
    }
    expect(
      await status('/', { host: host(), 'sec-fetch-site': 'cross-site', 'sec-fetch-mode': 'navigate' })
    ).toBe(200)
    expect(
      await call({ ...key(), origin: server.origin, 'sec-fetch-site': 'same-origin', 'content-length': '2' })
    ).toBe(200)
  })

  test('a body without a length or with too much of it is refused', async () => {
    expect(await call({ ...key(), 'transfer-encoding': 'chunked' })).toBe(411)
    expect(await call({ ...key(), 'content-length': '300001' })).toBe(413)
  })

  test('nothing else is served', async () => {
    for (const path of ['/package.json', '/call', '/events/x', '/assets/../../secret.txt', '/bytes'])
      expect(await status(path, key())).toBe(404)
    expect(await status('/call/about', key())).toBe(404)
  })
})

test('news reaches a listener: a broken record in the library', async () => {
  const response = await fetch(`${server.origin}/events`, { headers: key() })
  const reader = response.body!.pipeThrough(new TextDecoderStream()).getReader()
  await reader.read()
  const folder = join(sample.library.folder, 'documents', '0123456789abcdef')
  mkdirSync(folder)
  writeFileSync(join(folder, 'document.json'), 'not JSON')
  expect(await overHttp('listDocuments', [])).toMatchObject({ ok: true })
  const { value } = await reader.read()
  expect(value).toMatch(/^data: \["problem",".*document\.json/)
  await reader.cancel()
})

test('a port in use is a sentence', async () => {
  const port = Number(new URL(server.origin).port)
  await expect(serveHttp(sample.host, sample.pages, port)).rejects.toMatchObject({ code: 'in-use' })
})

test('news that nobody reads end the stream instead of filling the memory', async () => {
  const settings = {
    ...defaultSettings,
    shortcuts: Object.fromEntries(Array.from({ length: 50 }, (_, i) => [`c${i}`, 'x'.repeat(900)]))
  }
  const streams = await Promise.all(
    Array.from({ length: 20 }, () => fetch(`${server.origin}/events`, { headers: key() }))
  )
  const before = process.memoryUsage()
  for (let i = 0; i < 400; i++) {
    sample.host.send('settingsChanged', settings)
    if (i % 20 === 0) await new Promise(resolve => setTimeout(resolve, 1))
  }
  const { arrayBuffers, heapUsed } = process.memoryUsage()
  // 20 times 400 times 45 KB would be 360 MB.
  expect(arrayBuffers + heapUsed - before.arrayBuffers - before.heapUsed).toBeLessThan(150e6)
  for (const { body } of streams) await expect(new Response(body).text()).rejects.toThrow()
  // One that reads goes on.
  const reader = (await fetch(`${server.origin}/events`, { headers: key() })).body!.getReader()
  await reader.read()
  sample.host.send('opened', null)
  expect(new TextDecoder().decode((await reader.read()).value)).toContain('opened')
  await reader.cancel()
})

test.each([
  'TRACE / HTTP/1.1',
  'GET / HTTP/1.1\r\ncontent-length: 3',
  'HEAD / HTTP/1.1\r\ncontent-length: 3',
  'GET // HTTP/1.1',
  'GET //evil.example/ HTTP/1.1',
  'GET http://[ HTTP/1.1',
  'GET * HTTP/1.1',
  'OPTIONS * HTTP/1.1',
  'GET http://evil.example/ HTTP/1.1'
])('%j is answered with 400', async line => {
  const { host, port } = new URL(server.origin)
  const socket = connect(Number(port), '127.0.0.1')
  socket.write(`${line}\r\nhost: ${host}\r\n\r\nabc`)
  const [answered] = (await once(socket, 'data')) as [Buffer]
  expect(String(answered)).toMatch(/^HTTP\/1\.1 400 /)
  socket.destroy()
})

test('nothing may be embedded by another site', async () => {
  for (const path of ['/', '/none', '/call/about'])
    expect((await fetch(server.origin + path)).headers.get('cross-origin-resource-policy')).toBe(
      'same-origin'
    )
})
