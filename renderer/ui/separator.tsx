/** A bar between two panes, after the window splitter pattern: dragged, or moved by arrow keys; a double press resets. */
import { type KeyboardEvent, type PointerEvent, useRef } from 'react'
import './separator.css'

interface SeparatorProps {
  readonly label: string
  /** Id of the pane whose width it sets. */
  readonly controls: string
  /** CSS pixels. */
  readonly width: number
  readonly least: number
  readonly most: number
  /** The pane lies after the bar in reading direction: moving on makes it smaller. */
  readonly isAfter?: boolean
  readonly onChange: (width: number) => void
  readonly onReset: () => void
}

const step = 24

export function Separator(props: SeparatorProps) {
  const { label, controls, width, least, most, isAfter, onChange, onReset } = props
  const drag = useRef<{ x: number; width: number }>(undefined)
  const set = (next: number): void => onChange(Math.round(Math.min(most, Math.max(least, next))))
  /** +1 where moving to the right makes the pane wider. */
  const direction = (bar: HTMLElement): 1 | -1 =>
    (getComputedStyle(bar).direction === 'rtl') === (isAfter ?? false) ? 1 : -1

  /** A pane without room, or not dragged yet, may be as wide as something else says. */
  const now = (): number => document.getElementById(controls)?.getBoundingClientRect().width ?? width

  const press = (event: KeyboardEvent<HTMLDivElement>): void => {
    const to = {
      ArrowRight: now() + step * direction(event.currentTarget),
      ArrowLeft: now() - step * direction(event.currentTarget),
      Home: least,
      End: most
    }[event.key]
    if (to === undefined) return
    event.preventDefault()
    set(to)
  }
  const move = (event: PointerEvent<HTMLDivElement>): void => {
    const from = drag.current
    if (from) set(from.width + (event.clientX - from.x) * direction(event.currentTarget))
  }
  return (
    <div
      className="separator"
      role="separator"
      tabIndex={0}
      aria-label={label}
      aria-orientation="vertical"
      aria-controls={controls}
      aria-valuenow={width}
      aria-valuemin={least}
      aria-valuemax={most}
      onKeyDown={press}
      onDoubleClick={onReset}
      onPointerDown={event => {
        drag.current = { x: event.clientX, width: now() }
        event.currentTarget.setPointerCapture(event.pointerId)
      }}
      onPointerMove={move}
      onPointerUp={() => (drag.current = undefined)}
      onPointerCancel={() => (drag.current = undefined)}
    />
  )
}
