/** Whether a test runs its long mode: READONCE_LONG is 1 for all of them, or names some (tools/test/long.mjs). */
export const long = (mode: string): boolean => {
  const asked = process.env['READONCE_LONG'] ?? ''
  return asked === '1' || asked.split(',').includes(mode)
}
