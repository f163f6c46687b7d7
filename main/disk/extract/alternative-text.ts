/** What a document says of a picture for those who do not see it. */

const file = /\.(png|jpe?g|gif|svg|bmp|tiff?|webp|emf|wmf|pict?|ico|pdf|eps)$/i
const place = /^([a-z]+:\/\/|[a-z]:[\\/]|\\\\|data:)/i

/** In brackets; undefined where nothing is said. Programs that only put the picture's file or address there say nothing of it. */
export function alternativeText(...said: readonly (string | null | undefined)[]): string | undefined {
  for (const each of said) {
    const words = (each ?? '').replace(/\s+/g, ' ').trim()
    if (words !== '' && !file.test(words) && !place.test(words)) return `[${words}]`
  }
  return undefined
}
