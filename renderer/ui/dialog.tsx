/** A modal dialog over the native one: labelled, closed by Esc, the cross or a press beside it; focus goes back after. */
import { type ReactNode, useId, useLayoutEffect, useRef } from 'react'
import { useTranslation } from 'react-i18next'
import './dialog.css'
import { CloseIcon } from './icons'

/** A field, or the first of the buttons below: the one that changes nothing. */
const firstField =
  '.dialog-body :is(input:checked, input:not([type=radio], [hidden]), select, textarea), .dialog-sheet > footer button:enabled'

interface DialogProps {
  readonly title: string
  readonly onClose: () => void
  readonly children: ReactNode
  /** Buttons at the bottom, the main one last. */
  readonly actions?: ReactNode
  readonly size?: 'small' | 'middle' | 'large'
}

export function Dialog({ title, onClose, children, actions, size = 'middle' }: DialogProps) {
  const { t } = useTranslation('shell')
  const dialog = useRef<HTMLDialogElement>(null)
  const heading = useId()
  useLayoutEffect(() => {
    const shown = dialog.current
    shown?.showModal()
    // Of itself the browser takes the first, the cross. What comes later by autoFocus keeps it.
    shown?.querySelector<HTMLElement>(firstField)?.focus()
    // Closed before it leaves the page: only so does the browser give the focus back.
    return () => shown?.close()
  }, [])
  return (
    <dialog
      ref={dialog}
      className={`dialog ${size}`}
      aria-labelledby={heading}
      onCancel={event => {
        // A <input type=file> inside tells of its own cancelling by the same event.
        if (event.target !== dialog.current) return
        event.preventDefault()
        onClose()
      }}
      onPointerDown={event => {
        if (event.target === dialog.current) onClose()
      }}
    >
      <div className="dialog-sheet">
        <header>
          <h2 id={heading}>{title}</h2>
          <button
            type="button"
            className="icon-button"
            aria-label={t('close')}
            title={t('close')}
            onClick={onClose}
          >
            <CloseIcon />
          </button>
        </header>
        <div className="dialog-body">{children}</div>
        {actions && <footer>{actions}</footer>}
      </div>
    </dialog>
  )
}
