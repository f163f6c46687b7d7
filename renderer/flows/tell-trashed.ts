/** Says what was taken away, with the way back as long as there is one. */
import i18next from 'i18next'
import type { Trashed } from '../../contract/document'
import { addNotice, dismissTrashed } from '../store/documents'
import { bytes } from '../ui/format'

/** A timer takes at most 24 days; the host says five minutes. */
const longest = 600_000

export function tellTrashed(trashed: Trashed): void {
  const { id, what, name, bytes: size, until } = trashed
  // Nothing of it was on disk: nothing was lost.
  if (size === 0) return
  addNotice('done', i18next.t(`flows:trashed.${what}`, { name, bytes: bytes(size) }), undefined, trashed)
  setTimeout(() => dismissTrashed(id), Math.min(longest, Math.max(0, Date.parse(until) - Date.now())))
}
