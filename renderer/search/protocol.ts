/** What the page and the search worker say to each other. */
import type { ByteAddress } from '../../contract/bytes'
import type { Question } from './match'

export type ToSearch =
  /** First of all: the text to search. The worker fetches it by its own route, so it never passes through the page. */
  | { readonly name: 'text'; readonly bytes: ByteAddress; readonly documentId: string }
  /** Takes the place of an earlier question, answered or not. */
  | { readonly name: 'find'; readonly id: number; readonly question: Question }

export type FromSearch =
  /** Start offsets in order, those since the last message; `searched` and `total` in UTF-16 units. */
  | {
      readonly name: 'hits'
      readonly id: number
      readonly starts: Uint32Array<ArrayBuffer>
      readonly searched: number
      readonly total: number
      readonly done: boolean
    }
  | { readonly name: 'failed'; readonly reason: string }
