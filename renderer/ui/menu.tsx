/** A button with a list of commands that hangs from it, after the menu button pattern of the ARIA practices. */
import { type KeyboardEvent, type ReactNode, useId, useRef, useState } from 'react'
import { CheckIcon } from './icons'
import './menu.css'

export type MenuEntry =
  | {
      readonly label: string
      readonly icon?: ReactNode
      readonly onSelect: () => void
      readonly danger?: boolean
      readonly disabled?: boolean
      /** One of several choices, or a switch. */
      readonly checked?: boolean
    }
  | 'line'
  /** A heading above the entries that follow. */
  | { readonly heading: string }

interface MenuProps {
  /** Name of the button. */
  readonly label: string
  /** What the button shows, an icon for the most part. */
  readonly children: ReactNode
  readonly entries: () => readonly MenuEntry[]
  readonly className?: string
  readonly tabIndex?: number
}

export function Menu({ label, children, entries, className = 'icon-button', tabIndex }: MenuProps) {
  const id = useId()
  const list = useRef<HTMLDivElement>(null)
  const [open, setOpen] = useState(false)
  const items = (): HTMLElement[] => [
    ...(list.current?.querySelectorAll<HTMLElement>('[role^=menuitem]:not([aria-disabled=true])') ?? [])
  ]
  const move = (event: KeyboardEvent): void => {
    const all = items()
    const at = all.indexOf(document.activeElement as HTMLElement)
    const to = target(event.key, at, all)
    if (to !== undefined) {
      event.preventDefault()
      all[to]?.focus()
    } else if (event.key === 'Tab') list.current?.hidePopover()
    // The library behind has keys of its own.
    event.stopPropagation()
  }
  return (
    <>
      <button
        type="button"
        className={className}
        aria-label={label}
        title={label}
        aria-haspopup="menu"
        aria-expanded={open}
        popoverTarget={id}
        tabIndex={tabIndex}
        onKeyDown={event => {
          if (event.key !== 'ArrowDown') return
          event.preventDefault()
          event.stopPropagation()
          list.current?.showPopover({ source: event.currentTarget })
        }}
      >
        {children}
      </button>
      <div
        ref={list}
        id={id}
        popover="auto"
        role="menu"
        aria-label={label}
        className="menu"
        onToggle={event => {
          setOpen(event.newState === 'open')
          // The entries are there one render later.
          if (event.newState === 'open') requestAnimationFrame(() => items()[0]?.focus())
        }}
        onKeyDown={move}
      >
        {open &&
          entries().map((entry, i) => (
            <Entry key={i} entry={entry} close={() => list.current?.hidePopover()} />
          ))}
      </div>
    </>
  )
}

function Entry({ entry, close }: { entry: MenuEntry; close: () => void }) {
  if (entry === 'line') return <hr />
  if ('heading' in entry)
    return (
      <p className="menu-heading" role="presentation">
        {entry.heading}
      </p>
    )
  const { label, icon, onSelect, danger, disabled, checked } = entry
  return (
    <button
      type="button"
      role={checked === undefined ? 'menuitem' : 'menuitemradio'}
      aria-checked={checked}
      aria-disabled={disabled}
      tabIndex={-1}
      className={danger ? 'danger' : undefined}
      onClick={() => {
        if (disabled) return
        close()
        onSelect()
      }}
    >
      <span className="menu-icon">{checked ? <CheckIcon /> : icon}</span>
      <span className="menu-label">{label}</span>
    </button>
  )
}

/** Where a key leads among the items: arrows around the ends, Home, End, and the first letter of a label. */
function target(key: string, at: number, items: readonly HTMLElement[]): number | undefined {
  const count = items.length
  if (key === 'ArrowDown') return (at + 1) % count
  if (key === 'ArrowUp') return (at + count - 1) % count
  if (key === 'Home') return 0
  if (key === 'End') return count - 1
  if (key.length !== 1 || key === ' ') return undefined
  const begins = (item: HTMLElement): boolean =>
    item.textContent.trim().toLowerCase().startsWith(key.toLowerCase())
  const after = items.findIndex((item, i) => i > at && begins(item))
  const found = after >= 0 ? after : items.findIndex(begins)
  return found >= 0 ? found : undefined
}
