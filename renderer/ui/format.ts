/** Numbers, sizes and times as people read them: in the language that is shown, written as the system writes them. */
import i18next from 'i18next'
import type { PageKind, Precision } from '../../gpu/index'
import { formatLocale } from './locale'

const made = new Map<string, unknown>()

/** Making a formatter takes some 0.1 ms, and a library shows hundreds of numbers. */
function kept<T>(name: string, make: (locale: string) => T): T {
  const language = i18next.language ?? 'en'
  const key = `${language} ${name}`
  if (!made.has(key)) made.set(key, make(formatLocale(language)))
  return made.get(key) as T
}

const decimals = (value: number, digits: number): string =>
  kept(`decimals ${digits}`, locale => {
    const exactly = { minimumFractionDigits: digits, maximumFractionDigits: digits }
    return new Intl.NumberFormat(locale, exactly)
  }).format(value)

/** 312480 → "312,480". */
export const grouped = (value: number): string => decimals(Math.round(value), 0)

/** "A, B and C", in the language that is shown. */
export const listed = (names: readonly string[]): string =>
  kept('list', locale => new Intl.ListFormat(locale)).format(names)

/** Decimal units, as file managers show them: "80 MB", "1.2 GB". */
export function bytes(value: number): string {
  if (value < 1000)
    return kept('byte', locale => {
      return new Intl.NumberFormat(locale, { style: 'unit', unit: 'byte', unitDisplay: 'long' })
    }).format(value)
  const unit = (['TB', 'GB', 'MB', 'kB'] as const).find(each => value >= scale[each] * 0.9995) ?? 'kB'
  const scaled = value / scale[unit]
  return `${decimals(scaled, scaled < 9.95 ? 1 : 0)} ${unit}`
}
const scale = { kB: 1e3, MB: 1e6, GB: 1e9, TB: 1e12 }

/** 'bf16' → 16, 'int4' → 4. */
export const bitsOf = (precision: Precision | PageKind): number => Number(/\d+$/.exec(precision)?.[0])

/** The name of a page format may be any: 'int8' → 8, 'kv8' → 8. */
export const pageBits = (format: string): number => Number(/\d+$/.exec(format)?.[0])

/** "0.8 s", "42 s", "3 min 10 s", "25 min", "2 h 5 min". */
export function duration(seconds: number): string {
  if (seconds < 9.95) return `${decimals(Math.max(0, seconds), 1)} s`
  const whole = Math.round(seconds)
  if (whole < 60) return `${whole} s`
  // Ten minutes and more are not known to the second.
  const minutes = whole < 600 ? Math.floor(whole / 60) : Math.round(whole / 60)
  if (whole < 600) return joined(`${minutes} min`, whole % 60, 's')
  if (minutes < 60) return `${minutes} min`
  return joined(`${grouped(Math.floor(minutes / 60))} h`, minutes % 60, 'min')
}
/** "5 to 10 min", "40 s to 3 min": coarse, since a range is no measurement. `range` puts the two ends together. */
export function durations(from: number, to: number, range: (from: string, to: string) => string): string {
  const [[least, lower], [most, upper]] = [coarse(from), coarse(to)]
  if (lower === upper) return least === most ? `${most} ${upper}` : `${range(least, most)} ${upper}`
  return range(`${least} ${lower}`, `${most} ${upper}`)
}

function coarse(seconds: number): [value: string, unit: string] {
  if (seconds < 90) return [grouped(Math.max(1, seconds)), 's']
  if (seconds < 90 * 60) return [grouped(seconds / 60), 'min']
  return [decimals(seconds / 3600, seconds < 9.5 * 3600 ? 1 : 0), 'h']
}

const joined = (first: string, rest: number, unit: string): string =>
  rest === 0 ? first : `${first} ${rest} ${unit}`

/** Rounded down: 100% is said of nothing less. With `fine`, one decimal: long readings show that they move. */
export function percent(part: number, whole: number, fine = false): string {
  const steps = fine ? 1000 : 100
  const share = whole > 0 ? Math.floor((part / whole) * steps + 1e-9) / steps : 0
  return kept(`percent ${fine}`, locale => {
    const digits = fine ? 1 : 0
    const exactly = { minimumFractionDigits: digits, maximumFractionDigits: digits }
    return new Intl.NumberFormat(locale, { style: 'percent', ...exactly })
  }).format(share)
}

/** "now", "5 minutes ago", "yesterday"; after a week the date. */
export function relativeDate(iso: string, now = Date.now()): string {
  const seconds = (now - Date.parse(iso)) / 1000
  if (Number.isNaN(seconds)) return ''
  const relative = kept('relative', locale => new Intl.RelativeTimeFormat(locale, { numeric: 'auto' }))
  if (seconds < 45) return relative.format(0, 'second')
  if (seconds < 3570) return relative.format(-Math.max(1, Math.round(seconds / 60)), 'minute')
  if (seconds < 23.5 * 3600) return relative.format(-Math.max(1, Math.round(seconds / 3600)), 'hour')
  const days = Math.max(1, Math.round(seconds / 86400))
  if (days < 7) return relative.format(-days, 'day')
  return kept('date', locale => new Intl.DateTimeFormat(locale, { dateStyle: 'medium' })).format(
    new Date(iso)
  )
}

/** The day alone, in figures: "27/11/2026". */
export const day = (iso: string): string =>
  kept('day', locale => new Intl.DateTimeFormat(locale)).format(new Date(iso))
