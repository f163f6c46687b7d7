import { createElement } from 'react'
import { renderToStaticMarkup } from 'react-dom/server'
import { describe, expect, it } from 'vitest'
import type { ChatMessage } from '../../../contract/chat'
import '../../words/index'
import { Markdown } from './markdown'
import { markdownBlocks } from './markdown-blocks'

const html = (text: string, quotations?: ChatMessage['quotations']): string =>
  renderToStaticMarkup(createElement(Markdown, { text, documentId: 'd', quotations }))

describe('the model’s words lead nowhere', () => {
  it('shows links with their address, and none can be followed', () => {
    const shown = html(
      '[here](https://evil.example/?q=secret) and <https://a.example> [x](javascript:alert(1))'
    )
    expect(shown).not.toContain('<a')
    expect(shown).not.toContain('href')
    expect(shown).toContain('(https://evil.example/?q=secret)')
    // Once is enough where the text is the address.
    expect(shown.match(/a\.example/g)).toHaveLength(1)
  })
  it('fetches no picture', () => {
    const shown = html('![a cat](https://evil.example/cat.png) ![](data:image/png;base64,AA)')
    expect(shown).not.toContain('<img')
    expect(shown).not.toContain('src=')
    expect(shown).toContain('[Picture: a cat]')
  })
  it('shows HTML as text', () => {
    const shown = html('<img src=x onerror=alert(1)><script>alert(1)</script>\n\n<div style="x">y</div>')
    expect(shown).not.toMatch(/<(img|script|div)/)
  })
})

describe('Markdown', () => {
  it('names the language of code', () => expect(html('```python\nx = 1\n```')).toContain('>python<'))
  it('reads tables and lists of GitHub’s kind', () => {
    expect(html('| a | b |\n|---|---|\n| 1 | 2 |')).toContain('<td>2</td>')
    expect(html('~~no~~')).toContain('<del>no</del>')
  })
})

describe('quotations', () => {
  const text = 'He said “the bell rang twice” and “the dog was a cat” there.'
  it('are marked as found, with a way to the place, or as not found', () => {
    const shown = html(text, [
      { text: 'the bell rang twice', verified: true, start: 5, end: 24 },
      { text: 'the dog was a cat', verified: false }
    ])
    expect(shown).toMatch(/<mark[^>]*class="quotation" role="button"[^>]*>the bell rang twice</)
    expect(shown).toMatch(/<mark[^>]*class="quotation missing"[^>]*>the dog was a cat</)
    expect(shown.replace(/<span class="visually-hidden">.*?<\/span>|<[^>]+>/g, '')).toBe(text)
  })
  it('stay as they are in code', () =>
    expect(html('`the bell rang twice`', [{ text: 'the bell rang twice', verified: false }])).not.toContain(
      '<mark'
    ))
})

describe('blocks', () => {
  const long = [
    '# Title\n\nA paragraph\nof two lines.\n\n- one\n\n- two\n\n  still two\n\nAfter.\n\n',
    '```\ncode\n\n# not a title\n\n```\n\n1. first\n\n2. second\n\n> quoted\n>\n> more\n\n| a |\n|---|\n| 1 |\n\nEnd.',
    '~~~js\n\n```\n\n~~~\n\nparagraph\n\n    indented code\n\n    and more\n\nlast'
  ]
  it.each(long)('together are the text, and look the same apart as together', text => {
    const blocks = markdownBlocks(text)
    expect(blocks.join('')).toBe(text)
    expect(blocks.length).toBeGreaterThan(2)
    const apart = blocks.map(block => html(block)).join('')
    const together = html(`${text}\n\n[nothing]: x`)
    expect(apart.replace(/\n/g, '')).toBe(together.replace(/\n/g, ''))
  })
  it('before the last do not change while the text grows', () => {
    const text = long.join('\n\n')
    for (let length = 1; length < text.length; length++) {
      const before = markdownBlocks(text.slice(0, length)).slice(0, -1)
      expect(markdownBlocks(text.slice(0, length + 1)).slice(0, before.length)).toEqual(before)
    }
  })
  it('stay together where a definition reaches across them', () =>
    expect(markdownBlocks('[a][1]\n\nb\n\n[1]: x')).toHaveLength(1))
})
