/**
 * How many panes the window has room for, by its width in CSS pixels, so that zoom counts: three; text and conversation,
 * with the library over them; or one.
 */
import { useSyncExternalStore } from 'react'

export type Layout = 'wide' | 'middle' | 'narrow'

const wide = matchMedia('(min-width: 1100px)')
// 720 is a screen of 1440 at 200% zoom.
const middle = matchMedia('(min-width: 700px)')

const follow = (changed: () => void): (() => void) => {
  for (const query of [wide, middle]) query.addEventListener('change', changed)
  return () => {
    for (const query of [wide, middle]) query.removeEventListener('change', changed)
  }
}

export const layoutNow = (): Layout => (wide.matches ? 'wide' : middle.matches ? 'middle' : 'narrow')

export const useLayout = (): Layout => useSyncExternalStore(follow, layoutNow)
