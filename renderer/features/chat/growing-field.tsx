/** A field of text as high as its text: Enter sends, Shift+Enter begins a line. */
import type { KeyboardEvent, RefObject } from 'react'

interface Props {
  readonly label: string
  readonly value: string
  readonly onChange: (value: string) => void
  readonly onEnter: () => void
  readonly onKeyDown?: (event: KeyboardEvent<HTMLTextAreaElement>) => void
  readonly placeholder?: string
  readonly disabled?: boolean
  readonly describedBy?: string
  readonly autoFocus?: boolean
  readonly ref?: RefObject<HTMLTextAreaElement | null>
}

export function GrowingField({ label, value, onChange, onEnter, onKeyDown, describedBy, ...rest }: Props) {
  return (
    <textarea
      {...rest}
      className="growing-field"
      rows={1}
      aria-label={label}
      aria-describedby={describedBy}
      value={value}
      // After the last word, where one goes on writing.
      onFocus={({ target }) => target.setSelectionRange(target.value.length, target.value.length)}
      onChange={event => onChange(event.target.value)}
      onKeyDown={event => {
        // While an input method composes, Enter belongs to it.
        if (event.key === 'Enter' && !event.shiftKey && !event.nativeEvent.isComposing) {
          event.preventDefault()
          onEnter()
        } else onKeyDown?.(event)
      }}
    />
  )
}
