/** What a raised or lowered sign means, in a line of letters: "10^6", "1999[3]", "5th", "H2O". */

const units = /(^|[^\p{L}])(m|mm|cm|dm|km|s|ms|kg|g|in|ft|yd|mi|h|min|Hz|V|A|W|J|N|Pa|mol|cd|K|L|rad|sr)$/u
const mathBracket = /\((?:[^()\s]|\s(?=[-+−*/=^]|\S{1,2}\s?\)))*\)$/
/** Stand raised by custom: ordinals, abbreviations of names, trade marks. */
const ordinals = /^(st|nd|rd|th|er|re|ère|e|ème|o|a|os|as|TM|SM|®|™|©|°|º|ª)$/i

const grouped = (text: string) => (/^([-+−–±]?[\d.,]+|[^\s()+\-−–*/=^_]*)$/.test(text) ? text : `(${text})`)

/**
 * `text` with a raised `run` behind it. `hasSpace`: a space stands between them; `nextTouches`: the next letter follows without
 * one, as behind the mass number of an isotope.
 */
export function raised(text: string, run: string, hasSpace: boolean, nextTouches: boolean): string {
  if (run.trim() === '') return text
  if (/^["'’”“‘`´*†‡§¶.,…•·-]+$/.test(run)) return text + (hasSpace ? ' ' : '') + run
  if (hasSpace && nextTouches && !/^\[/.test(run)) return `${text} ^${grouped(run)}`
  if (text === '') return nextTouches && /^\d+$/.test(run) ? `^${run}` : isMark(run) ? `[${run}]` : run
  const end = text.trimEnd()
  if (/^\[.*\]$|^\(.*\)$/.test(run) && isMark(run.slice(1, -1)))
    return /[\dπ)]$/.test(end) && run.startsWith('(') && !/\d{3}$/.test(end) ? `${end}^${run}` : end + run
  if (/\d$/.test(end) && ordinals.test(run)) return end + run
  if (ordinals.test(run) && /\p{L}$/u.test(end) && (run.length > 1 || !/[a-z]/.test(run) || nextTouches))
    return end + run
  if (isMark(run) && !isPower(end, run)) return `${end}[${run}]`
  if (/^\p{L}{2,}$/u.test(run) && /\p{L}{2,}$/u.test(end)) return end + run
  if (nextTouches && /^\p{L}+$/u.test(run) && /\p{L}$/u.test(end)) return end + run
  return `${end}^${grouped(run)}`
}

/** Marks of notes: "3", "3,4", "3–5", "a", "12a". */
const isMark = (run: string) =>
  /^\s*(\d{1,3}|\p{Ll})(\s?[,;–-]\s?(\d{1,3}|\p{Ll})|\p{Ll})*\s*,?\s*$/u.test(run)

/** Whether what stands before is something that is raised to a power. */
function isPower(text: string, run: string): boolean {
  const isDigits = /^\d+$/.test(run)
  const [number] = /[\d.,]*\d$/.exec(text) ?? []
  if (number !== undefined) {
    // "12[3]" and "1999[3]", but "10^6", "2^8" and "× 1.5^3".
    if (number === '10' || (/^\d$/.test(number) && !/\p{L}$/u.test(text.slice(0, -1)))) return true
    return /[×·*=+−]\s*[\d.,]+$/.test(text) && isDigits
  }
  if (mathBracket.test(text)) return true
  const [word] = /[\p{L}\p{M}′]+$/u.exec(text) ?? []
  if (word === undefined) return /[∑∏∫√∂)\]|]$/.test(text) && !isDigits
  if (/^\p{L}$/u.test(word) && !(word === 'a' && /(^|\s)a$/.test(text)) && !/(^|[.!?]\s)(A|I)$/.test(text))
    return true
  // "5 km^2", but "he ran 5 km.[2]" and "the km[2]" are rare enough.
  return isDigits && /^[1-6]$/.test(run) && units.test(text) && !/(^|\s)(in|min|A|a)$/.test(text)
}

/** `text` with a lowered `run` behind it: digits of formulas as they are, indices by "_". */
export function lowered(text: string, run: string, hasSpace: boolean): string {
  const end = hasSpace && !/^[\p{L}\d]+$/u.test(run) ? `${text} ` : text
  if (/^[\p{L}]+$/u.test(run) && /\p{L}$/u.test(end)) return `${end}_${run}`
  if (/^\d+$/.test(run) && /(^|[^\p{Lu}])\p{Ll}{2,}$/u.test(end)) return `${end}_${run}`
  if (/^[\p{L}\d]+[-+−,/]/u.test(run) && /\p{L}$/u.test(end)) return `${end}_${grouped(run)}`
  return end + run
}
