/** A file as a reply: whole, or a range of bytes. */
/** Chunks of a body. Larger ones gain nothing over HTTP; smaller ones pay Node's streams more often. */
const chunkBytes = 1 << 20

export function serveFile(
  source: { readonly size: number; read(offset: number, into: Uint8Array): Promise<void> },
  request: Request
): Response {
  const range = rangeOf(request.headers.get('range'), source.size)
  const headers: Record<string, string> = {
    'accept-ranges': 'bytes',
    'content-type': 'application/octet-stream',
    'cache-control': 'no-store',
    'x-content-type-options': 'nosniff'
  }
  if (range === 'outside')
    return new Response(null, {
      status: 416,
      headers: { ...headers, 'content-range': `bytes */${source.size}`, 'content-length': '0' }
    })
  const [start, end] = range ?? [0, source.size]
  headers['content-length'] = String(end - start)
  if (range) headers['content-range'] = `bytes ${start}-${end - 1}/${source.size}`
  let offset = start
  const body = new ReadableStream<Uint8Array>({
    async pull(controller) {
      const chunk = new Uint8Array(Math.min(chunkBytes, end - offset))
      if (chunk.length > 0) {
        await source.read(offset, chunk)
        offset += chunk.length
        controller.enqueue(chunk)
      }
      if (offset >= end) controller.close()
    }
  })
  return new Response(request.method === 'HEAD' ? null : body, { status: range ? 206 : 200, headers })
}

/** [start, end) of a single range. Anything else that the header may say is answered with the whole file, as RFC 9110 allows. */
export function rangeOf(header: string | null, size: number): [number, number] | 'outside' | undefined {
  const found = /^bytes=(\d{0,15})-(\d{0,15})$/.exec(header?.trim() ?? '')
  if (!found || found[0] === 'bytes=-') return undefined
  const [first, last] = [found[1], found[2]].map(digits => (digits === '' ? undefined : Number(digits)))
  if (first === undefined) return last === 0 || size === 0 ? 'outside' : [Math.max(0, size - last!), size]
  if (last !== undefined && last < first) return undefined
  if (first >= size) return 'outside'
  return [first, Math.min(size, (last ?? size) + 1)]
}
