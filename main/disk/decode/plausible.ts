/**
 * How odd a text looks, letter by letter: wrongly decoded text has signs inside of words, capitals behind small letters and words of two
 * scripts. No language is known here.
 */

interface Look {
  readonly isLetter: boolean
  readonly isLower: boolean
  readonly isUpper: boolean
  readonly script: string | undefined
  readonly isNothing: boolean
}

const scripts = ['Latin', 'Cyrillic', 'Greek', 'Hebrew', 'Arabic', 'Thai'].map(
  name => [name, new RegExp(`\\p{Script=${name}}`, 'u')] as const
)
const looks = new Map<string, Look>()

function lookOf(character: string): Look {
  let look = looks.get(character)
  if (look) return look
  look = {
    isLetter: /[\p{L}\p{M}]/u.test(character),
    isLower: /\p{Ll}/u.test(character),
    isUpper: /\p{Lu}/u.test(character),
    script: scripts.find(([, pattern]) => pattern.test(character))?.[0],
    isNothing: /(?![\t\n\r\f])[\ufffd\p{Cc}\p{Cn}\p{Co}]/u.test(character)
  }
  looks.set(character, look)
  return look
}

/** Between letters as well as anywhere else. */
const joining = /[’'·\u00ad\u2010-\u2014]|\u200c|\u200d/
/** Seldom written, and common where a letter was meant. */
const seldom = /[¤¦¨´¸¬¯·ˇ˘˙˛˝¶†‡‰]/
const odd = { nothing: 2, inWord: 1, seldom: 0.5, foreign: 0.3 }

/** 0: nothing looks odd; 1: every character above U+007F does. */
export function oddness(text: string): number {
  const characters = [...text]
  let sum = 0
  let seen = 0
  for (let i = 0; i < characters.length; i++) {
    const character = characters[i]!
    if (character < '\u0080') continue
    seen++
    const look = lookOf(character)
    const before = lookOf(characters[i - 1] ?? ' ')
    const after = lookOf(characters[i + 1] ?? ' ')
    if (look.isNothing) sum += odd.nothing
    else if (!look.isLetter) {
      if (before.isLetter && after.isLetter && !joining.test(character)) sum += odd.inWord
      else if (seldom.test(character)) sum += odd.seldom
    } else {
      if (before.isLower && look.isUpper) sum += odd.inWord
      if (look.isLower && after.isUpper) sum += odd.inWord
      for (const neighbour of [before, after])
        if (neighbour.script && look.script && neighbour.script !== look.script) sum += odd.inWord
      if (/[ªºƒµﬁﬂ]/.test(character)) sum += odd.foreign
    }
  }
  return seen === 0 ? 0 : sum / seen
}
