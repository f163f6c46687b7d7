/** This computer in one line: adapter, model, memory; and how much of the open document is in view. */
import { useTranslation } from 'react-i18next'
import { useDocuments } from '../../store/documents'
import { useEngine } from '../../store/engine'
import { openDialog, useView } from '../../store/view'
import { bytes, duration, grouped } from '../../ui/format'
import { ModelIcon, WarningIcon } from '../../ui/icons'
import { pageWords, partWords } from '../../ui/pages'
import { MemoryUse } from './memory-use'
import './status.css'

export function StatusBar() {
  const { t } = useTranslation()
  return (
    <footer className="status-bar" aria-label={t('status.label')}>
      <Adapter />
      <Model />
      <span className="status-gap" />
      <Opened />
      <MemoryUse />
    </footer>
  )
}

function Adapter() {
  const { t } = useTranslation()
  const adapter = useEngine(engine => engine.adapter)
  if (!adapter) return null
  const { name, software } = adapter
  if (software)
    return (
      <span className="status-warning" title={t('status.softwareOn', { name })}>
        <WarningIcon />
        <span>{t('status.software')}</span>
      </span>
    )
  return (
    <span className="status-name status-adapter" title={t('status.adapter', { name })}>
      {name}
    </span>
  )
}

function Model() {
  const { t } = useTranslation()
  const state = useEngine(engine => engine.state)
  const name = useEngine(
    ({ model, models, modelId }) => model?.name ?? models.find(({ id }) => id === modelId)?.name
  )
  if (state.name === 'loading') {
    const known = state.total > 0
    const words = known
      ? t('status.loadingOf', { loaded: bytes(state.loaded), total: bytes(state.total) })
      : t('status.loading')
    return (
      <span className="status-loading">
        <span role="status">{t('status.loading')}</span>
        <progress
          aria-label={words}
          title={words}
          {...(known && { value: state.loaded, max: state.total })}
        />
      </span>
    )
  }
  if (name === undefined) return null
  const words = t('status.model', { name })
  return (
    <button
      type="button"
      className="status-button"
      aria-label={words}
      title={words}
      onClick={() => openDialog('models')}
    >
      <ModelIcon />
      <span className="status-name">{name}</span>
    </button>
  )
}

function Opened() {
  const { t } = useTranslation()
  const id = useView(view => view.documentId)
  const session = useDocuments(({ sessions }) => sessions[id ?? ''])
  const document = useDocuments(({ documents }) => documents[id ?? ''])
  if (!session || !document) return null
  const { tokens, total, reopenedSeconds } = session
  const length = tokens < total ? partWords(document, tokens, total) : pageWords(document)
  return (
    <span
      className="status-opened numbers"
      role="status"
      title={t('status.tokens', { tokens: grouped(tokens) })}
    >
      {reopenedSeconds === undefined
        ? t('status.inView', { length })
        : t('status.reopened', { time: duration(reopenedSeconds) })}
    </span>
  )
}
