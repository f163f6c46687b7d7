/**
 * The contract over HTTP on 127.0.0.1, for a browser where Electron's binary is not to be had. The page itself is the
 * same for everyone; whatever belongs to a person wants the token of this run. `Host` and `Origin` are checked, so that
 * neither a rebound name nor another site's page gets anything.
 */
import { randomBytes, timingSafeEqual } from 'node:crypto'
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { failureInEnglish } from '../../contract/failure'
import { answer, longestCall } from './answer'
import type { MachineHost } from './host'
import { json } from './replies'
import { longestBody, serveBytes, servePage } from './serve-bytes'
import { Tickets } from './tickets'

export interface BrowserHost {
  readonly origin: string
  readonly token: string
  /** To open in a browser. The token stands behind "#", which is never sent nor logged. */
  readonly address: string
  /**
   * An address that leads to the page once, with a token of its own. Who asks for it a second time finds that somebody else
   * was there before, whoever of the two it was that it was meant for: the token that was given away is of no use any more.
   */
  addressForOnce(used?: () => void): string
  /** How many pages listen for news. */
  readonly pages: number
  /** Ends the streams of news, finishes what was asked (the last words of a page that goes away), then ends. */
  close(): Promise<void>
}

export async function serveHttp(host: MachineHost, pages: string, port = 0): Promise<BrowserHost> {
  const token = randomBytes(24).toString('base64url')
  let origin = ''
  const streams = new Set<AbortController>()
  const asked = { now: 0, last: 0 }
  const tickets = new Tickets()
  const isKnown = (given: string): boolean =>
    [token, ...tickets.tokens()].some(each => sameText(given, `Bearer ${each}`))

  async function respond(request: Request): Promise<Response> {
    const path = new URL(request.url).pathname
    if (path.startsWith('/open/') && request.method === 'GET')
      return tickets.open(path.slice('/open/'.length))
    if (!/^\/(call|bytes|events)(\/|$)/.test(path)) return servePage(pages, path, request)
    if (!isKnown(request.headers.get('authorization') ?? ''))
      return json(401, { code: 'bad-request', message: 'The token of this run is missing or wrong.' })
    if (path.startsWith('/bytes/')) return serveBytes(host, path.slice('/bytes'.length), request)
    if (path === '/events' && request.method === 'GET') return events(host, streams)
    if (path.startsWith('/call/') && request.method === 'POST') {
      const args: unknown = await request.json().catch(() => undefined)
      return json(200, await answer(host.calls, path.slice('/call/'.length), args, host.failed))
    }
    return json(404, { code: 'not-found', message: 'There is no such route.' })
  }

  const server = createServer((incoming, outgoing) => {
    asked.now++
    asked.last = performance.now()
    void serveOne(incoming, outgoing, origin, respond)
      .catch(() => outgoing.destroy())
      .finally(() => void asked.now--)
  })
  // By default a request has to arrive within five minutes; a model of many GB on a slow disk takes longer.
  server.requestTimeout = 0
  origin = await listening(server, port)
  return {
    origin,
    token,
    address: `${origin}/#token=${token}`,
    addressForOnce(used = () => undefined) {
      return `${origin}/open/${tickets.add(used)}`
    },
    get pages() {
      return streams.size
    },
    async close() {
      for (const stream of streams) stream.abort()
      await quiet(asked)
      await new Promise<void>(resolve => {
        server.close(() => resolve())
        server.closeAllConnections()
      })
    }
  }
}

