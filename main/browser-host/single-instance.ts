/**
 * One browser host a library. The first one keeps, in a file that only its person can read, where it listens and with
 * which key; a later one hands it the files it was started with and ends. The page does not know the key: it
 * could otherwise have any file of the computer opened.
 */
import { randomBytes, timingSafeEqual } from 'node:crypto'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { readFile, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { z } from 'zod'
import { HostFailure } from '../../contract/failure'
import { makeFolder } from '../disk/atomic-write'
import { takeLock } from '../disk/file-lock'

const Door = z.object({ port: z.number().int(), key: z.string(), page: z.string() })
const Paths = z.array(z.string()).max(10_000)
const longestRequest = 4_000_000

type Instance =
  | {
      readonly first: true
      listen(page: string, opened: (paths: string[]) => void): Promise<void>
      end(): Promise<void>
    }
  /** `page`: address of the first one's page. */
  | { readonly first: false; readonly page: string }

/** `paths` are handed over when another one runs already. Throws in-use when that one does not answer. */
export async function singleInstance(library: string, paths: readonly string[]): Promise<Instance> {
  await makeFolder(library)
  const file = join(library, 'browser-host.json')
  const lock = await takeLock(join(library, 'browser-host.lock'), { name: 'ownLibrary', values: {} }).catch(
    (error: unknown) => {
      if (error instanceof HostFailure && error.code === 'in-use') return error
      throw error
    }
  )
  if (lock instanceof HostFailure) return { first: false, page: await handOver(file, paths, lock) }
  let close = async (): Promise<void> => undefined
  return {
    first: true,
    async listen(page, opened) {
      const { port, key, end } = await openDoor(opened)
      close = end
      await rm(file, { force: true })
      await writeFile(file, JSON.stringify({ port, key, page } satisfies z.infer<typeof Door>), {
        flag: 'wx',
        mode: 0o600
      })
    },
    async end() {
      await close()
      await rm(file, { force: true })
      await lock()
    }
  }
}

async function handOver(file: string, paths: readonly string[], inUse: HostFailure): Promise<string> {
  // The first one may be just starting: it writes the file within a second.
  for (let tries = 0; tries < 20; tries++) {
    const door = await readFile(file, 'utf8').then(
      text => Door.safeParse(JSON.parse(text)).data,
      () => undefined
    )
    const reply =
      door &&
      (await fetch(`http://127.0.0.1:${door.port}/`, {
        method: 'POST',
        headers: { authorization: `Bearer ${door.key}` },
        body: JSON.stringify(paths)
      }).catch(() => undefined))
    if (door && reply?.ok) return door.page
    await new Promise(resolve => setTimeout(resolve, 100))
  }
  throw inUse
}

async function openDoor(opened: (paths: string[]) => void) {
  const key = randomBytes(24).toString('base64url')
  const expected = Buffer.from(`Bearer ${key}`)
  const server = createServer((request, response) => {
    const given = Buffer.from(request.headers.authorization ?? '')
    if (given.length !== expected.length || !timingSafeEqual(given, expected))
      return void response.writeHead(401, { connection: 'close' }).end()
    let body = ''
    request.setEncoding('utf8').on('data', (piece: string) => {
      body += piece
      if (body.length > longestRequest) request.destroy()
    })
    request.once('end', () => {
      const paths = parsed(body)
      if (paths && paths.length > 0) opened(paths)
      response.writeHead(paths ? 204 : 400, { connection: 'close' }).end()
    })
  })
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject)
    server.listen(0, '127.0.0.1', resolve)
  })
  return {
    key,
    port: (server.address() as AddressInfo).port,
    end: () =>
      new Promise<void>(resolve => {
        server.close(() => resolve())
        server.closeAllConnections()
      })
  }
}

function parsed(body: string): string[] | undefined {
  try {
    return Paths.safeParse(JSON.parse(body)).data
  } catch {
    return undefined
  }
}
