/** The host behind HTTP on 127.0.0.1. Its token came in the address and goes along with every request. */
import { failureHere } from '../words/failure-sentence'
import { type Host, type HostEvents, failureOf, type Reply } from '../../contract/host'
import { eventStream } from './event-stream'
import { remoteCalls } from './remote-calls'

const kept = 'readonce-token'

export function httpHost(): Host {
  const given = /^#token=([\w-]+)$/.exec(location.hash)?.[1]
  if (given) {
    // Out of the address bar, where it could be copied or bookmarked; this tab keeps it for a reload.
    sessionStorage.setItem(kept, given)
    history.replaceState(null, '', location.pathname)
  }
  const token = given ?? sessionStorage.getItem(kept)
  if (!token) throw failureHere('bad-request', 'noKey', {})
  return hostAt(location.origin, token)
}

export function hostAt(origin: string, token: string): Host {
  const headers = { authorization: `Bearer ${token}` }
  const listeners = new Map<string, Set<(news: never) => void>>()
  const tell = (event: string, news: unknown): void => {
    for (const listener of listeners.get(event) ?? []) listener(news as never)
  }

  type Connection = 'here' | 'away' | 'replaced'
  const connections = new Set<(now: Connection) => void>()
  let connection: Connection = 'here'
  const connected = (now: Connection): void => {
    if (now === connection) return
    connection = now
    for (const listener of connections) listener(now)
  }
  let tryNow = (): void => undefined

  const calls = remoteCalls(async (name, args) => {
    const response = await call(`${origin}/call/${name}`, headers, args)
    if (response) return replyOf(response)
    connected('away')
    throw failureHere('host-gone', 'hostEnded', {})
  })

  /** After a gap: what may have been missed is asked for. */
  async function catchUp(): Promise<void> {
    for (const document of await calls.listDocuments()) tell('documentChanged', document)
    tell('settingsChanged', await calls.getSettings())
    tell('modelsChanged', null)
    tell('opened', null)
  }

  return {
    ...calls,
    on<E extends keyof HostEvents>(event: E, listener: (news: HostEvents[E]) => void) {
      // One stream for all events, from the first listener on.
      if (listeners.size === 0)
        ({ tryNow } = eventStream({
          ask: () => fetch(`${origin}/events`, { headers }),
          tell,
          again: () => void catchUp().catch(() => undefined),
          state: connected
        }))
      const all = listeners.get(event) ?? new Set()
      listeners.set(event, all.add(listener))
      return () => void all.delete(listener)
    },
    bytes: { at: `${origin}/bytes`, headers },
    connection: { on: listener => void connections.add(listener), tryNow: () => tryNow() }
  }
}

/** Undefined where the host does not answer. */
const call = (address: string, headers: HeadersInit, args: unknown[]): Promise<Response | undefined> =>
  fetch(address, { method: 'POST', headers, body: JSON.stringify(args) }).catch(() => undefined)

async function replyOf(response: Response): Promise<Reply> {
  if (response.status === 401) {
    await response.arrayBuffer()
    throw failureHere('bad-request', 'earlierRun', {})
  }
  if (!response.ok)
    throw failureOf((await response.json().catch(() => ({ message: `Status ${response.status}` }))) as object)
  return (await response.json()) as Reply
}
