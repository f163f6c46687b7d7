/** Over everything that still works: the device went away, or the chosen model could not be loaded. */
import { useTranslation } from 'react-i18next'
import { startAgain } from '../../flows/start'
import { useEngine } from '../../store/engine'
import { openDialog } from '../../store/view'
import { WarningIcon } from '../../ui/icons'
import './status.css'

export function EngineBanner() {
  const { t } = useTranslation()
  const state = useEngine(engine => engine.state)
  if (state.name !== 'lost' && state.name !== 'failed') return null
  const isLost = state.name === 'lost'
  return (
    <div className="engine-banner" role="alert">
      <WarningIcon />
      <div>
        <p>
          <strong>{t(isLost ? 'lost.title' : 'broken.title')}</strong>{' '}
          {isLost ? t('lost.text') : state.reason}
        </p>
        {isLost && <p className="quiet">{t('lost.reason', { reason: state.reason })}</p>}
      </div>
      <button type="button" className="button small main" onClick={() => void startAgain()}>
        {t(isLost ? 'lost.again' : 'broken.again')}
      </button>
      {!isLost && (
        <button type="button" className="button small" onClick={() => openDialog('models')}>
          {t('broken.models')}
        </button>
      )}
    </div>
  )
}
