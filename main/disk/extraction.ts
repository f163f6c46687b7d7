/** What the library takes in: a file's text, a folder's files, several texts as one. */
import { readdir } from 'node:fs/promises'
import { basename, join, relative } from 'node:path'
import type { ExtractedDocument } from './extract-text'

export { type ExtractedDocument, type ExtractOptions, extractFile } from './extract-text'

export async function gatherFiles(
  folder: string
): Promise<{ files: { path: string; name: string }[]; ignored: number }> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true })
  const files = entries
    .filter(entry => entry.isFile())
    .map(entry => join(entry.parentPath, entry.name))
    .sort()
  return { files: files.map(path => ({ path, name: relative(folder, path) })), ignored: 0 }
}

export function joinFiles(
  _name: string,
  parts: readonly { readonly name: string; readonly document: ExtractedDocument }[]
): ExtractedDocument {
  let text = ''
  const headings: { title: string; level: number; start: number }[] = []
  for (const { name, document } of parts) {
    headings.push({ title: name, level: 1, start: text.length })
    text += `# ${basename(name)}\n\n${document.text}\n\n`
  }
  return {
    text,
    kind: 'files',
    encoding: '',
    bytes: parts.reduce((sum, { document }) => sum + document.bytes, 0),
    outline: { headings, sheets: [] },
    notes: []
  }
}
