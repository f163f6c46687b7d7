import { describe, expect, test } from 'vitest'
import { matches } from './match'

function find(text: string, words: string, { matchCase = false, wholeWords = false } = {}): number[] {
  const slices = matches(text, { words, matchCase, wholeWords }, () => false)
  return [...slices].flatMap(({ starts }) => [...starts])
}

describe('case ignored', () => {
  test('no character equals one of another length', () => {
    let longer = 0
    for (let code = 0; code <= 0x10ffff; code++) {
      if (code >= 0xd800 && code <= 0xdfff) continue
      const character = String.fromCodePoint(code)
      for (const other of [character.toLowerCase(), character.toUpperCase()]) {
        if (other.length === character.length) continue
        longer++
        if (find(`<${other}>`, `<${character}>`).length > 0)
          expect.fail(`U+${code.toString(16)} found ${other}`)
      }
    }
    expect(longer).toBeGreaterThan(50)
  })
  test('offsets after "İ" are those of the text', () => {
    const text = 'İİİ in İSTANBUL, Istanbul'
    expect(find(text, 'istanbul')).toEqual([text.indexOf('Istanbul')])
    expect(find(text, 'İSTANBUL')).toEqual([text.indexOf('İSTANBUL')])
  })
  test('both forms of sigma are one letter', () => {
    expect(find('ΟΔΥΣΣΕΥΣ οδυσσευς', 'οδυσσευσ')).toEqual([0, 9])
    expect(find('ΟΔΥΣΣΕΥΣ οδυσσευς', 'ΟΔΥΣΣΕΥΣ')).toEqual([0, 9])
  })
  test('diacritics count', () => {
    expect(find('Über uber ÜBER', 'über')).toEqual([0, 10])
  })
  test('case can be asked for', () => {
    expect(find('Whale whale WHALE', 'whale', { matchCase: true })).toEqual([6])
    expect(find('Whale whale WHALE', 'whale')).toEqual([0, 6, 12])
  })
})

describe('matching', () => {
  test('words are literal', () => {
    for (const words of ['a.c', 'a.c)', '^a', '$', '\\', '[x]', '{1}', 'a|b', 'a-b', 'a/b', '*', '+?'])
      for (const matchCase of [true, false])
        expect(find(`a.b abc ${words}`, words, { matchCase })).toEqual([8])
  })
  test('hits do not overlap', () => {
    expect(find('aaaaa', 'aa')).toEqual([0, 2])
  })
  test('whole words: letters, digits, marks and underscores of any script belong to a word', () => {
    const text = 'cat cats concat cat_ cat1 (cat) cat́ кат catж 𐐀cat cat𐐀 cat'
    expect(find(text, 'cat', { wholeWords: true })).toEqual([0, text.indexOf('(cat') + 1, text.length - 3])
  })
  test('whole words: an edge that is no letter needs no border', () => {
    expect(find('x+y x+ y', '+', { wholeWords: true })).toEqual([1, 5])
    expect(find('C++ and C++11', 'C++', { wholeWords: true })).toEqual([0, 8])
  })
  test('a refused hit does not hide the next', () => {
    expect(find('xa a a', 'a a', { wholeWords: true })).toEqual([3])
  })
  test('a refused character of two units does not hide the next, nor is it found again', () => {
    for (const matchCase of [true, false])
      expect(find('𐐀𐐀 𐐀', '𐐀', { matchCase, wholeWords: true })).toEqual([5])
  })
  test('every hit is found once, also where the text is searched in stretches', () => {
    const stretch = 1 << 22
    const starts = [0, stretch - 3, stretch, stretch + 3, 2 * stretch - 1, 2 * stretch + 40]
    const units = new Array<string>(2 * stretch + 100).fill('-')
    for (const start of starts) for (const [at, unit] of [...'abc'].entries()) units[start + at] = unit
    expect(find(units.join(''), 'abc')).toEqual(starts)
  })
  test('slices are in order and the last one says that all was searched', () => {
    const text = 'ab'.repeat(20_000)
    const slices = [...matches(text, { words: 'b', matchCase: true, wholeWords: false }, () => true)]
    expect(slices.length).toBeGreaterThan(3)
    expect(slices.flatMap(({ starts }) => [...starts])).toEqual(
      Array.from({ length: 20_000 }, (_, at) => 2 * at + 1)
    )
    expect(slices.at(-1)!.searched).toBe(text.length)
    for (const { starts, searched } of slices.slice(0, -2)) expect(searched).toBe(starts.at(-1)! + 1)
  })
})
