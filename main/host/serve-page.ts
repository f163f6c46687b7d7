/** The renderer's own files, under a policy that lets nothing else in. */
import { readFile } from 'node:fs/promises'
import { extname, join } from 'node:path'
import { json, notAllowed } from './replies'

const types: Record<string, string> = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.svg': 'image/svg+xml',
  '.png': 'image/png',
  '.txt': 'text/plain; charset=utf-8'
}

/** Nothing but our own files may run, and nothing may be asked from anywhere else. */
const policy =
  "default-src 'none'; script-src 'self'; worker-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'; require-trusted-types-for 'script'; trusted-types default"

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
      'cross-origin-resource-policy': 'same-origin',
      'referrer-policy': 'no-referrer',
      'x-content-type-options': 'nosniff'
    }
  })
}
