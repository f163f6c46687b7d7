import { createHash } from 'node:crypto'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { modelBytes, modelDigest, modelFiles } from '../../contract/bytes'
import { rangeOf } from './file-reply'
import { serveBytes, servePage } from './serve-bytes'
import { type BrowserHost, serveHttp } from './serve-http'
import { type SampleHost, sampleHost } from './testing/sample-host'

let sample: SampleHost
let server: BrowserHost
beforeAll(async () => {
  sample = await sampleHost()
  server = await serveHttp(sample.host, sample.pages)
})
afterAll(async () => {
  await server.close()
  await sample.end()
})

type Ask = (route: string, init?: RequestInit) => Promise<Response>
// The function itself, as Electron's scheme calls it, and the same over a real socket.
const ways: [string, Ask][] = [
  [
    'called',
    (route, init) => serveBytes(sample.host, route, new Request(`app://readonce/bytes${route}`, init))
  ],
  [
    'over HTTP',
    (route, init) =>
      fetch(`${server.origin}/bytes${route}`, {
        ...init,
        headers: { ...(init?.headers as Record<string, string>), authorization: `Bearer ${server.token}` }
      })
  ]
]
const weightsRoute = modelBytes('embedded', 'model.safetensors')
const bytesOf = async (response: Response) => new Uint8Array(await response.arrayBuffer())
const range = (value: string) => ({ headers: { range: value } })

describe.each(ways)('byte routes %s', (_, ask) => {
  test('a model is listed with sizes', async () => {
    const files = (await (await ask(modelFiles('embedded'))).json()) as unknown
    expect(files).toEqual([
      { name: 'empty.txt', size: 0 },
      { name: 'model.safetensors', size: 2_500_000 },
      { name: 'params.json', size: 10 }
    ])
  })

  test.each([
    ['bytes=0-0', 0, 1],
    ['bytes=1-2000000', 1, 2_000_001],
    ['bytes=1048575-1048577', 1_048_575, 1_048_578],
    ['bytes=2499999-', 2_499_999, 2_500_000],
    ['bytes=2499990-9999999', 2_499_990, 2_500_000],
    ['bytes=-5', 2_499_995, 2_500_000],
    ['bytes=-9999999', 0, 2_500_000]
  ])('%s gives exactly these bytes, with their length', async (header, start, end) => {
    const response = await ask(weightsRoute, range(header))
    expect(response.status).toBe(206)
    expect(response.headers.get('content-length')).toBe(String(end - start))
    expect(response.headers.get('content-range')).toBe(`bytes ${start}-${end - 1}/2500000`)
    expect(Buffer.compare(await bytesOf(response), sample.weights.subarray(start, end))).toBe(0)
  })

  test.each(['bytes=2500000-', 'bytes=9999999-99999999', 'bytes=-0'])('%s is outside', async header => {
    const response = await ask(weightsRoute, range(header))
    expect([response.status, response.headers.get('content-range')]).toEqual([416, 'bytes */2500000'])
    expect(await response.text()).toBe('')
  })

  test.each(['bytes=5-4', 'bytes=0-1,3-4', 'items=0-1', 'bytes=-', 'bytes=a-b'])(
    '%s is no range that we know: the whole file',
    async header => {
      const response = await ask(weightsRoute, range(header))
      expect([response.status, response.headers.get('content-length')]).toEqual([200, '2500000'])
      expect(Buffer.compare(await bytesOf(response), sample.weights)).toBe(0)
    }
  )

  test('HEAD gives the length and no bytes; an empty file is whole and has no ranges', async () => {
    const head = await ask(weightsRoute, { method: 'HEAD' })
    expect([head.status, head.headers.get('content-length'), await head.text()]).toEqual([200, '2500000', ''])
    const empty = modelBytes('embedded', 'empty.txt')
    const whole = await ask(empty)
    expect([whole.status, await whole.text()]).toEqual([200, ''])
    expect((await ask(empty, range('bytes=0-0'))).status).toBe(416)
  })

  test('the digest of a file', async () => {
    const response = await ask(modelDigest('embedded', 'model.safetensors'))
    const digest = createHash('sha256').update(sample.weights).digest('hex')
    expect(await response.json()).toEqual({ digest })
  })

  test.each(['PUT', 'POST', 'DELETE'])('%s changes no model', async method => {
    const response = await ask(weightsRoute, { method, ...(method === 'DELETE' ? {} : { body: 'x' }) })
    expect([response.status, response.headers.get('allow')]).toEqual([405, 'GET, HEAD'])
  })

  test.each([
    '/models/other',
    '/models/installed:embedded',
    '/models/embedded/files/absent.bin',
    '/models/embedded/files/..%2Fsecret.txt',
    '/models/embedded/files/..%2f..%2f..%2fetc%2fpasswd',
    '/models/embedded/files/%2Fetc%2Fpasswd',
    '/models/embedded/files/..',
    '/models/embedded/files/',
    '/models/embedded/files/%00',
    '/models/embedded/files/%E0%A4%A',
    '/models/embedded/files/params.json/more',
    '/models/..%2F..',
    '/models/',
    '/models',
    '/text/',
    '/else/embedded',
    '/'
  ])('%s is not found', async route => {
    const response = await ask(route)
    expect(response.status).toBe(404)
    expect(await response.text()).not.toContain('root:')
  })
})

test('a range that ends a gigabyte file away stays exact', () => {
  expect(rangeOf('bytes=4294967296-4294967297', 5e9)).toEqual([4_294_967_296, 4_294_967_298])
  expect(rangeOf('bytes=-1', 0)).toBe('outside')
  expect(rangeOf(null, 10)).toBeUndefined()
})

describe('the page', () => {
  const page = (path: string, method = 'GET') =>
    servePage(sample.pages, path, new Request('app://readonce/', { method }))

  test('is served under a policy that lets nothing else in', async () => {
    for (const [path, type] of [
      ['/', 'text/html'],
      ['/assets/index-ab_C1.js', 'text/javascript']
    ]) {
      const response = await page(path)
      expect(response.status).toBe(200)
      expect(response.headers.get('content-type')).toContain(type)
      const policy = response.headers.get('content-security-policy')!
      expect(policy).toContain("default-src 'none'")
      expect(policy).toContain("require-trusted-types-for 'script'; trusted-types default")
      expect(policy).not.toMatch(/unsafe|https?:|\*/)
    }
  })

  test.each([
    '/../secret.txt',
    '/%2e%2e/secret.txt',
    '/assets/../../secret.txt',
    '/assets/.hidden.js',
    '/assets'
  ])('%s is not found', async path => expect((await page(path)).status).toBe(404))

  test('cannot be written', async () => expect((await page('/', 'POST')).status).toBe(405))
})
