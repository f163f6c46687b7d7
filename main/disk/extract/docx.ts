/**
 * Word → text, from WordprocessingML itself: what a converter to HTML does not know it drops (text boxes, fields, equations, ruby, list
 * labels, headers; measured in docs/documents.md), and it takes time and memory for it.
 */
import type { Note } from '../../../contract/document'
import { type Archive, damaged } from './archive'
import { type Extraction, type Setting } from './document'
import { DocxParts } from './docx-parts'
import { DocxRoles, arrangesPage } from './docx-roles'
import { writeMarked } from './marked-parts'
import { emptyText } from './plain'
import { TextBuilder } from './text-builder'
import { type TreeNode, writeTree } from './tree-text'
import { childOf } from './docx-numbering'

export async function readDocx(archive: Archive, setting: Setting): Promise<Extraction> {
  const parts = await DocxParts.open(archive, setting)
  const body = childOf(childOf(parts.main, 'w:document'), 'w:body')
  if (!body) throw damaged(setting.name, 'damagedText')
  const roles = new DocxRoles(parts)
  const builder = new TextBuilder(setting)
  const write = (root: TreeNode, into: TextBuilder) =>
    writeTree(root, into, element => roles.of(element), arrangesPage)
  writeMarked('Header', parts.headers, builder, setting, write)
  write(body, builder)
  writeMarked('Footer', parts.footers, builder, setting, write)
  const text = builder.text()
  if (!/\S/.test(text)) throw emptyText(setting.name, 1)
  const notes: Note[] = [...parts.notes(), ...roles.notes()]
  return { text, kind: 'docx', encoding: '', outline: builder.outline(), notes }
}
