/** The three kinds of settings: one of several, a number, a switch. */
import { useEffect, useId, useState } from 'react'

const hintOf = (id: string): string => `${id}-hint`

/** Below the field with this id. */
const Hint = ({ id, words }: { readonly id: string; readonly words: string | undefined }) =>
  words ? (
    <span className="quiet" id={hintOf(id)}>
      {words}
    </span>
  ) : null

interface ChoiceProps<T extends string> {
  readonly label: string
  readonly hint?: string
  readonly value: T
  readonly options: Readonly<Record<T, string>>
  readonly onChange: (value: T) => void
}

export function Choice<T extends string>({ label, hint, value, options, onChange }: ChoiceProps<T>) {
  const id = useId()
  return (
    <div className="field setting">
      <label htmlFor={id}>{label}</label>
      <select
        id={id}
        value={value}
        aria-describedby={hint ? hintOf(id) : undefined}
        onChange={event => onChange(event.target.value as T)}
      >
        {(Object.entries(options) as [T, string][]).map(([key, shown]) => (
          <option key={key} value={key}>
            {shown}
          </option>
        ))}
      </select>
      <Hint id={id} words={hint} />
    </div>
  )
}

interface AmountProps {
  readonly label: string
  readonly hint?: string
  readonly value: number
  readonly min: number
  readonly max: number
  readonly step?: number
  readonly unit?: string
  readonly onChange: (value: number) => void
}

/** Counts when the field is left or Enter is pressed: half a number is not a setting. */
export function Amount({ label, hint, value, min, max, step = 1, unit, onChange }: AmountProps) {
  const id = useId()
  const [typed, setTyped] = useState(String(value))
  useEffect(() => setTyped(String(value)), [value])
  const take = (): void => {
    const number = typed.trim() === '' ? NaN : Number(typed)
    const inside = Math.min(max, Math.max(min, step === 1 ? Math.round(number) : number))
    if (Number.isNaN(number) || inside === value) setTyped(String(value))
    else onChange(inside)
  }
  return (
    <div className="field setting">
      <label htmlFor={id}>{label}</label>
      <span className="setting-amount">
        <input
          id={id}
          type="number"
          inputMode="decimal"
          value={typed}
          min={min}
          max={max}
          step={step}
          aria-describedby={hint ? hintOf(id) : undefined}
          onChange={event => setTyped(event.target.value)}
          onBlur={take}
          onKeyDown={event => event.key === 'Enter' && take()}
        />
        {unit && <span className="quiet">{unit}</span>}
      </span>
      <Hint id={id} words={hint} />
    </div>
  )
}

interface SwitchProps {
  readonly label: string
  readonly checked: boolean
  readonly onChange: (checked: boolean) => void
}

export function Switch({ label, checked, onChange }: SwitchProps) {
  return (
    <label className="tick">
      <input type="checkbox" checked={checked} onChange={event => onChange(event.target.checked)} />
      <span>{label}</span>
    </label>
  )
}
