import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { servePort } from './last-port'

let home: string
const servers: Server[] = []
beforeEach(() => void (home = mkdtempSync(join(tmpdir(), 'readonce-port-'))))
afterEach(async () => {
  for (const server of servers.splice(0)) await new Promise(resolve => server.close(resolve))
  rmSync(home, { recursive: true })
})

const serve = (port: number): Promise<{ origin: string }> =>
  new Promise((resolve, reject) => {
    const server = createServer()
    server.once('error', reject)
    server.listen(port, '127.0.0.1', () => {
      servers.push(server)
      resolve({ origin: `http://127.0.0.1:${(server.address() as AddressInfo).port}` })
    })
  })

test('the next run has the port of the last one, unless it is taken', async () => {
  const first = await servePort(home, serve)
  const taken = await servePort(home, serve)
  expect(taken.origin).not.toBe(first.origin)
  await new Promise(resolve => servers.pop()!.close(resolve))
  expect((await servePort(home, serve)).origin).toBe(taken.origin)
})

test.each(['', 'no port', '80', '99999'])('a kept port of %j is not tried', async kept => {
  writeFileSync(join(home, 'browser-host.port'), kept)
  const tried: number[] = []
  await servePort(home, port => {
    tried.push(port)
    return serve(0)
  })
  expect(tried).toEqual([0])
})
