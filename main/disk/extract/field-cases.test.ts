/**
 * Every handed case, by kind. Those that do not come out right yet are named in testing/failing-cases.ts; one of them that
 * comes out right fails here, so that the list only shrinks.
 */
import { describe, expect, test } from 'vitest'
import { failing } from './testing/failing-cases'
import { checks } from './testing/field-case-checks'
import { asExpected, caseNames, outcomeOf } from './testing/field-cases'

const kinds: Record<string, RegExp> = {
  'plain text and its encodings': /^(t|x|c|j|rf13)/,
  'Word documents': /^(d|rf02)/,
  'web pages': /^(h|rf10)/,
  EPUB: /^(e|rf06|rf07)/,
  OpenDocument: /^o/,
  RTF: /^(r\d|rf01)/,
  PDF: /^(p|rf04|rf05|rf09|rf11)/,
  folders: /^f0/
}
const names = caseNames()

describe.each(Object.entries(kinds))('%s', (_, kind) => {
  const own = names.filter(name => kind.test(name))
  // Where the data does not lie beside the checkout the cases are reported as not run.
  if (own.length === 0) test.skip('no field cases: ../shared/data/field-cases is not there', () => undefined)
  else
    test.each(own)('%s', async name => {
      const wrong = (checks[name] ?? asExpected)(await outcomeOf(name))
      if (!failing.includes(name)) {
        if (wrong !== undefined) expect.fail(wrong)
      } else expect(wrong, `${name} comes out right: take it off the list of failing cases`).toBeDefined()
    })
})

test('every case has its kind, and every name on the list is a case', () => {
  if (names.length === 0) return
  for (const name of names)
    expect([name, Object.values(kinds).filter(kind => kind.test(name)).length]).toEqual([name, 1])
  for (const name of [...failing, ...Object.keys(checks)]) expect(names).toContain(name)
})
