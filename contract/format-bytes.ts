/** Decimal units, as disks are sold and file managers count. */
export function formatBytes(bytes: number): string {
  const units = ['bytes', 'kB', 'MB', 'GB', 'TB']
  let unit = 0
  // 999.95 would round up to "1000.0".
  while (bytes >= 999.95 && unit < units.length - 1) {
    bytes /= 1000
    unit++
  }
  return unit === 0 ? `${bytes} ${bytes === 1 ? 'byte' : 'bytes'}` : `${bytes.toFixed(1)} ${units[unit]}`
}
