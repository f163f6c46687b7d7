/** The host behind HTTP on 127.0.0.1. Its token came in the address and goes along with every request. */
import { HostFailure } from '../../contract/failure'
import { type Host, type HostEvents, failureOf, type Reply } from '../../contract/host'
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
  if (!token)
    throw new HostFailure(
      'bad-request',
      'Open the whole address that Readonce printed: the part behind # is its key.'
    )
  const headers = { authorization: `Bearer ${token}` }
  const listeners = new Map<string, Set<(news: never) => void>>()

  async function send(name: string, args: unknown[]): Promise<Reply> {
    const response = await fetch(`/call/${name}`, {
      method: 'POST',
      headers,
      body: JSON.stringify(args)
    }).catch(() => undefined)
    if (!response)
      throw new HostFailure(
        'not-found',
        'The program behind this page has ended. Start it again and open its new address.'
      )
    if (response.status === 401)
      throw new HostFailure(
        'bad-request',
        'This page belongs to an earlier run. Open the address that Readonce printed last.'
      )
    if (!response.ok) throw failureOf((await response.json()) as { message: string })
    return (await response.json()) as Reply
  }

  // EventSource cannot send the token; the stream is the same.
  async function listen(): Promise<void> {
    const response = await fetch('/events', { headers })
    if (!response.ok || !response.body) return
    let rest = ''
    const reader = response.body.pipeThrough(new TextDecoderStream()).getReader()
    for (let piece = await reader.read(); !piece.done; piece = await reader.read()) {
      const lines = (rest + piece.value).split('\n')
      rest = lines.pop() ?? ''
      for (const line of lines.filter(each => each.startsWith('data: '))) {
        const [event, news] = JSON.parse(line.slice('data: '.length)) as [string, never]
        for (const listener of listeners.get(event) ?? []) listener(news)
      }
    }
  }

  return {
    ...remoteCalls(send),
    on<E extends keyof HostEvents>(event: E, listener: (news: HostEvents[E]) => void) {
      // One stream for all events, from the first listener on; when the host ends, the next call says so.
      if (listeners.size === 0) void listen().catch(() => undefined)
      const all = listeners.get(event) ?? new Set()
      listeners.set(event, all.add(listener))
      return () => void all.delete(listener)
    },
    bytes: { at: `${location.origin}/bytes`, headers }
  }
}
