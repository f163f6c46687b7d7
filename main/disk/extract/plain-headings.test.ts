/** Headings of plain text: those of real books, and texts that only look as if they had some. */
import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { plainHeadings } from './plain-headings'
import { sharedData } from './testing/field-cases'

const prose = (n = 3) =>
  Array.from(
    { length: n },
    (_, i) =>
      `The ferry left the harbour at a quarter past six, while the lamps\nwere still burning on the quay, and nobody on board had slept ${i}.\n`
  ).join('\n')
const outline = (text: string) => plainHeadings(text).map(({ level, title }) => `${level} ${title}`)

describe('headings of plain text', () => {
  it('are chapters with their title beside or below them, not the entries of a table of contents', () => {
    const text =
      `THE VOYAGE\n\nby A. Writer\n\n\nCHAPTER I. The Harbour\nCHAPTER II. The Storm\n\n\n\nCHAPTER I\n\nThe Harbour\n\n${prose()}` +
      `\n\n\nCHAPTER II\nThe Storm\n\n${prose()}\nPart 3 of the engine was broken, and see\nChapter 5.\n\n${prose()}`
    expect(outline(text)).toEqual(['1 CHAPTER I The Harbour', '1 CHAPTER II The Storm'])
    for (const { title, start } of plainHeadings(text)) expect(text.slice(start)).toMatch(title.slice(0, 9))
  })
  it('are numbers that go on, lines with a line under them, and lines in capitals', () => {
    const text = `Router Manual\n=============\n\n1. Introduction\n\n${prose()}\n2. Setup\n\n2.1 What Is in the Box\n\n${prose()}\nWARNINGS\n\n${prose()}`
    expect(outline(text)).toEqual([
      '1 Router Manual',
      '3 1. Introduction',
      '3 2. Setup',
      '4 2.1 What Is in the Box',
      '2 WARNINGS'
    ])
  })
  it('are found in other languages', () => {
    expect(
      outline(
        `Erster Teil\n\n1. Kapitel\n\n${prose()}\nKapitel 2: Die Reise\n\n${prose()}\nNachwort\n\n${prose()}`
      )
    ).toEqual(['1 Erster Teil', '2 1. Kapitel', '2 Kapitel 2: Die Reise', '2 Nachwort'])
    expect(outline(`ЧАСТЬ ПЕРВАЯ\n\nГлава I\n\n${prose()}\nГлава II. Встреча\n\n${prose()}`)).toEqual([
      '1 ЧАСТЬ ПЕРВАЯ',
      '2 Глава I',
      '2 Глава II. Встреча'
    ])
    const line = '　　他走了出去，天很冷。他想起了很多事情，第三章里再说。\r\n'
    expect(outline(`第一章 风起\r\n${line.repeat(9)}第二章 云涌\r\n${line.repeat(9)}`)).toEqual([
      '1 第一章 风起',
      '1 第二章 云涌'
    ])
  })
  it.each([
    ['shouting', `${prose()}\nNO!\n\n${prose()}\nWHAT HAVE YOU DONE?\n\n${prose()}\n"STOP"\n\n${prose()}`],
    ['letters', `Dear Bob,\n\n${prose()}\nYours sincerely,\n\nAnn Smith\nHead of Sales\n`],
    ['speakers', Array.from({ length: 9 }, () => `HAMLET\n\n${prose()}\nOPHELIA\n\n${prose()}`).join('\n')],
    ['lists', `To do\n\n1. Milk from the farm\n\n2. Bread\n\n3. Eggs\n`],
    ['poems', 'Tyger Tyger Burning Bright\n\nIn the Forests of the Night\n\n'.repeat(8)],
    ['logs', '2026-11-28 05:00:01 INFO worker 7 STARTED\n'.repeat(90) + '\nERROR\n\n  at foo (file.js:10)\n'],
    ['source code', `int main(void)\n{\n\n  return 0;\n\n}\n\n/* ---- */\n`.repeat(9)],
    ['nothing', '']
  ])('are not made up in %s', (_, text) => {
    expect(outline(text)).toEqual([])
  })

  // All lines that stand alone between two blank ones, counted apart; in Middlemarch eight of them are titles of books and joined with their number.
  it.runIf(existsSync(join(sharedData, 'books'))).each([
    ['bleak-house', 68, "CHAPTER LXVII. THE CLOSE OF ESTHER'S NARRATIVE."],
    ['middlemarch', 96, 'BOOK VIII. SUNSET AND SUNRISE.'],
    ['moby-dick', 138, 'CXXXV: The Chase—Third Day'],
    ['the-adventures-of-sherlock-holmes', 15, 'The Adventure of the Copper Beeches'],
    ['the-federalist-papers', 87, 'LXXXV: Concluding Remarks'],
    ['the-origin-of-species', 104, 'XV: Recapitulation and Conclusion'],
    ['war-and-peace', 387, 'Part IV: 1812–13'],
    ['wuthering-heights', 34, 'CHAPTER XX.']
  ])('of %s are all there', (name, count, one) => {
    const found = plainHeadings(readFileSync(join(sharedData, 'books', `${name}.txt`), 'utf8'))
    expect(found.map(({ title }) => title)).toContain(one)
    expect(found).toHaveLength(count)
  })

  it('take time in proportion to the text', { timeout: 90_000 }, () => {
    const start = performance.now()
    for (const piece of ['a\n\n', 'IV\n\n', 'A B', '1.1 A\n', '第一章\n', '\n', 'Chapter one\n'])
      plainHeadings(piece.repeat(300_000))
    expect(performance.now() - start).toBeLessThan(60_000)
  })
})
