/** Routes of drops: files that a page sends, streamed to disk. */
import { empty, lengthOf, numberIn, notAllowed, type ServeKind, unknownRoute } from './replies'

export const serveDrop: ServeKind = async ({ drops, library }, [drop, path, at, ...rest], request) => {
  if (rest.length > 0) throw unknownRoute()
  // Rejects while the library is being moved.
  library()
  if (path === undefined) {
    if (request.method !== 'DELETE') return notAllowed('DELETE')
    await drops.remove(drop)
    return empty()
  }
  if (request.method !== 'PUT') return notAllowed('PUT')
  if (at !== undefined && !/^\d{1,13}$/.test(at)) throw unknownRoute()
  await drops.put(drop, path, request.body, {
    length: lengthOf(request),
    at: Number(at ?? 0),
    total: numberIn(request, 'x-total')
  })
  return empty()
}
