/** Numbers as people read them. */
const whole = new Intl.NumberFormat('en', { maximumFractionDigits: 0 })

export const grouped = (value: number): string => whole.format(value)

export function bytes(value: number): string {
  if (value < 1000) return `${value} bytes`
  const unit = value < 1e6 ? 'kB' : value < 1e9 ? 'MB' : 'GB'
  const scaled = value / { kB: 1e3, MB: 1e6, GB: 1e9 }[unit]
  return `${scaled < 10 ? scaled.toFixed(1) : whole.format(scaled)} ${unit}`
}

export function duration(seconds: number): string {
  if (seconds < 9.95) return `${seconds.toFixed(1)} s`
  if (seconds < 99.5) return `${Math.round(seconds)} s`
  const minutes = Math.round(seconds / 60)
  return minutes < 100 ? `${minutes} min` : `${Math.floor(minutes / 60)} h ${minutes % 60} min`
}

/** Rounded down: 100% is said of nothing less. Long texts show that they move. */
export const percent = (part: number, whole: number): string =>
  whole < 20_000
    ? `${Math.floor((part / whole) * 100)}%`
    : `${(Math.floor((part / whole) * 1000) / 10).toFixed(1)}%`
