/** RTF beyond the handed cases of field-cases.test.ts. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, describe, expect, test } from 'vitest'
import { extractFile } from '../extract-text'

const folder = mkdtempSync(join(tmpdir(), 'readonce-rtf-'))
afterAll(() => rmSync(folder, { recursive: true }))

const fonts =
  '{\\fonttbl{\\f0\\fcharset0 Arial;}{\\f1\\fcharset204{\\*\\panose 02}Arial Cyr{\\*\\falt Arial};}{\\f2\\fcharset128 MS Mincho;}' +
  '{\\f3\\fcharset2 Symbol;}{\\f4\\fcharset2 Wingdings;}{\\f5\\fcharset161 Arial Greek;}}'
const file = async (bytes: string | Uint8Array) => {
  const path = join(folder, 'a.rtf')
  writeFileSync(path, bytes)
  return extractFile(path)
}
const read = (body: string, head = '\\ansi\\ansicpg1252') =>
  file(Buffer.from(`{\\rtf1${head}\\deff0${fonts}${body}}`, 'latin1'))
const textOf = async (body: string, head?: string) => (await read(body, head)).text

describe('numbers as Word shows them', () => {
  const level = (format: number, text: string, more = '') =>
    `{\\listlevel\\levelnfc${format}\\levelstartat1{\\leveltext ${text};}{\\levelnumbers\\'01;}${more}}`
  const tables =
    `{\\*\\listtable{\\list\\listtemplateid1${level(0, "\\'0aSection \\'00.")}${level(4, "\\'04\\'00.\\'01)")}${level(2, "\\'03(\\'02)")}\\listid7}}` +
    '{\\*\\listoverridetable{\\listoverride\\listid7\\listoverridecount0\\ls1}' +
    '{\\listoverride\\listid7\\listoverridecount1{\\lfolevel\\listoverridestartat\\levelstartat9}\\ls2}}'
  const item = (list: number, at: number, words: string) => `\\pard\\ls${list}\\ilvl${at} ${words}\\par`

  test('counted from the list table, where the file holds no labels', async () => {
    expect(
      await textOf(
        tables + item(1, 0, 'Rent') + item(1, 1, 'amount') + item(1, 1, 'due') + item(1, 2, 'late') +
          '\\pard Between.\\par' + item(1, 0, 'Term') + item(1, 1, 'start') + item(2, 0, 'End')
      )
    ).toBe('Section 1. Rent\n  1.a) amount\n  1.b) due\n    (i) late\n\nBetween.\n\nSection 2. Term\n  2.a) start\n\nSection 9. End') // prettier-ignore
  })

  test('as the file holds them, and counted on behind them', async () => {
    expect(
      await textOf(`${tables}\\pard{\\listtext Section 1.\\tab}\\ls1 One\\par${item(1, 0, 'Two')}`)
    ).toBe('Section 1. One\nSection 2. Two')
  })

  test('numbered headings', async () => {
    const { text, outline } = await read(
      `${tables}{\\stylesheet{\\s1 heading 1;}}\\pard\\s1\\ls1{\\*\\bkmkstart a} Terms\\par\\pard Words.\\par\\pard\\s1{\\listtext\\pard 2\\tab}\\ls1 More\\par`
    )
    expect(text).toBe('Section 1. Terms\n\nWords.\n\n2 More')
    expect(outline.headings.map(({ title }) => title)).toEqual(['Section 1. Terms', '2 More'])
  })

  test('bullets of symbol fonts, and numbers of Word 6', async () => {
    expect(
      await textOf(
        "\\pard{\\listtext\\f4\\'a7\\tab}box\\par\\pard{\\listtext\\f3\\u-3913 ?\\tab}dot\\par\\pard" +
          '{\\*\\pn\\pnlvlbody\\pnucltr\\pnstart3{\\pntxtb (}{\\pntxta )}}third\\par{\\*\\pn\\pnlvlbody\\pnucltr\\pnstart3{\\pntxtb (}{\\pntxta )}}fourth\\par'
      )
    ).toBe('▪ box\n• dot\n(C) third\n(D) fourth')
  })
})

describe('characters', () => {
  test.each([
    ['the code page of the font', "\\f1 \\'cf\\'f0\\'e8\\f0  \\f5 \\'e1", '\\ansi\\ansicpg1252', 'При α'],
    ['the standard set beside others is 1252', "\\f0 \\'a3 \\f1 \\'e0", '\\ansi\\ansicpg1250', '£ а'],
    [
      'East Asian letters by their own font',
      "\\loch\\af0\\hich\\af0\\dbch\\af2 \\'93\\'fa\\'96\\{",
      '\\ansi',
      '日本'
    ],
    [
      'East Asian letters after a font for letters from the right',
      "\\dbch\\af2{\\rtlch\\af0\\ltrch\\loch\\af0\\hich\\af0\\dbch\\f2 \\'93\\'fa\\'96\\{}",
      '\\ansi',
      '日本'
    ],
    ['Macintosh, DOS', "caf\\'8e", '\\mac', 'café'],
    ['DOS 850', "\\'9b", '\\pca', 'ø'],
    ['KOI8', "\\'f0", '\\ansi\\ansicpg20866', 'П'],
    ['a thousand signs of Symbol', "\\f3 \\'a3 \\u-4000 ? x\\'b3", '\\ansi', '≤ ‾ ξ≥'],
    ['both forms', "a{\\upr{O\\'d5}{\\*\\ud{O\\u333 ?\\u337 ?}}}b", '\\ansi', 'aOōőb'],
    ['repeats', "\\uc2\\u26085\\'93\\'fa\\uc0\\u233 t\\uc1\\u8364{}e", '\\ansi', '日ét€e'],
    [
      'invisible hyphens and joiners',
      'hy\\-phen non\\_breaking\\~space',
      '\\ansi',
      'hyphen non-breaking space'
    ]
  ])('%s', async (_, body, head, expected) => {
    expect(await textOf(body, head)).toBe(expected)
  })

  test('raw UTF-8 beside escapes, behind a mark', async () => {
    const rtf = Buffer.from("\ufeff{\\rtf1\\ansi\\ansicpg1252 Zoë — naïve, caf\\'e9 日本\\par}")
    expect((await file(rtf)).text).toBe('Zoë — naïve, café 日本')
    expect((await read('Zo\xeb, na\xefve')).text).toBe('Zoë, naïve')
  })

  test('powers are not glued to numbers', async () => {
    expect(
      await textOf('10{\\super 6} m, 5{\\super th}, x{\\super n+1}{\\sub i}, 2\\super 10\\nosupersub  end')
    ).toBe('10^6 m, 5th, x^(n+1)i, 2^10 end')
  })
})

test('headers and footers once and marked, of pages of any kind', async () => {
  expect(
    await textOf(
      '{\\header File 77-B\\par}{\\headerf First page}{\\footer {\\field{\\*\\fldinst PAGE}{\\fldrslt 3}}}Body.\\sect{\\header File 77-B\\par}More.\\par'
    )
  ).toBe('[Header] File 77-B\n\n[Header] First page\n\nBody.\n\nMore.')
})

test('notes stand at the end, also those of a table, and no note ends a paragraph', async () => {
  expect(
    await textOf(
      'One{\\super\\chftn}{\\footnote\\pard\\plain {\\super\\chftn} First.\\par} goes on.\\par\\trowd\\cellx1\\cellx2\\intbl a{\\footnote\\ftnalt Second.}\\cell b\\cell\\row'
    )
  ).toBe('One[1] goes on.\n\na[2] | b\n\n[1] First.\n[2] Second.')
})

test('tables: merged cells, a row without its end, a text box in a cell', async () => {
  expect(
    await textOf(
      '\\trowd\\clvmgf\\cellx1\\clmgf\\cellx2\\clmrg\\cellx3\\intbl Red\\cell wide\\cell\\cell\\row' +
        '\\trowd\\clvmrg\\cellx1\\cellx2\\cellx3\\intbl\\cell b{\\shp{\\*\\shpinst{\\shptxt boxed\\par}}}\\cell c\\cell\\row' +
        '\\intbl d\\cell e\\cell\\pard After.\\par'
    )
  ).toBe('Red | wide\nRed | b boxed | c\nd | e\n\nAfter.')
})

describe('shapes, objects and fields', () => {
  test('the words of a shape are read once, from the new form or the old one', async () => {
    const { text, notes } = await read(
      'A{\\shp{\\*\\shpinst{\\shptxt NEW\\par}}{\\shprslt{\\*\\do{\\dptxbxtext NEW\\par}}}}\\par ' +
        'B{\\shp{\\*\\shpinst\\shpleft1}{\\shprslt{\\*\\do{\\dptxbxtext OLD\\par}}}}\\par ' +
        'C{\\shp{\\*\\shpinst{\\sp{\\sn gtextUNICODE}{\\sv DRAFT}}}}\\par{\\shp{\\*\\shpinst{\\sp{\\sn pib}{\\sv {\\pict 00}}}}{\\shprslt{\\pict 00}}}'
    )
    expect(text).toBe('A\n\nNEW\n\nB\n\nOLD\n\nC\n\nDRAFT')
    expect(notes).toMatchObject([{ kind: 'pictures', count: 1 }])
  })

  test('values of forms, signs and rubies that only the instruction holds', async () => {
    const form = (more: string, result = '') =>
      `{\\field{\\*\\fldinst FORM{\\*\\formfield{${more}}}}{\\fldrslt ${result}}}`
    expect(
      await textOf(
        `${form('\\fftype1\\ffres25\\ffdefres1')} ${form('\\fftype1\\ffres0')} ${form('\\fftype2\\ffres1{\\*\\ffl red}{\\*\\ffl blue}')} ` +
          `${form('\\fftype0', 'typed')} {\\field{\\*\\fldinst SYMBOL 183 \\\\f "Symbol" \\\\s 10}{\\fldrslt}} ` +
          '{\\field{\\*\\fldinst EQ \\\\* jc2 \\\\* "Font:MS Mincho" \\\\* hps10 \\\\o\\\\ad(\\\\s\\\\up 9(\\u12392 ?\\u12358 ?),\\u26481 ?)}{\\fldrslt}} ' +
          '{\\field{\\*\\fldinst EQ \\\\f(1,2)}{\\fldrslt}}'
      )
    ).toBe('[x] [ ] blue typed • 東(とう) 1/2')
  })

  test('equations', async () => {
    expect(
      await textOf(
        'E {\\mmath{\\*\\moMath{\\msSup{\\me{\\mr x}}{\\msup{\\mr 2}}}{\\mr +}{\\mnary{\\mnaryPr{\\mchr \\u8721 ?}}{\\msub{\\mr i}}{\\msup{\\mr n}}{\\me{\\mr i}}}{\\mrad{\\mdeg}{\\me{\\mr y}}}}} end'
      )
    ).toBe('E x^2+∑_i^n i√y end')
  })

  test('what is left out is counted', async () => {
    const { text, notes } = await read(
      'Price {\\deleted 100}200{\\v  secret}{\\v{\\xe entry}}{\\*\\atnid A}{\\*\\annotation\\pard Why?}{\\*\\shppict{\\pict 00}}{\\nonshppict{\\pict 00}}' +
        '{\\object\\objemb{\\*\\objdata 01}{\\result{\\pict 00}}} end{\\object{\\result sheet}}end'
    )
    expect(text).toBe('Price 200 end sheet end')
    expect(Object.fromEntries(notes.map(({ kind, count }) => [kind, count]))).toEqual({
      'deleted-text': 1, 'hidden-text': 1, comments: 1, pictures: 1, objects: 1
    }) // prettier-ignore
  })
})

test('flaws cost nothing: a second document, an end too early, junk before the first', async () => {
  const one = '{\\rtf1\\ansi One.\\par}'
  expect((await file(`${one}\r\n{\\rtf1\\ansi Two.\\par}`)).text).toBe('One.\n\nTwo.')
  expect((await file(`\r\n\r\n${one}`)).text).toBe('One.')
  expect((await file('{\\pard\\ql Only a piece.\\par}')).text).toBe('Only a piece.')
  expect((await file('{\\rtf1\\ansi One {\\b two {\\i three')).notes).toMatchObject([{ kind: 'cut-short' }])
})
