/**
 * Every word on the screen, by key and language; one namespace a feature. A key that a language lacks does not compile.
 * `t('reader:hits', { count })`: plural forms by the suffixes _one and _other, numbers by `{{count, number}}`.
 */
import i18next from 'i18next'
import { useEffect } from 'react'
import { initReactI18next } from 'react-i18next'
import { bytes } from '../ui/format'
import { formatLocale } from '../ui/locale'
import * as de from './de/index'
import * as en from './en/index'

type Same<T> = T extends string ? string : { readonly [K in keyof T]: Same<T[K]> }
const german: Same<typeof en> = de

declare module 'i18next' {
  interface CustomTypeOptions {
    defaultNS: 'shell'
    resources: typeof en
  }
}

export const languages = { en: 'English', de: 'Deutsch' } as const
type Language = keyof typeof languages

void i18next.use(initReactI18next).init({
  resources: { en, de: german },
  lng: 'en',
  fallbackLng: 'en',
  defaultNS: 'shell',
  interpolation: { escapeValue: false },
  initAsync: false
})

// Numbers inside sentences are written as those of ui/format.ts.
i18next.services.formatter?.addCached('number', (language, options) => {
  const { format } = new Intl.NumberFormat(formatLocale(language ?? 'en'), options)
  return (value: number) => format(value)
})

// Words inside a sentence, which failure-sentence.ts has made: `{{what, said}}`.
i18next.services.formatter?.add('said', value => String(value))

// A size in a sentence of a failure: `{{free, bytes}}`.
i18next.services.formatter?.add('bytes', value => bytes(Number(value)))

export default i18next

/** The language set, or the first of the browser's that is known here. */
export function useLanguage(set: 'system' | Language): void {
  useEffect(() => {
    const asked = set === 'system' ? navigator.languages.map(tag => tag.slice(0, 2)) : [set]
    const found = asked.find(tag => tag in languages) ?? 'en'
    void i18next.changeLanguage(found)
    document.documentElement.lang = found
    document.documentElement.dir = i18next.dir(found)
  }, [set])
}
