/**
 * Word → text, from WordprocessingML itself: what a converter to HTML does not know it drops (text boxes, fields, equations, ruby, list
 * labels, headers; measured in docs/documents.md), and it takes time and memory for it.
 */
import type { Note } from '../../../contract/document'
import { type Archive, damaged } from './archive'
import { type Extraction, type Setting } from './document'
import { DocxParts } from './docx-parts'
import { DocxRoles, arrangesPage } from './docx-roles'
import { emptyText } from './plain'
import { TextBuilder } from './text-builder'
import { type TreeNode, writeTree } from './tree-text'
import { childOf } from './docx-numbering'

export async function readDocx(archive: Archive, setting: Setting): Promise<Extraction> {
  const parts = await DocxParts.open(archive, setting)
  const body = childOf(childOf(parts.main, 'w:document'), 'w:body')
  if (!body) throw damaged(setting.name, 'its text is missing')
  const roles = new DocxRoles(parts)
  const builder = new TextBuilder(setting)
  const write = (root: TreeNode) => writeTree(root, builder, element => roles.of(element), arrangesPage)
  writeMarked('Header', parts.headers, builder, setting, roles)
  write(body)
  writeMarked('Footer', parts.footers, builder, setting, roles)
  const text = builder.text()
  if (!/\S/.test(text)) throw emptyText(setting.name, 1)
  const notes: Note[] = [...parts.notes(), ...roles.notes()]
  return { text, kind: 'docx', encoding: '', outline: builder.outline(), notes }
}

/** Letterheads and file numbers stand in headers: each once, though they are printed on every page. */
function writeMarked(
  mark: 'Header' | 'Footer',
  roots: readonly TreeNode[],
  builder: TextBuilder,
  setting: Setting,
  roles: DocxRoles
): void {
  const seen = new Set<string>()
  for (const root of roots) {
    const own = new TextBuilder(setting)
    writeTree(root, own, element => roles.of(element), arrangesPage)
    const words = own
      .text()
      .replace(/\s*\n\s*/g, ' / ')
      .trim()
    // A page number alone is nothing to read.
    if (!/\p{L}/u.test(words.replace(/\b(page|seite|of|von)\b/gi, '')) || seen.has(words)) continue
    seen.add(words)
    builder.separate(2)
    builder.add(`[${mark}] ${words}`)
    builder.separate(2)
  }
}
