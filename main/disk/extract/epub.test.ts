/** Books beyond what formats.test.ts asks; the handed cases are in field-cases.test.ts. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, describe, expect, test } from 'vitest'
import { stopwatch } from '../../../gpu/testing/stopwatch'
import { extractFile } from '../extract-text'
import { makeEpub } from './testing/make-archives'

const folder = mkdtempSync(join(tmpdir(), 'readonce-epub-'))
afterAll(() => rmSync(folder, { recursive: true }))
const read = (bytes: Uint8Array) => {
  const path = join(folder, 'a.epub')
  writeFileSync(path, bytes)
  return extractFile(path)
}
/** A book of one chapter, whose list of contents is for the reading program alone. */
const chapter = (body: string, nav = '<nav/>') =>
  read(makeEpub([{ title: 'One', body }], { 'OEBPS/nav.xhtml': `<html><body>${nav}</body></html>` }))

describe('contents', () => {
  test('a list without a title is for the reading program; that it is left out is told', async () => {
    const { text, notes } = await chapter('<p>Words.</p>', '<nav><ol><li><a href="x">One</a></li></ol></nav>')
    expect(text).toBe('Words.')
    expect(notes).toMatchObject([{ kind: 'contents-page', where: 'OEBPS/nav.xhtml' }])
  })

  test('a page of links, such as an index, is read', async () => {
    const { text, notes } = await chapter(
      '<h2>Index</h2><p><a href="a#1">anchor</a>, <a href="a#2">boat</a>, <a href="a#3">quay</a></p>'
    )
    expect([text, notes]).toEqual(['Index\n\nanchor, boat, quay', []])
  })

  test('a book of pictures is refused though it has a page of contents', async () => {
    await expect(read(makeEpub([{ title: 'One', body: '<img src="x.jpg"/>' }]))).rejects.toThrow(
      'its pages are pictures'
    )
  })
})

test('what stands for a film, a sound, an object or a script is read', async () => {
  const { text } = await chapter(
    '<p>Before.</p><video src="a.mp4"><p>The boat leaves.</p></video><object data="a.swf">A map of the quay.</object>' +
      '<audio src="a.mp3"/><noscript>No scripts here.</noscript><p>After.</p>'
  )
  expect(text).toBe('Before.\n\nThe boat leaves.\n\nA map of the quay.\nNo scripts here.\n\nAfter.')
})

test('words that a page hides are counted', async () => {
  const { text, notes } = await chapter(
    '<p>Quiz.</p><div style="display: none"><p>Right!</p></div><div hidden=""/>'
  )
  expect(text).toBe('Quiz.')
  expect(notes).toMatchObject([{ kind: 'hidden-text', count: 1 }])
})

test('a drawing without words is told by its title; one with words by them', async () => {
  const drawing = (inside: string) => `<svg xmlns="http://www.w3.org/2000/svg">${inside}</svg>`
  const { text } = await chapter(
    drawing('<title>Plan</title><desc>The quay from above</desc><rect/>') +
      drawing('<title>Sign</title><text>NO ENTRY</text>')
  )
  expect(text).toBe('[Plan. The quay from above]\n\nNO ENTRY')
})

test('drawings in drawings: the outermost without words is told by all titles in it', async () => {
  const inside = '<svg><title>Sign</title><g><svg><desc>A lamp</desc><path/></svg></g></svg>'
  const { text } = await chapter(`${inside}<svg><text>QUAY</text>${inside}</svg><p>Words.</p>`)
  expect(text).toBe('[Sign. A lamp]\n\nQUAY\n[Sign. A lamp]\n\nWords.')
})

test('drawings in drawings without end take a moment', async () => {
  const open = '<svg><g>'.repeat(9_000)
  const took = stopwatch()
  const { text } = await chapter(`<p>Words.</p>${open}${'</g></svg>'.repeat(9_000)}`)
  expect(text).toBe('Words.')
  expect(took()).toBeLessThan(8_000)
})

test('equations: no comments, names apart from their letters, no invisible signs', async () => {
  const { text } = await chapter(
    '<p><math><mn>2</mn><mo>&#x2062;<!-- invisible times --></mo><mi>x</mi><mo>=</mo><mo> det</mo><mi>A</mi></math>, ' +
      '<math><mi>sin</mi><mo>&#x2061;</mo><mi>y</mi></math></p>'
  )
  expect(text).toBe('2x = det A, sin y')
})
