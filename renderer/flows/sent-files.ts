/** Files that were sent since the host cannot reach them: kept by their documents while the window lives, to be read again in another encoding. */
import type { DocumentInfo, ImportOptions } from '../../contract/document'
import type { Picked } from './send-files'

interface Sent {
  readonly picked: readonly Picked[]
  readonly how: ImportOptions
}

export class SentFiles {
  private readonly byDocument = new Map<string, Sent>()

  /** `added`: the documents that came of them. */
  keep(
    picked: readonly Picked[],
    how: ImportOptions,
    added: readonly Pick<DocumentInfo, 'id' | 'name'>[]
  ): void {
    if (how.asOne !== undefined && picked.length > 0) {
      for (const { id } of added) this.byDocument.set(id, { picked, how })
      return
    }
    for (const { id, name } of added) {
      const own = picked.filter(({ path }) => path.split('/').at(-1) === name)
      // Of two files of one name nobody knows which became which. Alone it lies in no folder.
      if (own.length === 1) this.byDocument.set(id, { picked: [{ file: own[0]!.file, path: name }], how })
    }
  }

  of(id: string): Sent | undefined {
    return this.byDocument.get(id)
  }

  /** The document has another text now. */
  move(from: string, to: string): void {
    const sent = this.byDocument.get(from)
    if (sent) this.byDocument.set(to, sent)
  }
}
