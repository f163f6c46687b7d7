import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, describe, expect, test } from 'vitest'
import { extractFile } from '../extract-text'

const folder = mkdtempSync(join(tmpdir(), 'readonce-json-'))
afterAll(() => rmSync(folder, { recursive: true }))
const read = (name: string, content: unknown) => {
  writeFileSync(join(folder, name), typeof content === 'string' ? content : JSON.stringify(content))
  return extractFile(join(folder, name))
}

describe('escaped letters', () => {
  test('stand as themselves, whole characters only, and nothing else changes', async () => {
    const source = String.raw`{"a": "caf\u00e9 \u8001\ud83d\ude00", "b": "\u0022 \u005c \\u00e9 \n \ud83d x \u200b"}`
    const { text, kind, notes } = await read('a.json', source)
    expect(text).toBe(String.raw`{"a": "café 老😀", "b": "\u0022 \u005c \\u00e9 \n \ud83d x \u200b"}`)
    expect(kind).toBe('json')
    expect(notes).toMatchObject([{ kind: 'converter', count: 3 }])
    expect(JSON.parse(text).a).toBe('café 老😀')
  })

  test('a file without them is kept to the letter', async () => {
    const source = '{"a": "café\\n\\\\u"}\r\n'
    expect(await read('b.jsonl', source)).toMatchObject({ text: source, notes: [] })
  })
})

describe('notebooks', () => {
  const cell = (cell_type: string, source: string | string[], more = {}) => ({
    cell_type,
    source,
    metadata: {},
    ...more
  })
  const picture = 'iVBORw0KGgo'.repeat(100)

  test('cells as Markdown, with what they printed and without pictures', async () => {
    const { text, kind, outline, notes } = await read('a.ipynb', {
      nbformat: 4,
      metadata: { language_info: { name: 'python' } },
      cells: [
        cell('markdown', ['# Title\n', `Words ![](data:image/png;base64,${picture}).`]),
        cell('code', '# no heading\nprint("```")\n```', {
          outputs: [
            { output_type: 'stream', name: 'stdout', text: ['one\n', 'two\n'] },
            { output_type: 'execute_result', data: { 'text/plain': '42', 'text/html': '<b>42</b>' } },
            {
              output_type: 'display_data',
              data: { 'text/plain': '<Figure size 640x480>', 'image/png': picture }
            },
            { output_type: 'error', traceback: ['\u001b[31mValueError\u001b[0m: x'] }
          ]
        }),
        cell('markdown', '## Part')
      ]
    })
    expect(text).toBe(
      '# Title\nWords ![]().\n\n````python\n# no heading\nprint("```")\n```\n````\n\n```output\none\ntwo\n```\n\n```output\n42\n```\n\n' +
        '```output\nValueError: x\n```\n\n## Part\n'
    )
    expect(kind).toBe('markdown')
    expect(outline.headings.map(({ title, level }) => [title, level])).toEqual([
      ['Title', 1],
      ['Part', 2]
    ])
    expect(notes.map(({ message }) => message)).toEqual([
      '1 picture is not read.',
      '1 output of a cell is not read: a picture or the like.'
    ])
  })

  test('of version 3; a damaged one is read as the JSON it is', async () => {
    const worksheets = [{ cells: [{ cell_type: 'heading', level: 2, source: 'Old' }, { cell_type: 'code', input: ['x = 1'], outputs: [{ text: 'y' }] }] }] // prettier-ignore
    expect((await read('b.ipynb', { nbformat: 3, worksheets })).text).toBe(
      '## Old\n\n```\nx = 1\n```\n\n```output\ny\n```\n'
    )
    expect(await read('c.ipynb', '{"cells": [{"source": "wor')).toMatchObject({
      text: '{"cells": [{"source": "wor',
      kind: 'json'
    })
    expect((await read('d.ipynb', { a: 'no cells' })).text).toBe('{"a":"no cells"}')
  })
})
