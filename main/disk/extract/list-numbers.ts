/** Numbers of lists and headings as documents show them. */

/** A number as lists write it; formats of other scripts come as digits. */
export function formatted(n: number, format: string): string {
  switch (format) {
    case 'none':
      return ''
    case 'decimalZero':
      return n < 10 ? `0${n}` : String(n)
    case 'upperLetter':
      return letters(n)
    case 'lowerLetter':
      return letters(n).toLowerCase()
    case 'upperRoman':
      return roman(n)
    case 'lowerRoman':
      return roman(n).toLowerCase()
    case 'ordinal':
      return `${n}${n % 100 > 10 && n % 100 < 14 ? 'th' : (['th', 'st', 'nd', 'rd'][n % 10] ?? 'th')}`
    default:
      return String(n)
  }
}

/** After Z come AA, BB, as Word counts. */
const letters = (n: number) =>
  n < 1 || n > 780 ? String(n) : String.fromCharCode(65 + ((n - 1) % 26)).repeat(Math.ceil(n / 26))

const romanSigns = [['M', 1000], ['CM', 900], ['D', 500], ['CD', 400], ['C', 100], ['XC', 90], ['L', 50], ['XL', 40], ['X', 10], ['IX', 9], ['V', 5], ['IV', 4], ['I', 1]] as const // prettier-ignore

function roman(n: number): string {
  if (n < 1 || n > 3999) return String(n)
  let rest = n
  let text = ''
  for (const [sign, value] of romanSigns) for (; rest >= value; rest -= value) text += sign
  return text
}

const romanDigits = new Map<string, number>(romanSigns.filter(([sign]) => sign.length === 1))

/** What a Roman number is, in capitals or small letters; other letters count nothing. */
export function romanValue(text: string): number {
  const digits = [...text.toUpperCase()].map(letter => romanDigits.get(letter) ?? 0)
  return digits.reduce((sum, digit, i) => sum + (digit < (digits[i + 1] ?? 0) ? -digit : digit), 0)
}
