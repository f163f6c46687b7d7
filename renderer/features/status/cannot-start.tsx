/** In place of everything: no adapter on this computer, with what to do about it; or the program could not begin. */
import { Trans, useTranslation } from 'react-i18next'
import { flows } from '../../flows/flows'
import { useEngine } from '../../store/engine'
import { openDialog } from '../../store/view'
import { DiagnosticsIcon, RefreshIcon, WarningIcon } from '../../ui/icons'
import { OtherGraphics } from './other-graphics'
import './status.css'

const advice = {
  linux: ['linux.driver', 'linux.flags', 'linux.sandbox', 'linux.software'],
  darwin: ['darwin.system', 'darwin.browser'],
  win32: ['win32.driver', 'win32.browser', 'win32.remote'],
  other: ['other.browser']
} as const

export function CannotStart({ reason, isUnsupported }: { reason: string; isUnsupported: boolean }) {
  const { t } = useTranslation()
  const platform = useEngine(({ about }) => about?.platform)
  const known = platform === 'linux' || platform === 'darwin' || platform === 'win32' ? platform : 'other'
  return (
    <main className="cannot-start">
      <div role="alert">
        <WarningIcon />
        <h1>{t(isUnsupported ? 'unsupported.title' : 'failed.title')}</h1>
        {isUnsupported ? (
          <>
            <p>{t('unsupported.text')}</p>
            <h2>{t('unsupported.todo')}</h2>
            <ul>
              {advice[known].map(each => (
                <li key={each}>
                  <Trans t={t} i18nKey={`unsupported.${each}`} components={{ code: <code /> }} />
                </li>
              ))}
            </ul>
            <p className="quiet">{t('unsupported.reason', { reason })}</p>
          </>
        ) : (
          <p>{reason}</p>
        )}
        <div className="cannot-start-ways">
          <button type="button" className="button main" onClick={() => void flows.start.again()}>
            <RefreshIcon />
            {t('unsupported.again')}
          </button>
          {isUnsupported && <OtherGraphics />}
          <button type="button" className="button" onClick={() => openDialog('diagnostics')}>
            <DiagnosticsIcon />
            {t('unsupported.diagnostics')}
          </button>
        </div>
      </div>
    </main>
  )
}
