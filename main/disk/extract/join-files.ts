/** Several files → one document in which each has a heading with its path. */
import { failureSaying } from '../../../contract/failure'
import { longestText } from '../decode-text'
import { type ExtractedDocument } from './document'

/** Printed pages go: the files' numbers would be those of different books. `name` is for the sentences. */
export function joinFiles(
  name: string,
  parts: readonly { readonly name: string; readonly document: ExtractedDocument }[]
): ExtractedDocument {
  const length = parts.reduce((sum, part) => sum + part.name.length + part.document.text.length + 16, 0)
  if (length > longestText)
    throw failureSaying('too-long', 'tooMuchTogether', {
      name,
      characters: length,
      files: parts.length,
      most: longestText
    })
  const texts: string[] = []
  const headings: { title: string; level: number; start: number }[] = []
  let start = 0
  for (const { name: path, document } of parts) {
    const title = path.replace(/\s+/g, ' ')
    const head = `==== ${title} ====\n\n`
    const tail = document.text.endsWith('\n') ? '\n' : '\n\n'
    headings.push({ title, level: 1, start })
    for (const inner of document.outline.headings)
      headings.push({ ...inner, level: inner.level + 1, start: start + head.length + inner.start })
    texts.push(head, document.text, tail)
    start += head.length + document.text.length + tail.length
  }
  const encodings = new Set(parts.map(part => part.document.encoding).filter(each => each !== ''))
  return {
    text: texts.join('').trimEnd() + '\n',
    kind: 'files',
    encoding: encodings.size === 1 ? [...encodings][0]! : '',
    bytes: parts.reduce((sum, part) => sum + part.document.bytes, 0),
    outline: { headings, sheets: [] },
    notes: parts.flatMap(part =>
      part.document.notes.map(each => ({
        ...each,
        message: `${part.name}: ${each.message}`,
        ...(each.said ? { said: { ...each.said, file: part.name } } : {})
      }))
    )
  }
}
