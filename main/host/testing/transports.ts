/** Both ways to a host, as a page sees them: Electron's IPC with what it does to values, and real HTTP. */
import { failureOf, type HostCalls, type Reply } from '../../../contract/host'
import { callSchemas } from '../call-schemas'
import type { News } from '../parts'
import { serveBytes } from '../serve-bytes'
import { serveHttp } from '../serve-http'
import { serveIpc } from '../serve-ipc'
import type { SampleHost } from './sample-host'

export interface Transport {
  /** As it crosses the wire. */
  call(name: string, args: unknown): Promise<Reply>
  /** As the page has it: failures are thrown. */
  readonly calls: HostCalls
  bytes(route: string, init?: RequestInit): Promise<Response>
  /** News as it came, oldest first. */
  readonly heard: News[]
  end(): Promise<void>
}

type Ipc = Parameters<typeof serveIpc>[0]
type Answerer = Parameters<Ipc['handle']>[1]

export type Connect = (sample: SampleHost) => Promise<Transport>

export const transports: [name: string, connect: Connect][] = [
  ['over IPC', overIpc],
  ['over HTTP', overHttp]
]

async function overIpc({ host }: SampleHost): Promise<Transport> {
  const origin = 'app://readonce'
  const heard: News[] = []
  let listener: Answerer | undefined
  const end = serveIpc(
    { handle: (_channel, handler) => void (listener = handler), removeHandler: () => (listener = undefined) },
    host,
    origin,
    () => [
      {
        isDestroyed: () => false,
        send: (channel: string, news: unknown) =>
          void heard.push([channel.replace('event:', ''), structuredClone(news)] as News)
      }
    ]
  )
  const event = { senderFrame: { url: `${origin}/`, parent: null } } as Parameters<Answerer>[0]
  const call = async (name: string, args: unknown): Promise<Reply> =>
    structuredClone(await listener!(event, structuredClone(name), structuredClone(args))) as Reply
  return {
    call,
    calls: thrown(call),
    bytes: (route, init) => serveBytes(host, route, new Request(`${origin}/bytes${route}`, init)),
    heard,
    end: async () => end()
  }
}

async function overHttp({ host, pages }: SampleHost): Promise<Transport> {
  const server = await serveHttp(host, pages)
  const key = { authorization: `Bearer ${server.token}` }
  const heard: News[] = []
  const events = await fetch(`${server.origin}/events`, { headers: key })
  void listen(events, heard)
  const call = async (name: string, args: unknown): Promise<Reply> => {
    const asked = { method: 'POST', headers: key, body: JSON.stringify(args) }
    return (await (await fetch(`${server.origin}/call/${name}`, asked)).json()) as Reply
  }
  return {
    call,
    calls: thrown(call),
    bytes: (route, init) =>
      fetch(`${server.origin}/bytes${route}`, {
        ...init,
        headers: { ...(init?.headers as Record<string, string>), ...key }
      }),
    heard,
    end: () => server.close()
  }
}

async function listen(events: Response, heard: News[]): Promise<void> {
  let left = ''
  const texts = events.body!.pipeThrough(new TextDecoderStream()) as unknown as AsyncIterable<string>
  try {
    for await (const text of texts) {
      const lines = (left + text).split('\n\n')
      left = lines.pop()!
      for (const line of lines)
        if (line.startsWith('data: ')) heard.push(JSON.parse(line.slice('data: '.length)) as News)
    }
  } catch {
    // The server was closed.
  }
}

function thrown(call: Transport['call']): HostCalls {
  const entries = Object.keys(callSchemas).map(name => [
    name,
    async (...args: unknown[]) => {
      const reply = await call(name, args)
      if (!reply.ok) throw failureOf(reply)
      return reply.value
    }
  ])
  return Object.fromEntries(entries) as HostCalls
}

/** A reading of so many bytes with a model, saved by the routes a worker uses, and closed. */
export async function saveReading(
  { bytes, calls }: Transport,
  id: string,
  modelKey: string,
  size: number,
  state: 'partial' | 'complete' = 'complete'
): Promise<void> {
  const at = `/pages/${id}/${modelKey}/reader-1`
  const post = async (verb: string, body?: RequestInit['body']): Promise<void> => {
    const response = await bytes(`${at}/${verb}`, { method: 'POST', body })
    if (!response.ok) throw new Error(`${verb}: ${response.status} ${await response.text()}`)
    await response.arrayBuffer()
  }
  await post('open', '{"text":"x"}')
  await post('begin', '{"text":"x"}')
  await post('records/page', new Uint8Array(size))
  if (state === 'complete') await post('seal')
  await post('close')
  const read = state === 'complete' ? 100 : 50
  await calls.noteReading(id, { modelKey, modelName: 'Sample', tokens: 100, read, state })
}
