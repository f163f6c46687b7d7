/** Texts of documents by id, as the host keeps them. The last one stays at hand: it is counted, then read. */
import { documentText } from '../../contract/bytes'
import type { Routes } from './routes'

export interface DocumentTexts {
  of(id: string): Promise<string>
  /** SHA-256 of the text as UTF-8, in hexadecimal digits. */
  digestOf(id: string): Promise<string>
}

export function documentTexts(routes: Routes): DocumentTexts {
  let last: { readonly id: string; readonly text: Promise<string> } | undefined
  return {
    of(id) {
      if (last?.id === id) return last.text
      const own = { id, text: routes(documentText(id)).then(response => response.text()) }
      last = own
      own.text.catch(() => {
        if (last === own) last = undefined
      })
      return own.text
    },
    async digestOf(id) {
      const bytes = await (await routes(documentText(id))).arrayBuffer()
      const digest = new Uint8Array(await crypto.subtle.digest('SHA-256', bytes))
      return Array.from(digest, byte => byte.toString(16).padStart(2, '0')).join('')
    }
  }
}
