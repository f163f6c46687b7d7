/** Replies and bodies of the byte routes. */
import { failureInEnglish, HostFailure, sentenceOf, type FailureCode } from '../../contract/failure'
import { formatBytes } from '../disk/disk-space'
import type { MachineHost } from './host'

/** What one kind of byte route answers. `parts` is what follows the kind in the path, decoded and not empty. */
export type ServeKind = (host: MachineHost, parts: readonly string[], request: Request) => Promise<Response>

const status: Partial<Record<FailureCode, number>> = {
  'bad-request': 400,
  'not-found': 404,
  'too-long': 413,
  'unsupported-file': 415,
  'empty-document': 422,
  // Not 409: that is a damaged record, in the routes `pages`.
  'in-use': 423,
  'disk-full': 507
}

export function json(status: number, value: unknown): Response {
  return new Response(JSON.stringify(value), {
    status,
    headers: { 'content-type': 'application/json', 'cache-control': 'no-store' }
  })
}

export function failureReply(error: unknown): Response {
  const failure = error instanceof HostFailure ? error : undefined
  const message = sentenceOf(error)
  return json(failure ? (status[failure.code] ?? 500) : 500, {
    code: failure?.code ?? 'unexpected',
    message,
    said: failure?.said
  })
}

export const empty = (status: 204 | 200 = 204): Response =>
  new Response(null, { status, headers: { 'cache-control': 'no-store' } })

export const notAllowed = (allow: string): Response =>
  new Response(null, { status: 405, headers: { allow, 'content-length': '0' } })

export const unknownRoute = () => failureInEnglish('not-found', 'There is no such route.')

/** The length that the sender says, where it says one. */
export const lengthOf = (request: Request): number | undefined => numberIn(request, 'content-length')

export function numberIn(request: Request, header: string): number | undefined {
  const said = request.headers.get(header)
  return said !== null && /^\d{1,15}$/.test(said) ? Number(said) : undefined
}

/** The whole body; rejects with too-long as soon as more than `most` bytes are said or sent. */
export async function bodyOf(request: Request, most: number): Promise<Uint8Array> {
  const tooLong = () =>
    failureInEnglish('too-long', `More than ${formatBytes(most)} were sent; that is the most here.`)
  const length = lengthOf(request)
  if (length !== undefined && length > most) throw tooLong()
  if (!request.body) return new Uint8Array()
  if (length !== undefined) {
    // Three times as fast as piece by piece.
    const whole = new Uint8Array(await request.arrayBuffer())
    if (whole.length !== length)
      throw failureInEnglish(
        'bad-request',
        `${length} bytes were to come, and ${whole.length} arrived. Send them again.`
      )
    return whole
  }
  const pieces: Uint8Array[] = []
  let bytes = 0
  for await (const piece of request.body as unknown as AsyncIterable<Uint8Array>) {
    bytes += piece.length
    if (bytes > most) throw tooLong()
    pieces.push(piece)
  }
  return Buffer.concat(pieces)
}

export async function jsonBodyOf(request: Request, most: number): Promise<unknown> {
  const bytes = await bodyOf(request, most)
  try {
    return JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(bytes))
  } catch {
    throw failureInEnglish('bad-request', 'The body is no JSON in UTF-8.')
  }
}
