/** Raised text as a person would type it: 10 to the 6th is not 106, and x to the n+1 is not xn+1; raised letters are ordinals and notes. */

/** `text` without white space around it; undefined: it says the same on the line. */
export function asPower(text: string): string | undefined {
  const raised = text.replace(/\s+/g, '')
  if (raised.length > 12) return undefined
  if (/^[-+−]?\d{1,4}$/.test(raised)) return '^' + raised
  return /^[\da-z]{1,4}([-+−*/][\da-z]{1,4})+$/i.test(raised) ? `^(${raised})` : undefined
}
