/**
 * The byte routes of contract/bytes.ts and the renderer's own files, as one function (Request) => Promise<Response>:
 * Electron's protocol.handle, the local browser host and the tests run the same code.
 */
import { readFile } from 'node:fs/promises'
import { extname, join } from 'node:path'
import type { ModelFile } from '../../contract/bytes'
import { type FailureCode, HostFailure } from '../../contract/failure'
import { longestText, textOf } from '../disk/extract-text'
import type { MachineHost } from './host'

export type Serve = (request: Request) => Promise<Response>

const status: Partial<Record<FailureCode, number>> = {
  'not-found': 404,
  'unsupported-file': 415,
  'empty-document': 422,
  'too-long': 413,
  'bad-request': 400
}

/** `path` is what follows `Host.bytes.at`. */
export async function serveBytes(host: MachineHost, path: string, request: Request): Promise<Response> {
  try {
    const [first, ...parts] = path.split('/').map(decoded)
    if (first !== '') throw unknownRoute()
    const [kind, name, part, file, ...rest] = parts
    if (rest.length > 0 || name === undefined || name === '') throw unknownRoute()
    if (kind === 'text' && part === undefined) return await serveText(name, request)
    if (kind !== 'models') throw unknownRoute()
    if (!['GET', 'HEAD'].includes(request.method)) return notAllowed('GET, HEAD')
    const model = await host.model(name)
    if (part === undefined) {
      const files: ModelFile[] = []
      for (const each of await model.list()) files.push({ name: each, size: (await model.open(each)).size })
      return json(200, files)
    }
    // Only what the folder lists: whatever else a name may mean to a file system, it is not asked.
    if (file === undefined || !(await model.list()).includes(file))
      throw new HostFailure('not-found', `The model ${model.name} has no file ${JSON.stringify(file)}.`)
    if (part === 'digests') return json(200, { digest: await model.digest(file) })
    if (part === 'files') return serveFile(await model.open(file), request)
    throw unknownRoute()
  } catch (error) {
    const failure = error instanceof HostFailure ? error : undefined
    const message = String((error as Error)?.message ?? error)
    return json(failure ? (status[failure.code] ?? 500) : 500, {
      code: failure?.code ?? 'unexpected',
      message
    })
  }
}

/** Chunks of a body. Larger ones gain nothing over HTTP; smaller ones pay Node's streams more often. */
const chunkBytes = 1 << 20

function serveFile(
  source: { readonly size: number; read(offset: number, into: Uint8Array): Promise<void> },
  request: Request
): Response {
  const range = rangeOf(request.headers.get('range'), source.size)
  const headers: Record<string, string> = {
    'accept-ranges': 'bytes',
    'content-type': 'application/octet-stream',
    'cache-control': 'no-store',
    'x-content-type-options': 'nosniff'
  }
  if (range === 'outside')
    return new Response(null, {
      status: 416,
      headers: { ...headers, 'content-range': `bytes */${source.size}`, 'content-length': '0' }
    })
  const [start, end] = range ?? [0, source.size]
  headers['content-length'] = String(end - start)
  if (range) headers['content-range'] = `bytes ${start}-${end - 1}/${source.size}`
  let offset = start
  const body = new ReadableStream<Uint8Array>({
    async pull(controller) {
      const chunk = new Uint8Array(Math.min(chunkBytes, end - offset))
      if (chunk.length > 0) {
        await source.read(offset, chunk)
        offset += chunk.length
        controller.enqueue(chunk)
      }
      if (offset >= end) controller.close()
    }
  })
  return new Response(request.method === 'HEAD' ? null : body, { status: range ? 206 : 200, headers })
}

/** [start, end) of a single range. Anything else that the header may say is answered with the whole file, as RFC 9110 allows. */
export function rangeOf(header: string | null, size: number): [number, number] | 'outside' | undefined {
  const found = /^bytes=(\d{0,15})-(\d{0,15})$/.exec(header?.trim() ?? '')
  if (!found || found[0] === 'bytes=-') return undefined
  const [first, last] = [found[1], found[2]].map(digits => (digits === '' ? undefined : Number(digits)))
  if (first === undefined) return last === 0 || size === 0 ? 'outside' : [Math.max(0, size - last!), size]
  if (last !== undefined && last < first) return undefined
  if (first >= size) return 'outside'
  return [first, Math.min(size, (last ?? size) + 1)]
}

async function serveText(name: string, request: Request): Promise<Response> {
  if (request.method !== 'POST') return notAllowed('POST')
  const tooLong = new HostFailure(
    'too-long',
    `${name} is larger than ${Math.floor(longestText / 2 ** 20)} MB, the most that can be read as one document. Split it.`
  )
  if (Number(request.headers.get('content-length') ?? 0) > longestText) throw tooLong
  const bytes = new Uint8Array(await request.arrayBuffer())
  if (bytes.length > longestText) throw tooLong
  return new Response(textOf(bytes, name).text, {
    headers: { 'content-type': 'text/plain; charset=utf-8', 'cache-control': 'no-store' }
  })
}

const types: Record<string, string> = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.svg': 'image/svg+xml',
  '.png': 'image/png'
}

/** Nothing but our own files may run, and nothing may be asked from anywhere else. */
const policy =
  "default-src 'none'; script-src 'self'; worker-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"

/** The built renderer in `folder`: plain names only, so that no path leaves it. */
export async function servePage(folder: string, path: string, request: Request): Promise<Response> {
  if (!['GET', 'HEAD'].includes(request.method)) return notAllowed('GET, HEAD')
  const parts = path === '/' ? ['index.html'] : path.split('/').slice(1)
  const type = types[extname(parts.at(-1) ?? '')]
  const plain = parts.every(part => /^[A-Za-z0-9_][A-Za-z0-9._-]*$/.test(part))
  const bytes = plain && type ? await readFile(join(folder, ...parts)).catch(() => undefined) : undefined
  if (!bytes) return json(404, { code: 'not-found', message: 'There is no such page.' })
  return new Response(request.method === 'HEAD' ? null : new Uint8Array(bytes), {
    headers: {
      'content-type': type,
      'content-length': String(bytes.length),
      'content-security-policy': policy,
      'cache-control': 'no-cache',
      'referrer-policy': 'no-referrer',
      'x-content-type-options': 'nosniff'
    }
  })
}

function decoded(part: string): string {
  try {
    return decodeURIComponent(part)
  } catch {
    throw unknownRoute()
  }
}

const unknownRoute = () => new HostFailure('not-found', 'There is no such route.')

const notAllowed = (allow: string) =>
  new Response(null, { status: 405, headers: { allow, 'content-length': '0' } })

export const json = (status: number, value: unknown) =>
  new Response(JSON.stringify(value), {
    status,
    headers: { 'content-type': 'application/json', 'cache-control': 'no-store' }
  })
