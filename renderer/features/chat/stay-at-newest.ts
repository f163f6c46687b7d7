/** Keeps a list at its end while it grows, unless the person scrolled up. */
import { type RefObject, useCallback, useEffect, useRef, useState } from 'react'

/** Pixels from the end that still count as the end. */
const near = 32

interface StayAtNewest {
  /** The person is reading further up. */
  readonly away: boolean
  readonly onScroll: () => void
  readonly toNewest: () => void
  /** Leaves the list where it is, whatever grows. */
  readonly hold: () => void
}

/** `list` scrolls, `content` grows within it. */
export function useStayAtNewest(
  list: RefObject<HTMLElement | null>,
  content: RefObject<HTMLElement | null>
): StayAtNewest {
  const [away, setAway] = useState(false)
  const stays = useRef(true)
  const top = useRef(0)

  const toNewest = useCallback(() => {
    stays.current = true
    setAway(false)
    list.current?.scrollTo({ top: list.current.scrollHeight, behavior: 'instant' })
  }, [list])
  const hold = useCallback(() => {
    stays.current = false
  }, [])
  const onScroll = useCallback(() => {
    const { scrollTop, scrollHeight, clientHeight } = list.current!
    const rest = scrollHeight - clientHeight - scrollTop
    // Only a step up leaves the end: what grows below moves the end away as well.
    if (rest <= near) stays.current = true
    else if (scrollTop < top.current - 1) stays.current = false
    top.current = scrollTop
    setAway(!stays.current && rest > near)
  }, [list])

  useEffect(() => {
    const watch = new ResizeObserver(() => {
      if (stays.current) list.current?.scrollTo({ top: list.current.scrollHeight, behavior: 'instant' })
      else onScroll()
    })
    if (list.current) watch.observe(list.current)
    if (content.current) watch.observe(content.current)
    return () => watch.disconnect()
  }, [list, content, onScroll])

  return { away, onScroll, toNewest, hold }
}
