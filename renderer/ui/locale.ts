/** In which way dates and numbers are written: the system's, in the language that is shown. */

/**
 * `system`: BCP 47 tags as the browser knows them, the first preferred. English on a computer set to "en-GB" is
 * "en-GB", on one set to "de-DE" it is "en-DE": English words, and days before months.
 */
export function formatLocale(
  language: string,
  system: readonly string[] = globalThis.navigator?.languages ?? []
): string {
  for (const tag of system) {
    const region = regionOf(tag)
    if (region !== undefined) return languageOf(tag) === language ? tag : `${language}-${region}`
  }
  return language
}

const languageOf = (tag: string): string => tag.split('-')[0]!

function regionOf(tag: string): string | undefined {
  try {
    return new Intl.Locale(tag).region
  } catch {
    // What is no tag says nothing.
    return undefined
  }
}
