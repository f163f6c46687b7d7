/** Counts what a reader leaves out, and says it. */
import type { Note, NoteKind } from '../../../contract/document'
import { counted, note } from './document'

const said: Partial<Record<NoteKind, readonly [one: string, many: string, rest: string]>> = {
  pictures: ['picture', 'pictures', 'not read'],
  charts: ['chart', 'charts', 'not read'],
  objects: ['embedded object', 'embedded objects', 'not read'],
  comments: ['comment', 'comments', 'not read'],
  'deleted-text': [
    'piece of deleted text (tracked changes)',
    'pieces of deleted text (tracked changes)',
    'left out'
  ],
  'hidden-text': ['piece of hidden text', 'pieces of hidden text', 'left out']
}

export class LeftOut {
  private readonly counts = new Map<NoteKind, number>()

  count(kind: NoteKind, more = 1): void {
    const now = this.of(kind) + more
    if (now > 0) this.counts.set(kind, now)
    else this.counts.delete(kind)
  }

  of(kind: NoteKind): number {
    return this.counts.get(kind) ?? 0
  }

  notes(): Note[] {
    return [...this.counts].map(([kind, count]) => {
      const [one, many, rest] = said[kind] ?? ['part', 'parts', 'not read']
      return note(kind, `${counted(count, one, many)} ${count === 1 ? 'is' : 'are'} ${rest}.`, { count })
    })
  }
}
