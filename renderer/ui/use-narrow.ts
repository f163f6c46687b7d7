/** Whether the window has room for one pane only. */
import { useSyncExternalStore } from 'react'

const query = matchMedia('(max-width: 820px)')

const follow = (changed: () => void): (() => void) => {
  query.addEventListener('change', changed)
  return () => query.removeEventListener('change', changed)
}

export const useNarrow = (): boolean => useSyncExternalStore(follow, () => query.matches)
