import { createElement } from 'react'
import { renderToStaticMarkup } from 'react-dom/server'
import { expect, test, vi } from 'vitest'
import type { DocumentInfo, Reading } from '../../../contract/document'
import '../../words/index'
import type { DocumentState } from './document-state'

vi.stubGlobal('localStorage', { getItem: () => null, setItem: () => undefined })
const { Line } = await import('./document-row')

const reading = { modelName: 'readonce-small', tokens: 900, read: 900, pageFileBytes: 1 } as Reading
const document = {
  id: 'a',
  name: 'a.txt',
  kind: 'text',
  size: 10,
  characters: 10,
  readings: [reading]
} as unknown as DocumentInfo

test.each<[DocumentState, string, string]>([
  [{ name: 'read', reading }, 'Read', 'Read with readonce-small'],
  [
    { name: 'other-model', reading, chosen: 'large' },
    'Needs reading again',
    'Needs reading again: large is chosen'
  ],
  [{ name: 'changed', reading }, 'The file changed', 'Needs reading again: the file changed'],
  [{ name: 'pausing' }, 'Stopping…', 'Stopping…']
])('%j: few words in the row, all of them in its tooltip and read out', (state, brief, whole) => {
  const html = renderToStaticMarkup(createElement(Line, { document, state }))
  expect(html).toContain(`<span class="document-state ${state.name}">${brief}</span>`)
  expect(html).toContain(`title="${whole}\n`)
  if (brief !== whole) expect(html).toContain(`<span class="visually-hidden">${whole} · `)
})
