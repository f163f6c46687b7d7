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

/** POST a file's bytes, get its text as UTF-8 or a named refusal. Nothing is kept. */
export const textOfFile = (name: string) => `/text/${part(name)}`

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
