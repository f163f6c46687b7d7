/** A Jupyter notebook → its cells, code in fences as Markdown writes it, and what they printed. Source: nbformat 3 and 4. */
import { z } from 'zod'
import { type Extraction, noteSaying } from './document'
import { markdownHeadings } from './plain'

const Lines = z.union([z.string(), z.array(z.string()).transform(lines => lines.join(''))]).catch('')
const Output = z
  .looseObject({
    text: Lines.optional(),
    data: z.record(z.string(), z.unknown()).optional().catch(undefined),
    traceback: z.array(z.string()).optional().catch(undefined)
  })
  .catch({})
const Cell = z.looseObject({
  cell_type: z.string().catch('raw'),
  source: Lines.optional(),
  /** Before version 4. */
  input: Lines.optional(),
  level: z.number().optional().catch(undefined),
  outputs: z.array(Output).optional().catch(undefined),
  attachments: z.record(z.string(), z.unknown()).optional().catch(undefined)
})
const Notebook = z.looseObject({
  cells: z.array(Cell).optional(),
  worksheets: z.array(z.looseObject({ cells: z.array(Cell) })).optional(),
  metadata: z
    .looseObject({ language_info: z.looseObject({ name: z.string() }).optional().catch(undefined) })
    .optional()
    .catch(undefined)
})

/** Undefined: it is JSON, or damaged, and no notebook. */
export function readNotebook(plain: Extraction): Extraction | undefined {
  let parsed
  try {
    parsed = Notebook.safeParse(JSON.parse(plain.text))
  } catch {
    return undefined
  }
  if (!parsed.success) return undefined
  const { cells = parsed.data.worksheets?.flatMap(sheet => sheet.cells), metadata } = parsed.data
  if (cells === undefined) return undefined
  const language = metadata?.language_info?.name ?? ''
  const parts: string[] = []
  let pictures = 0
  let outputs = 0
  for (const cell of cells) {
    const { text, count } = withoutPictures(cell.source ?? cell.input ?? '')
    pictures += count
    const words = text.trimEnd()
    if (words.trim() !== '')
      parts.push(
        cell.cell_type === 'code'
          ? fenced(words, language)
          : cell.cell_type === 'heading'
            ? `${'#'.repeat(Math.min(6, Math.max(1, cell.level ?? 1)))} ${words}`
            : words
      )
    for (const output of cell.outputs ?? []) {
      const printed = printedBy(output)
      if (printed === undefined) outputs++
      else if (printed.trim() !== '') parts.push(fenced(printed.trimEnd(), 'output'))
    }
  }
  const text = parts.join('\n\n') + '\n'
  return {
    ...plain,
    text,
    kind: 'markdown',
    outline: { headings: markdownHeadings(text), sheets: [] },
    notes: [
      ...plain.notes,
      ...(pictures > 0 ? [noteSaying('pictures', 'pictures', { count: pictures })] : []),
      ...(outputs > 0 ? [noteSaying('pictures', 'outputs', { count: outputs })] : [])
    ]
  }
}

/** Undefined: nothing that can be read, a picture for example. */
function printedBy({ text, data, traceback, ...older }: z.infer<typeof Output>): string | undefined {
  const plain = Lines.parse(data?.['text/plain'])
  const isPicture = Object.keys(data ?? older).some(type =>
    /^(image\/|png$|jpeg$|svg$|application\/vnd)/.test(type)
  )
  if (traceback) return traceback.join('\n').replace(/\u001b\[[\d;]*m/g, '') // eslint-disable-line no-control-regex -- colours
  if (text !== undefined && !isPicture) return text
  // "<Figure size 640x480 with 1 Axes>" is what stands for a picture.
  if (isPicture) return undefined
  const markdown = Lines.parse(data?.['text/markdown'])
  return plain || markdown || (data && Object.keys(data).length > 0 ? undefined : '')
}

/** Longer than any fence in it. */
function fenced(text: string, language: string): string {
  const longest = Math.max(2, ...(text.match(/^ {0,3}`{3,}/gm) ?? []).map(mark => mark.trim().length))
  const mark = '`'.repeat(longest + 1)
  return `${mark}${language}\n${text}\n${mark}`
}

/** Pictures that stand in the text itself, as base64. */
function withoutPictures(text: string): { text: string; count: number } {
  let count = 0
  const rest = text.replace(/data:image\/[\w.+-]+;base64,[\w+/=\s]{200,}/g, () => {
    count++
    return ''
  })
  return { text: rest, count }
}
