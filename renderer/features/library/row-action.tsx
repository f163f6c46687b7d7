/** The one or two buttons that go on with a document, right in its row; everything else is in the card and the menu. */
import type { ReactNode } from 'react'
import { useTranslation } from 'react-i18next'
import { flows } from '../../flows/flows'
import { CloseIcon, PauseIcon, PlayIcon, RefreshIcon } from '../../ui/icons'
import type { DocumentState } from './document-state'

interface RowActionProps {
  readonly id: string
  readonly name: string
  readonly state: DocumentState
  readonly tabIndex: number
}

export function RowAction({ id, name, state, tabIndex }: RowActionProps) {
  const { t } = useTranslation('library')
  const button = (words: string, icon: ReactNode, act: () => Promise<void>): ReactNode => (
    <button
      type="button"
      className="icon-button"
      tabIndex={tabIndex}
      aria-label={`${words}: ${name}`}
      title={words}
      onClick={() => void act()}
    >
      {icon}
    </button>
  )
  const buttons = (): ReactNode => {
    switch (state.name) {
      case 'unread':
      case 'other-model':
        return button(t('row.read'), <PlayIcon />, () => flows.adding.plan(id))
      case 'partial':
        return button(t('row.resume'), <PlayIcon />, async () => flows.adding.read(id))
      case 'changed':
        return button(t('card.readChange'), <RefreshIcon />, () => flows.documents.refresh(id))
      case 'failed':
        return button(t('row.retry'), <RefreshIcon />, () => flows.adding.plan(id))
      case 'reading':
        return button(
          t('row.pause'),
          <PauseIcon />,
          async () => void (await flows.adding.queue.stop('pause'))
        )
      case 'queued':
        return button(t('row.cancel'), <CloseIcon />, () => flows.adding.cancel(id))
      default:
        return null
    }
  }
  const shown = buttons()
  return shown && <div className="document-action">{shown}</div>
}
