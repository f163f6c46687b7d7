/** What was taken away: listed, and brought back. */
import type { HostCalls } from '../../contract/host'
import { infoOf } from './document-info'
import type { HostParts } from './parts'

export function trashCalls(parts: HostParts): Pick<HostCalls, 'listTrash' | 'restore'> {
  const { library, trash, send } = parts
  return {
    listTrash: () => trash.list(),
    async restore(id) {
      const { what, documentId } = await library().restore(id)
      if (what === 'model') send('modelsChanged', null)
      else if (documentId !== undefined)
        send('documentChanged', await infoOf(parts, await library().get(documentId)))
    }
  }
}
