/** Routes of page files: gpu's PageStore verb by verb. */
import { z } from 'zod'
import { failureInEnglish, failureSaying } from '../../contract/failure'
import type { PageFile } from '../disk/page-file'
import type { PageIdentity } from '../disk/page-record'
import type { PagesOf } from './open-pages'
import type { MachineHost } from './host'
import {
  bodyOf,
  empty,
  failureReply,
  json,
  jsonBodyOf,
  notAllowed,
  type ServeKind,
  unknownRoute
} from './replies'

/** The longest record there is: a page of 256 rows of a large model has some MB, its carry less. */
export const longestRecord = 256 * 2 ** 20
/** An identity is some hundred bytes. */
const longestIdentity = 100_000

const Identity = z.record(z.string().max(200), z.union([z.string().max(10_000), z.number()]))

export const servePages: ServeKind = async (host, parts, request) => {
  const [id, modelKey, client, verb, what, ...rest] = parts
  const allowed = Object.hasOwn(methods, verb ?? '') ? methods[verb] : undefined
  if (rest.length > 0 || allowed === undefined) throw unknownRoute()
  if (!allowed.includes(request.method)) return notAllowed(allowed.join(', '))
  if (!/^[A-Za-z0-9-]{1,100}$/.test(client))
    throw failureInEnglish('bad-request', 'A client is named by letters, digits and "-".')
  const whose = { id, modelKey, client }
  if (verb === 'open') return open(host, whose, request)
  if (verb === 'close') {
    await host.pages.close(whose)
    return empty()
  }
  // The body is read before the file's turn comes: a slow sender must not keep others from it.
  const work = await workOf(`${request.method} ${verb}`, what, request)
  return host.pages.use(whose, async file => withBytes(file, await work(file)))
}

const methods: Readonly<Record<string, readonly string[]>> = {
  open: ['POST'],
  begin: ['POST'],
  records: ['GET', 'POST'],
  cut: ['POST'],
  checkpoint: ['GET', 'PUT'],
  seal: ['POST'],
  close: ['POST']
}

type Work = (file: PageFile) => Promise<Response>

async function workOf(asked: string, what: string | undefined, request: Request): Promise<Work> {
  if (asked === 'GET records') {
    const index = indexOf(what)
    return file => readRecord(file, index)
  }
  if (asked === 'POST records') {
    const kind = kindOf(what)
    const payload = await bodyOf(request, longestRecord)
    return done(file => file.append(kind, payload))
  }
  if (asked === 'POST cut') {
    const index = indexOf(what)
    return done(file => {
      if (index > file.records) throw outside(index, file)
      return file.cut(index)
    })
  }
  if (what !== undefined) throw unknownRoute()
  if (asked === 'POST begin') {
    const identity = await identityOf(request)
    return done(file => file.begin(identity))
  }
  if (asked === 'PUT checkpoint') {
    const payload = await bodyOf(request, longestRecord)
    return done(file => file.keepCheckpoint(payload))
  }
  if (asked === 'GET checkpoint')
    return async file => {
      const payload = await file.checkpoint()
      return payload ? octets(payload) : empty()
    }
  if (asked === 'POST seal') return done(file => file.seal())
  throw unknownRoute()
}

const done =
  (work: (file: PageFile) => Promise<void>): Work =>
  async file => {
    await work(file)
    return empty()
  }

async function open(host: MachineHost, whose: PagesOf, request: Request): Promise<Response> {
  const identity = await identityOf(request)
  const { file, saved } = await host.pages.open(whose, identity)
  return withBytes(file, json(200, saved))
}

async function readRecord(file: PageFile, index: number): Promise<Response> {
  const length = file.lengthOf(index)
  if (length === undefined) throw outside(index, file)
  const payload = new Uint8Array(length)
  if (await file.read(index, payload)) return octets(payload)
  const damaged = failureSaying('unreadable-file', 'recordDamaged', { index })
  return new Response(failureReply(damaged).body, {
    status: 409,
    headers: { 'content-type': 'application/json' }
  })
}

const outside = (index: number, { records }: PageFile) =>
  failureInEnglish('not-found', `Record ${index} was asked for, and there are ${records}.`)

async function identityOf(request: Request): Promise<PageIdentity> {
  const checked = Identity.safeParse(await jsonBodyOf(request, longestIdentity))
  if (checked.success) return checked.data
  throw failureInEnglish('bad-request', 'The identity has to be names with texts or numbers.')
}

function indexOf(what: string | undefined): number {
  if (what !== undefined && /^\d{1,9}$/.test(what)) return Number(what)
  throw failureInEnglish('bad-request', `${JSON.stringify(what?.slice(0, 80))} is no number of a record.`)
}

function kindOf(what: string | undefined): 'tokens' | 'page' | 'carry' {
  if (what === 'tokens' || what === 'page' || what === 'carry') return what
  throw failureInEnglish(
    'bad-request',
    `${JSON.stringify(what?.slice(0, 80))} is no kind of record: tokens, page or carry.`
  )
}

const octets = (payload: Uint8Array): Response =>
  new Response(payload as Uint8Array<ArrayBuffer>, {
    headers: {
      'content-type': 'application/octet-stream',
      'content-length': String(payload.length),
      'cache-control': 'no-store'
    }
  })

function withBytes(file: PageFile, response: Response): Response {
  response.headers.set('x-bytes', String(file.bytes))
  return response
}
