/** What a bug report needs, to be read and copied: no document names, no texts. */
import { sentenceOf } from '../../../contract/failure'
import { useEffect, useState } from 'react'
import { useTranslation } from 'react-i18next'
import type { Diagnostics } from '../../../contract/host'
import { flows } from '../../flows/flows'
import { useEngine } from '../../store/engine'
import { useView } from '../../store/view'
import { Dialog } from '../../ui/dialog'
import { bytes } from '../../ui/format'
import { OtherGraphics } from '../status/other-graphics'
import './help.css'
import { outsideRequests } from './outside-requests'

export function DiagnosticsDialog() {
  const open = useView(({ dialog }) => dialog === 'diagnostics')
  return open ? <Shown /> : null
}

function Shown() {
  const { t } = useTranslation('settings')
  const [told, setTold] = useState<Diagnostics>()
  const [failed, setFailed] = useState<string>()
  const [copied, setCopied] = useState(false)
  useEffect(() => {
    flows
      .host()
      .diagnostics()
      .then(setTold, (error: unknown) => setFailed(sentenceOf(error)))
  }, [])
  const lines = [...ofThisPage(), ...(told?.lines ?? [])]
  const { made, stopped } = outsideRequests()
  const cancelled = stopped + (told?.requestsCancelled ?? 0)
  const report = [
    ...lines.map(([name, value]) => `${name}: ${value}`),
    `Requests that left this computer: ${made}`,
    `Requests stopped: ${cancelled}`,
    '',
    ...(told?.log ?? [])
  ].join('\n')
  return (
    <Dialog
      title={t('diagnostics.title')}
      size="large"
      onClose={() => useView.setState({ dialog: undefined })}
      actions={
        <button
          type="button"
          className="button main"
          disabled={!told}
          onClick={() => void navigator.clipboard.writeText(report).then(() => setCopied(true))}
        >
          {t('diagnostics.copy')}
        </button>
      }
    >
      <div className="help">
        <p className="quiet">{t('diagnostics.what')}</p>
        <p className="offline">
          <strong className="numbers">{made}</strong> {t('diagnostics.left')}{' '}
          <span className="quiet numbers">{t('diagnostics.stopped', { count: cancelled })}</span>
        </p>
        <dl className="facts">
          {lines.map(([name, value]) => (
            <div key={name}>
              <dt>{name}</dt>
              <dd className="numbers">{value}</dd>
            </div>
          ))}
        </dl>
        {failed && (
          <p className="notice bad" role="alert">
            {failed}
          </p>
        )}
        {told && told.log.length > 0 && (
          <details>
            <summary>{t('diagnostics.log')}</summary>
            <pre tabIndex={0}>{told.log.join('\n')}</pre>
          </details>
        )}
        <div className="graphics-ways">
          <OtherGraphics />
        </div>
        <p role="status" className="quiet">
          {copied && t('diagnostics.copied')}
        </p>
      </div>
    </Dialog>
  )
}

/** Names as they go into a report stay English, whatever language is shown. */
function ofThisPage(): [string, string][] {
  const { adapter, state, model, memory } = useEngine.getState()
  return [
    [
      'Adapter',
      adapter ? `${adapter.name}, ${adapter.vendor}${adapter.software ? ', software' : ''}` : 'none'
    ],
    ['Engine', state.name + ('reason' in state ? `: ${state.reason}` : '')],
    [
      'Model',
      model ? `${model.name}, dim ${model.config.dim}, vocabulary ${model.config.vocabSize}` : 'none'
    ],
    ['Precision', model ? `weights ${model.weights}, keys and values ${model.pages}` : 'none'],
    ['GPU memory, peak', memory ? bytes(memory.peak) : 'not known'],
    ['Browser', navigator.userAgent],
    ['Window', `${innerWidth} x ${innerHeight}, ${devicePixels(devicePixelRatio)}`]
  ]
}

const devicePixels = (ratio: number): string =>
  ratio === 1 ? 'one device pixel each' : `${ratio} device pixels each`