/** Resolves with the origin. */
async function listening(server: Server, port: number): Promise<string> {
  await new Promise<void>((resolve, reject) => {
    server.once('error', error =>
      reject(failureInEnglish('in-use', `Port ${port} cannot be used: ${error.message}`))
    )
    server.listen(port, '127.0.0.1', resolve)
  })
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`
}

/** Milliseconds: without a new request for so long, nothing of a page that was closed is on its way; and not for ever. */
const pause = { quiet: 60, most: 1000 }

async function quiet(asked: { readonly now: number; readonly last: number }): Promise<void> {
  const begun = performance.now()
  while (performance.now() - begun < pause.most) {
    if (asked.now === 0 && performance.now() - Math.max(begun, asked.last) > pause.quiet) return
    await new Promise(resolve => setTimeout(resolve, 10))
  }
}

async function serveOne(
  incoming: IncomingMessage,
  outgoing: ServerResponse,
  origin: string,
  respond: (request: Request) => Promise<Response>
): Promise<void> {
  const refusal = refused(incoming, origin)
  const gone = new AbortController()
  outgoing.on('close', () => gone.abort())
  // Chunked bodies are refused: nothing may be sent without an end in sight.
  const endless = incoming.headers['transfer-encoding'] !== undefined
  const length = Number(incoming.headers['content-length'] ?? 0)
  const bodied = endless || length > 0
  const url = incoming.url ?? ''
  // In UTF-8 a character may take three bytes; `answer` counts characters.
  const most = url.startsWith('/bytes/') ? longestBody(url.slice('/bytes'.length)) : 3 * longestCall
  const tooLong = (): Response =>
    json(endless ? 411 : 413, { code: 'too-long', message: `At most ${most} bytes, with a length.` })
  const request = (): Request =>
    new Request(new URL(url, origin), {
      method: incoming.method,
      headers: plainHeaders(incoming),
      ...(bodied ? { body: Readable.toWeb(incoming), duplex: 'half' as const } : {})
    } as RequestInit)
  // What Request would throw over: TRACE, a body to read by GET, a target that is no path.
  const possible =
    incoming.method !== 'TRACE' &&
    !(bodied && ['GET', 'HEAD'].includes(incoming.method ?? '')) &&
    /^\/(?!\/)/.test(url) &&
    URL.canParse(url, origin)
  const response =
    refusal ??
    (!possible
      ? json(400, { code: 'bad-request', message: 'There is no such request.' })
      : endless || length > most
        ? tooLong()
        : await respond(request()))
  // The rest of a body that nobody wants must not keep the connection busy.
  if (!incoming.readableEnded && bodied) outgoing.setHeader('connection', 'close')
  outgoing.setHeader('cross-origin-resource-policy', 'same-origin')
  outgoing.writeHead(response.status, Object.fromEntries(response.headers))
  if (!response.body) return void outgoing.end()
  const body = Readable.fromWeb(response.body as Parameters<typeof Readable.fromWeb>[0], {
    signal: gone.signal
  })
  await pipeline(body, outgoing).catch(() => outgoing.destroy())
}

function refused(incoming: IncomingMessage, origin: string): Response | undefined {
  const forbidden = (why: string) => json(403, { code: 'bad-request', message: why })
  if (incoming.headers.host !== new URL(origin).host) return forbidden('Wrong Host.')
  const from = incoming.headers.origin
  if (from !== undefined && from !== origin) return forbidden('Wrong Origin.')
  const site = incoming.headers['sec-fetch-site']
  // A link or an address typed by a person has "none"; "same-site" would be another port of 127.0.0.1.
  if (
    site !== undefined &&
    site !== 'same-origin' &&
    site !== 'none' &&
    incoming.headers['sec-fetch-mode'] !== 'navigate'
  )
    return forbidden('Wrong site.')
  return undefined
}

function plainHeaders(incoming: IncomingMessage): Headers {
  const headers = new Headers()
  for (const [name, value] of Object.entries(incoming.headers))
    if (typeof value === 'string') headers.set(name, value)
  return headers
}

/** Bytes of news that wait for a reader: a page that is frozen must not fill the memory. */
const mostUnread = 1 << 20

/** News as server-sent events, one JSON `[event, news]` each. */
function events(host: MachineHost, streams: Set<AbortController>): Response {
  const encoder = new TextEncoder()
  const own = new AbortController()
  let end = () => {}
  const body = new ReadableStream<Uint8Array>(
    {
      start(controller) {
        const tell = (line: string): void => {
          controller.enqueue(encoder.encode(line))
          if ((controller.desiredSize ?? 0) >= 0) return
          // Closing would keep what waits; the page asks again and catches up.
          end()
          controller.error(new Error('The news were not read.'))
        }
        tell(': listening\n\n')
        const endListening = host.listen((...news) => tell(`data: ${JSON.stringify(news)}\n\n`))
        end = () => {
          streams.delete(own)
          endListening()
        }
        streams.add(own)
        own.signal.addEventListener('abort', () => {
          end()
          controller.close()
        })
      },
      cancel: () => end()
    },
    new ByteLengthQueuingStrategy({ highWaterMark: mostUnread })
  )
  return new Response(body, { headers: { 'content-type': 'text/event-stream', 'cache-control': 'no-store' } })
}

function sameText(a: string, b: string): boolean {
  const [x, y] = [Buffer.from(a), Buffer.from(b)]
  return x.length === y.length && timingSafeEqual(x, y)
}
