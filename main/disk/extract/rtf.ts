/**
 * RTF → text. A reader of our own, since none that is kept runs here: groups, code pages, Unicode, lists, fields, notes, tables, headers,
 * text boxes and equations. Groups nest on a list, not by recursion.
 */
import type { Note } from '../../../contract/document'
import { damaged } from './archive'
import { type Extraction, noteSaying, type Setting } from './document'
import { writeMarked } from './marked-parts'
import { emptyText } from './plain'
import { arrangesNothing, roleOfRtf } from './rtf-flow'
import { RtfReader } from './rtf-reader'
import { TextBuilder } from './text-builder'
import { type TreeNode, writeTree } from './tree-text'

export async function readRtf(bytes: Uint8Array, setting: Setting): Promise<Extraction> {
  const { body, headers, footers, left, strange, characters, isCut } = new RtfReader(setting.name).read(
    withoutJunk(bytes)
  )
  // RTF is written in printable characters; what holds others is something else behind RTF's first bytes.
  if (strange > 3 && strange > characters / 50) throw damaged(setting.name, 'damagedRtf')
  const builder = new TextBuilder(setting)
  const write = (root: TreeNode, into: TextBuilder) => writeTree(root, into, roleOfRtf, arrangesNothing)
  writeMarked('Header', headers, builder, setting, write)
  write(body, builder)
  writeMarked('Footer', footers, builder, setting, write)
  const text = builder.text()
  if (!/\S/.test(text)) throw emptyText(setting.name, bytes.length)
  const notes: Note[] = left.notes()
  if (isCut) notes.unshift(noteSaying('cut-short', 'cutShort'))
  return { text, kind: 'rtf', encoding: '', outline: builder.outline(), notes }
}

/** A byte order mark, blank lines or a mail's head may stand before it. */
function withoutJunk(bytes: Uint8Array): Uint8Array {
  const at = Buffer.from(bytes.buffer, bytes.byteOffset, Math.min(bytes.length, 8192)).indexOf('{\\rtf', 0, 'latin1') // prettier-ignore
  return at > 0 ? bytes.subarray(at) : bytes
}
