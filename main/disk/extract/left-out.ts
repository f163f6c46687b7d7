/** Counts what a reader leaves out, and says it. */
import type { Note, NoteKind } from '../../../contract/document'
import type { NoteWord } from '../../../contract/note-words'
import { noteSaying } from './document'

const words = {
  pictures: 'pictures',
  drawings: 'drawings',
  charts: 'charts',
  objects: 'objects',
  comments: 'comments',
  'deleted-text': 'deletedText',
  'hidden-text': 'hiddenText'
} as const satisfies Partial<Record<NoteKind, NoteWord>>
type Counted = keyof typeof words

export class LeftOut {
  private readonly counts = new Map<Counted, number>()

  count(kind: Counted, more = 1): void {
    const now = this.of(kind) + more
    if (now > 0) this.counts.set(kind, now)
    else this.counts.delete(kind)
  }

  of(kind: Counted): number {
    return this.counts.get(kind) ?? 0
  }

  notes(): Note[] {
    return [...this.counts].map(([kind, count]) => noteSaying(kind, words[kind], { count }))
  }
}
