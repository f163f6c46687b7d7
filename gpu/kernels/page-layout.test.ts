import { describe, expect, it } from 'vitest'
import { Random } from '../testing/random'
import { pageFormats, pageKinds } from './page-format'
import { cutPage, pageLayout, pageRows, wholePage } from './page-layout'

describe.each(pageKinds)('pages of %s', kind => {
  const format = pageFormats[kind]
  // Three heads of six values, padded to eight; and two sets of other sizes behind it.
  const one = pageLayout([{ kvHeads: 3, headDim: 6 }], format)
  const three = pageLayout(
    [
      { kvHeads: 3, headDim: 6 },
      { kvHeads: 1, headDim: 12 },
      { kvHeads: 2, headDim: 4 }
    ],
    format
  )
  const bytes = { f32: 4, f16: 2, int8: 1 }[kind]
  // Of a head of a row: one for the keys, one for the values.
  const scales = kind === 'int8' ? [4, 4] : []
  const perHead = 4 * scales.length
  const random = new Random(2)

  it('know the size of a row', () => {
    expect(one.rowBytes).toBe(3 * (8 * 2 * bytes + perHead))
    expect(three.rowBytes).toBe((3 * 8 + 12 + 2 * 4) * 2 * bytes + 6 * perHead)
    expect(three.pageBytes).toBe(pageRows * three.rowBytes)
  })

  it.each([1, 2, 17, 255, 256])(
    'cut to %i rows and made whole again: those rows as they were, zeros behind',
    rows => {
      for (const layout of [one, three]) {
        const page = Uint8Array.from({ length: layout.pageBytes }, () => 1 + random.integer(255))
        const cut = cutPage(layout, page, rows)
        expect(cut.length).toBe(rows * layout.rowBytes)
        const whole = wholePage(layout, cut, rows)
        let at = 0
        for (const { kvHeads, headDim } of layout.sets) {
          const head4 = Math.ceil(headDim / 4)
          // K: lines of one element per row. V: lines of a head's elements per row. Scales: lines of one per row.
          for (const [lines, width] of [
            [kvHeads * head4, 4 * bytes],
            [kvHeads, head4 * 4 * bytes],
            ...scales.map(width => [kvHeads, width] as const)
          ] as const)
            for (let i = 0; i < lines * pageRows * width; i++, at++) {
              const row = Math.floor(i / width) % pageRows
              if (whole[at] !== (row < rows ? page[at] : 0)) throw new Error(`byte ${at}, row ${row}`)
            }
        }
        expect(at).toBe(whole.length)
        expect(cutPage(layout, whole, rows)).toEqual(cut)
      }
    }
  )

  it('a full page is lent, not copied', () => {
    const page = new Uint8Array(one.pageBytes)
    expect(cutPage(one, page, pageRows)).toBe(page)
    expect(wholePage(one, page, pageRows)).toBe(page)
  })
})
