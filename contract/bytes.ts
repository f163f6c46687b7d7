/**
 * The byte routes: everything large travels here, by `fetch`, in both hosts alike. A route is a path below
 * `Host.bytes.at`; main/host/serve-bytes.ts answers, and nobody else writes such a path.
 *
 * Failures come back as JSON `{ code, message }` with a status of 400 or more.
 */
const part = encodeURIComponent

/** GET: `ModelFile[]` as JSON. */
export const modelFiles = (model: string) => `/models/${part(model)}`

/** GET, HEAD, with a `Range` of bytes: one file of a model. */
export const modelBytes = (model: string, file: string) => `/models/${part(model)}/files/${part(file)}`

/** GET: `{ digest }` as JSON, the SHA-256 of a whole file; the host remembers it. */
export const modelDigest = (model: string, file: string) => `/models/${part(model)}/digests/${part(file)}`

/** Bytes of a body to `dropped`: Electron hands each to its main process whole. */
export const longestSlice = 8 << 20

/**
 * PUT: one file of a drop, or a slice of it from byte `at` on, `path` relative with "/" between folders. A slice follows
 * the one before it and has at most `longestSlice` bytes; the header x-total tells what is still to come for the whole
 * drop, so that the disk is asked first. `drop` is a name of the sender's making (letters, digits, "-").
 * The files are kept aside until addDocuments or importModel takes them, a DELETE on `/drops/DROP` or the next start.
 */
export const dropped = (drop: string, path?: string, at = 0) =>
  ['/drops', drop, ...(path === undefined ? [] : [path, ...(at > 0 ? [String(at)] : [])])]
    .map((each, i) => (i === 0 ? each : part(each)))
    .join('/')

/** GET: the whole text as UTF-8. */
export const documentText = (id: string) => `/documents/${part(id)}/text`

/** GET: `Outline` as JSON. */
export const documentOutline = (id: string) => `/documents/${part(id)}/outline`

/** GET: a `Chat` as JSON. PUT: keeps one, under the id in the route. */
export const documentChat = (id: string, chat: string) => `/documents/${part(id)}/chats/${part(chat)}`

/**
 * What was read of a document with one model, gpu's PageStore verb by verb. `client` is a random name of the one who
 * reads: opening takes the file over from an earlier client (a page that was reloaded), whose requests fail from then on with `in-use`.
 *
 *   POST  …/open       identity as JSON          → SavedPages as JSON; bytes on disk in the header x-bytes, as in every reply
 *   POST  …/begin      identity as JSON
 *   GET   …/records/N                            → the payload; 409 when its checksum does not match
 *   POST  …/records/KIND  payload                  KIND: tokens, page, carry
 *   POST  …/cut/N
 *   PUT   …/checkpoint  payload
 *   GET   …/checkpoint                           → the payload, or 204
 *   POST  …/seal
 *   POST  …/close
 */
export const pages = (id: string, modelKey: string, client: string) =>
  `/pages/${part(id)}/${part(modelKey)}/${part(client)}`

export interface ModelFile {
  readonly name: string
  readonly size: number
}

/** Where a transport serves the routes, and what has to go along with each request. */
export interface ByteAddress {
  /** "app://readonce/bytes" in Electron, "http://127.0.0.1:…/bytes" in a browser. */
  readonly at: string
  readonly headers: Readonly<Record<string, string>>
}
