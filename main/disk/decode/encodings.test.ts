/** The samples of common and rare encodings: ../shared/data/encoding-samples.json beside the checkout. */
import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { encodings } from '../../../contract/encodings'
import { beginsLikeText, decodeText } from '../decode-text'
import { sharedData } from '../extract/testing/field-cases'
import { decodeAs, encodingNamed } from './encodings'

const path = join(sharedData, 'encoding-samples.json')
const samples: { id: string; hex: string; text: string }[] = existsSync(path)
  ? (JSON.parse(readFileSync(path, 'utf8')) as typeof samples)
  : []
/** DOS, Macintosh and rare ones are read as far as they go. */
const rare = /mac_|cp850|cp866|iso2022|\/hz\/|8859_16|iso8859_6|iso8859_8|cp1258/

async function rightOf(
  kind: string,
  isCommon: boolean
): Promise<[right: number, of: number, wrong: string[]]> {
  const own = samples.filter(({ id }) => id.endsWith('/' + kind) && rare.test(id) !== isCommon)
  const wrong: string[] = []
  for (const { id, hex, text } of own) {
    const decoded = await decodeText(Buffer.from(hex, 'hex'))
    if (decoded?.text !== text) wrong.push(`${id}: ${decoded?.encoding}`)
  }
  return [own.length - wrong.length, own.length, wrong]
}

describe.skipIf(samples.length === 0)('encodings that are not named', () => {
  test.each([
    ['page', true, 32, 32],
    ['sentence', true, 32, 32],
    ['word', true, 30, 32],
    ['mixed', true, 32, 32],
    ['page', false, 12, 14],
    ['sentence', false, 12, 14],
    ['word', false, 11, 14],
    ['mixed', false, 12, 14]
  ])('%s, common: %s, at least %i of %i', async (kind, isCommon, least, all) => {
    const [right, of, wrong] = await rightOf(kind, isCommon)
    expect(of).toBe(all)
    expect(right, wrong.join(', ')).toBeGreaterThanOrEqual(least)
  })
})

describe('encodings that are named', () => {
  const polish = 'Zażółć gęślą jaźń'
  const bytes = (head: string, latin2: string) =>
    Buffer.concat([Buffer.from(head), Buffer.from(latin2, 'hex')])
  const inLatin2 = '5a61bff3b3e62067eab66cb1206a61bcf1'
  test.each([
    ['XML', '<?xml version="1.0" encoding="ISO-8859-2"?>\n<a>'],
    [
      'HTML, late',
      `<html><head><!-- charset=utf-8 -->${'<script>x</script>'.repeat(400)}<meta charset=latin2>`
    ],
    ['CSS', '@charset "iso-8859-2";\n'],
    ['Python', '#!/usr/bin/python\n# -*- coding: iso-8859-2 -*-\n'],
    ['Emacs, with line ends', '# -*- coding: latin-2-unix -*-\n'],
    ['Vim', '# vim: set fileencoding=iso-8859-2 :\n']
  ])('%s', async (_, head) => {
    expect(await decodeText(bytes(head, inLatin2))).toEqual({
      text: head + polish,
      encoding: 'iso-8859-2',
      notes: []
    })
  })

  test('a declaration that does not fit is not believed', async () => {
    const text = '<?xml version="1.0" encoding="shift_jis"?><a>Zoë, naïve, café, crème</a>'
    expect((await decodeText(Buffer.from(text)))?.text).toBe(text)
    const latin1 = Buffer.from('<meta charset="utf-8"><p>Zoë, naïve, café, crème brûlée', 'latin1')
    expect(await decodeText(latin1)).toMatchObject({
      encoding: 'windows-1252',
      notes: [{ kind: 'encoding-guessed' }]
    })
  })

  test('a person’s word counts, whatever the bytes are', async () => {
    const russian = Buffer.from('cff0e8e2e5f2', 'hex')
    expect(await decodeText(russian, { encoding: 'windows-1251' })).toEqual({
      text: 'Привет',
      encoding: 'windows-1251',
      notes: []
    })
    expect((await decodeText(russian, { encoding: 'koi8-r' }))?.text).toBe('оПХБЕР')
  })

  test('every encoding that a person may choose is decoded', () => {
    for (const encoding of encodings) {
      expect(encodingNamed(encoding)).toBe(encoding)
      expect(decodeAs(Buffer.from(encoding.startsWith('utf-16') ? 'a\0' : 'a'), encoding)).toMatch(
        /^(a|\u6100)$/
      )
    }
  })
})

