/** A list of any length of which only the visible rows exist. Arrow keys move, Enter picks. */
import {
  type KeyboardEvent,
  type ReactNode,
  useEffect,
  useId,
  useLayoutEffect,
  useRef,
  useState
} from 'react'

interface ChoiceListProps {
  readonly label: string
  readonly count: number
  /** CSS pixels; every row is as high. */
  readonly rowHeight: number
  /** The current one; -1: none. */
  readonly active: number
  readonly row: (index: number) => ReactNode
  readonly onPick: (index: number) => void
}

export function ChoiceList({ label, count, rowHeight, active, row, onPick }: ChoiceListProps) {
  const id = useId()
  const box = useRef<HTMLDivElement>(null)
  const [view, setView] = useState({ top: 0, height: 0 })
  const [cursor, setCursor] = useState(Math.max(0, active))

  useLayoutEffect(() => {
    const { current } = box
    if (!current) return
    const look = (): void => setView({ top: current.scrollTop, height: current.clientHeight })
    const observer = new ResizeObserver(look)
    observer.observe(current)
    current.addEventListener('scroll', look, { passive: true })
    return () => {
      observer.disconnect()
      current.removeEventListener('scroll', look)
    }
  }, [])

  const bring = (index: number): void => {
    const { current } = box
    if (!current) return
    const top = index * rowHeight
    if (top < current.scrollTop) current.scrollTop = top - rowHeight
    else if (top + rowHeight > current.scrollTop + current.clientHeight)
      current.scrollTop = top + 2 * rowHeight - current.clientHeight
  }
  const isReady = view.height > 0
  useEffect(() => {
    if (active < 0 || !isReady) return
    setCursor(active)
    bring(active)
    // Where rows are brought depends on the rows' height, which does not change.
  }, [active, isReady])

  const press = (event: KeyboardEvent): void => {
    const page = Math.max(1, Math.floor(view.height / rowHeight) - 1)
    const moves: Record<string, number> = {
      ArrowDown: cursor + 1,
      ArrowUp: cursor - 1,
      PageDown: cursor + page,
      PageUp: cursor - page,
      Home: 0,
      End: count - 1
    }
    const to = moves[event.key]
    if (to !== undefined) {
      const index = Math.min(count - 1, Math.max(0, to))
      setCursor(index)
      bring(index)
    } else if (event.key === 'Enter' || event.key === ' ') onPick(Math.min(cursor, count - 1))
    else return
    event.preventDefault()
  }

  const first = Math.max(0, Math.floor(view.top / rowHeight) - 4)
  const last = Math.min(count, Math.ceil((view.top + view.height) / rowHeight) + 4)
  const rows: ReactNode[] = []
  for (let index = first; index < last; index++)
    rows.push(
      <div
        key={index}
        id={`${id}-${index}`}
        role="option"
        aria-selected={index === active}
        aria-posinset={index + 1}
        aria-setsize={count}
        className={`reader-row${index === cursor ? ' cursor' : ''}`}
        style={{ transform: `translateY(${index * rowHeight}px)`, height: rowHeight }}
        onClick={() => {
          setCursor(index)
          onPick(index)
        }}
      >
        {row(index)}
      </div>
    )
  const isDrawn = cursor >= first && cursor < last
  return (
    <div
      ref={box}
      className="reader-rows"
      role="listbox"
      tabIndex={0}
      aria-label={label}
      aria-activedescendant={isDrawn ? `${id}-${cursor}` : undefined}
      onKeyDown={press}
    >
      <div className="reader-rows-room" role="presentation" style={{ height: count * rowHeight }}>
        {rows}
      </div>
    </div>
  )
}
