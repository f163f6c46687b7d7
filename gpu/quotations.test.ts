/** Quotations are looked up, not believed: whatever the shape of spaces and marks, in any text, in bounded time. */
import { describe, expect, it } from 'vitest'
import { checkQuotations } from './quotations'
import { deafFor } from './testing/beats'
import { Random } from './testing/random'

describe('checkQuotations', () => {
  const text =
    'She said: ‘I can’t — not “now”.’\nThe well\n  was   deep (about 7*7 m^2) [sic] and $5.00 + tax.'
  const check = async (answer: string) =>
    (await checkQuotations(answer, text)).map(({ text: quoted, verified, start, end }) => [
      quoted,
      verified,
      verified ? text.slice(start, end) : undefined
    ])

  it.each([
    ['It says "The well was deep".', 'The well was deep', 'The well\n  was   deep'],
    ["“I can't - not” she said", "I can't - not", 'I can’t — not'],
    ['«The well was deep,» it says', 'The well was deep,', 'The well\n  was   deep'],
    ['„about 7*7 m^2“', 'about 7*7 m^2', 'about 7*7 m^2'],
    ['"m^2) [sic] and $5.00 +"', 'm^2) [sic] and $5.00 +', 'm^2) [sic] and $5.00 +'],
    ['"was deep..."', 'was deep...', 'was   deep']
  ])('%s is found', async (answer, quoted, found) =>
    expect(await check(answer)).toEqual([[quoted, true, found]])
  )

  it.each([
    '"The well was not deep"',
    '"the well was deep"',
    '"about 77 m^2"',
    '"a.b (.*) x"',
    '"\\ud800 x"'
  ])('%s is not', async answer =>
    expect(await check(answer)).toMatchObject([[expect.any(String), false, undefined]])
  )

  it('single words and marks without a partner are no quotations', async () => {
    expect(await check('The "well" is "deep')).toEqual([])
    expect(await check('')).toEqual([])
    expect(await check('"" "  " ". ." « »')).toMatchObject([])
  })

  it('the same is quoted twice: it is one quotation; a list of quotations is cut', async () => {
    expect(await check('"was deep" and again “was deep”')).toHaveLength(1)
    const list = Array.from({ length: 100 }, (_, i) => `"word ${i}"`).join(' ')
    expect(await check(list)).toHaveLength(32)
  })

  it('finds what a pattern finds, in texts full of near misses', async () => {
    const random = new Random(8)
    const pieces = ['a', 'b', 'ab', ' ', '  ', '\n', "'", '’', '-', '—', '“', ' ', 'é', '🦊']
    const some = (count: number) =>
      Array.from({ length: count }, () => pieces[random.integer(pieces.length)]).join('')
    let found = 0
    for (let round = 0; round < 3000; round++) {
      const book = some(120)
      const at = random.integer(book.length)
      // No marks that would end the quotation, nor a line end in it.
      const quotation = (round % 3 === 0 ? some(6) : book.slice(at, at + 9)).replace(/[\n“]/g, ' ').trim()
      if (!/\S\s+\S/.test(quotation) || /\p{Surrogate}/u.test(quotation)) continue
      const pattern = quotation.replace(/\s+/g, '\\s+').replace(/['’]/g, "['’]").replace(/[-—]/g, '[-—]')
      const expected = new RegExp(pattern, 'u').exec(book)
      const [{ verified, start, end }] = await checkQuotations(`«${quotation}»`, book)
      expect([quotation, book, verified, start, end]).toEqual(
        [
          quotation,
          book,
          expected !== null,
          expected?.index,
          expected && expected.index + expected[0].length
        ].map(value => value ?? undefined)
      )
      if (verified) found++
    }
    expect(found).toBeGreaterThan(500)
  })

  it.each([
    ['the same word over and over', 'a '.repeat(2_500_000), 'a '.repeat(2000) + 'c'],
    ['white space without end', `a${' '.repeat(5_000_000)}`, 'a b'],
    ['prose, a phrase that is not there', 'The sea rose. One day it fell. '.repeat(160_000), 'The sea fell'],
    ['no word to begin with', "'- ".repeat(1_600_000), "-' x"]
  ])('5 million characters, %s: in time linear in them, without blocking', async (_, book, quotation) => {
    let verified: boolean | undefined
    const { longest, all } = await deafFor(async () => {
      verified = (await checkQuotations(`“${quotation}”`, book))[0].verified
    })
    expect(verified).toBe(false)
    // 20 to 60 ms where nobody else works.
    expect(all).toBeLessThan(1000)
    expect(longest).toBeLessThan(250)
  })
})