describe('damaged and mixed', () => {
  const chinese = '老房子坐落在河边。没有人知道谁住在里面，据说主人很久以前就进城去了。\n'.repeat(20)
  test('UTF-8 with lines in another encoding: each as it is, and told', async () => {
    const line = 'Ligne en Latin-1 : été, forêt, déjà vu, garçon\n'
    const bytes = Buffer.concat([Buffer.from('Ligne : œuvre, été\n'.repeat(8)), Buffer.from(line, 'latin1')])
    const decoded = await decodeText(bytes)
    expect(decoded?.text).toBe('Ligne : œuvre, été\n'.repeat(8) + line)
    expect(decoded?.notes).toEqual([
      expect.objectContaining({
        kind: 'encoding-mixed',
        message: expect.stringContaining('1 line in it is not UTF-8')
      })
    ])
  })

  test('a wrong byte in UTF-8 spoils one character', async () => {
    const bytes = Buffer.from(chinese)
    bytes[300] = 0xff
    const decoded = await decodeText(bytes)
    expect(decoded?.encoding).toBe('utf-8')
    expect(decoded?.notes).toMatchObject([{ kind: 'undecoded' }])
  })

  test.skipIf(samples.length === 0).each([
    ['shift_jis', 'ja/cp932/sentence'],
    ['euc-jp', 'ja/euc_jp/sentence'],
    ['gb18030', 'zh/gb18030/sentence'],
    ['big5', 'zt/big5/sentence'],
    ['euc-kr', 'ko/cp949/sentence']
  ])('%s, one sentence: cut, with a strange byte, behind a mark of UTF-8', async (encoding, id) => {
    const sample = samples.find(each => each.id === id)!
    const bytes = Buffer.from(sample.hex, 'hex')
    const middle = [...bytes.keys()].filter(i => bytes[i]! > 0x7f)[40]!
    const variants = [
      bytes.subarray(
        0,
        // The last character of two of them ends below 0x80.
        bytes.findLastIndex(byte => byte > 0x7f) + (/shift|big5/.test(encoding) ? 1 : 0)
      ),
      Buffer.concat([bytes.subarray(0, middle), Buffer.of(0xff), bytes.subarray(middle)])
    ]
    for (const variant of variants) {
      const decoded = await decodeText(variant)
      expect(decoded?.encoding).toBe(encoding)
      const [before, after] = decoded!.text.split(/\ufffd+/)
      expect(before!.length + after!.length).toBeGreaterThan(sample.text.length - 4)
      expect(sample.text.startsWith(before!)).toBe(true)
      expect(sample.text.endsWith(after!)).toBe(true)
      expect(decoded?.notes).toContainEqual(expect.objectContaining({ kind: 'undecoded' }))
    }
    const marked = Buffer.concat([Buffer.of(0xef, 0xbb, 0xbf), bytes])
    expect((await decodeText(marked))?.text).toBe(sample.text)
  })

  test('marks of UTF-8 before each of several joined texts in another encoding', async () => {
    const one = Buffer.from('\xef\xbb\xbfcaf\xe9 na\xefve \x93q\x94 caf\xe9\n', 'latin1')
    expect((await decodeText(Buffer.concat([one, one])))?.text).toBe('café naïve “q” café\n'.repeat(2))
  })

  test.each([true, false])('UTF-32 without a mark, little first: %s', async isLittle => {
    const text = chinese + 'and Latin letters, 😀'
    const bytes = Buffer.alloc(4 * [...text].length)
    for (const [i, letter] of [...text].entries())
      if (isLittle) bytes.writeUInt32LE(letter.codePointAt(0)!, 4 * i)
      else bytes.writeUInt32BE(letter.codePointAt(0)!, 4 * i)
    const encoding = isLittle ? 'utf-32le' : 'utf-32be'
    expect(await decodeText(bytes)).toEqual({ text, encoding, notes: [] })
    expect(beginsLikeText(bytes.subarray(0, 4096))).toBe(true)
    // A hole of NULs is no text, and neither are numbers.
    expect(await decodeText(Buffer.alloc(400))).toBeUndefined()
    expect(beginsLikeText(Buffer.from(Uint32Array.from({ length: 100 }, (_, i) => i).buffer))).toBe(false)
  })

  test('holes of NULs are left out and counted', async () => {
    const decoded = await decodeText(
      Buffer.from('\0'.repeat(4000) + 'after the rotation, line by line\n'.repeat(20))
    )
    expect(decoded?.text).toBe('after the rotation, line by line\n'.repeat(20))
    expect(decoded?.notes).toMatchObject([{ kind: 'damaged', count: 4000 }])
  })
})
