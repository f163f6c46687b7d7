/** The byte routes as the worker asks them: failures as HostFailure, bodies into the caller's buffer. */
import type { ByteAddress } from '../../contract/bytes'
import { hostGone } from '../../contract/failure'
import { failureOf } from '../../contract/host'

export type Routes = (route: string, init?: RequestInit) => Promise<Response>

/** Answers that are no failure of the request but a reply: 409 is a record whose checksum is wrong. */
const replies = [409]

export function routesAt({ at, headers }: ByteAddress): Routes {
  return async (route, init = {}) => {
    const own = init.headers as Record<string, string> | undefined
    const response = await fetch(at + route, { ...init, headers: { ...headers, ...own } }).catch(() => {
      throw hostGone()
    })
    if (response.ok || replies.includes(response.status)) return response
    throw failureOf((await response.json().catch(() => ({ message: response.statusText }))) as object)
  }
}

/** A body that has to have exactly the length of `into`; `wrong` begins the sentence when it has not. */
export async function fill(
  into: Uint8Array,
  body: ReadableStream<Uint8Array> | null,
  wrong: (got: string) => Error
): Promise<void> {
  let done = 0
  // The caller's buffer stays the caller's: a BYOB reader would take it away, so each piece is copied once.
  const reader = body?.getReader()
  for (let piece = await reader?.read(); piece && !piece.done; piece = await reader?.read()) {
    if (done + piece.value.length > into.length) {
      // What nobody reads would keep the connection.
      await reader?.cancel().catch(() => undefined)
      throw wrong('more')
    }
    into.set(piece.value, done)
    done += piece.value.length
  }
  if (done !== into.length) throw wrong(`${done} bytes`)
}
