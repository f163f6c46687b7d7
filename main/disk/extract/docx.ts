/** Word → HTML by mammoth → text. */
import { zipSync } from 'fflate'
import mammoth from 'mammoth'
import type { Archive } from './archive'
import type { Extraction, Setting } from './document'
import { htmlRole } from './html'
import { checkNesting } from './nesting'
import { parseHtml } from './parse-tree'
import { emptyText } from './plain'
import { TextBuilder } from './text-builder'
import { type Role, type TreeElement, writeTree } from './tree-text'

export async function readDocx(archive: Archive, setting: Setting): Promise<Extraction> {
  // mammoth unpacks by itself and without limits: it is given only what was counted, and no pictures.
  const parts = archive.read(name => /\.(xml|rels)$/.test(name) && !name.startsWith('customXml/'))
  for (const [name, bytes] of parts)
    if (name.endsWith('.xml')) checkNesting(Buffer.from(bytes).toString('latin1'), true)
  const buffer = Buffer.from(zipSync(Object.fromEntries(parts), { level: 0 }))
  const { value: html } = await mammoth.convertToHtml(
    { buffer },
    {
      styleMap: ["p[style-name='Title'] => h1:fresh", "p[style-name='Subtitle'] => p:fresh"],
      convertImage: mammoth.images.imgElement(async () => ({ src: '' }))
    }
  )
  const builder = new TextBuilder(setting)
  writeTree(parseHtml(html), builder, docxRole())
  const text = builder.text()
  if (!/\S/.test(text)) throw emptyText(setting.name, 1)
  return { text, kind: 'docx', encoding: '', outline: builder.outline(), notes: [] }
}

/** mammoth writes [1] where a note is referred to, and the notes as a last list, in the same order, with arrows back. */
function docxRole(): (element: TreeElement) => Role {
  let notes = 0
  return element => {
    if (/^#(foot|end)note-ref-/.test(element.getAttribute('href') ?? '')) return { is: 'skip' }
    const role = htmlRole(element)
    const isNote = role.is === 'item' && /^(foot|end)note-/.test(element.getAttribute('id') ?? '')
    return isNote ? { is: 'item', marker: `[${++notes}] ` } : role
  }
}
