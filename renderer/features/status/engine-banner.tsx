/** Over everything that still works, one at a time: the program or the device went away, the engine hangs, the model is broken. */
import type { ReactNode } from 'react'
import { useTranslation } from 'react-i18next'
import { flows } from '../../flows/flows'
import { useChat } from '../../store/chat'
import { useEngine } from '../../store/engine'
import { openDialog } from '../../store/view'
import { WarningIcon } from '../../ui/icons'
import './status.css'

export function EngineBanner() {
  const { t } = useTranslation()
  const { state, host, silent } = useEngine()
  const unsaved = useChat(chat => Object.keys(chat.unsaved).length)
  if (host === 'replaced') return <Banner title={t('replaced.title')} text={t('replaced.text')} />
  if (host === 'away')
    return (
      <Banner
        title={t('gone.title')}
        text={`${t('gone.text')} ${unsaved > 0 ? t('gone.unsaved', { count: unsaved }) : ''}`}
        way={t('gone.again')}
        onWay={() => flows.host().connection?.tryNow()}
      />
    )
  if (state.name === 'lost')
    return (
      <Banner title={t('lost.title')} text={t('lost.text')} way={t('lost.again')} onWay={again}>
        <details className="quiet">
          <summary>{t('lost.details')}</summary>
          {t('lost.reason', { reason: state.reason })}
        </details>
      </Banner>
    )
  if (state.name === 'failed')
    return (
      <Banner
        title={t('broken.title')}
        text={state.reason}
        way={t('broken.again')}
        onWay={again}
        other={
          <button type="button" className="button small" onClick={() => openDialog('models')}>
            {t('broken.models')}
          </button>
        }
      />
    )
  if (silent)
    return <Banner title={t('silent.title')} text={t('silent.text')} way={t('silent.again')} onWay={again} />
  return null
}

const again = (): void => void flows.start.again()

interface BannerProps {
  readonly title: string
  readonly text: string
  /** The one way back. */
  readonly way?: string
  readonly onWay?: () => void
  readonly other?: ReactNode
  readonly children?: ReactNode
}

function Banner({ title, text, way, onWay, other, children }: BannerProps) {
  return (
    <div className="engine-banner" role="alert">
      <WarningIcon />
      <div>
        <p>
          <strong>{title}</strong> {text}
        </p>
        {children}
      </div>
      {way !== undefined && (
        <button type="button" className="button small main" onClick={onWay}>
          {way}
        </button>
      )}
      {other}
    </div>
  )
}
