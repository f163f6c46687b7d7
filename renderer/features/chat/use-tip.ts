/** What a button says at length while the pointer or the keyboard is on it; the pointer may go over into it. */
import { type KeyboardEvent, type MouseEvent, useId, useRef } from 'react'

export function useTip(empty = false) {
  const id = useId()
  const button = useRef<HTMLButtonElement>(null)
  const tip = useRef<HTMLDivElement>(null)
  const waiting = useRef<ReturnType<typeof setTimeout>>(undefined)
  const show = (): void => {
    clearTimeout(waiting.current)
    if (!empty && !tip.current?.matches(':popover-open'))
      tip.current?.showPopover({ source: button.current ?? undefined })
  }
  const hide = (): void => {
    clearTimeout(waiting.current)
    tip.current?.hidePopover()
  }
  const soon = (change: () => void): void => {
    clearTimeout(waiting.current)
    waiting.current = setTimeout(change, 120)
  }
  return {
    show,
    hide,
    /** Around both. */
    area: {
      // Text that scrolls under a pointer at rest also sends moves, of no distance.
      onMouseMove: ({ movementX, movementY }: MouseEvent) => {
        if (movementX !== 0 || movementY !== 0) soon(show)
      },
      // The pointer may cross the gap between the button and its tip.
      onMouseLeave: () => soon(hide),
      onKeyDown: (event: KeyboardEvent) => {
        if (event.key !== 'Escape' || !tip.current?.matches(':popover-open')) return
        event.stopPropagation()
        hide()
      }
    },
    button: { ref: button, 'aria-describedby': id, onFocus: show, onBlur: hide },
    tip: { ref: tip, id, popover: 'manual' as const }
  }
}
