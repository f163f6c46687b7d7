/** Where the library lies, how much the readings may take, and what can be given back. */
import { type FormEvent, useEffect, useState } from 'react'
import { useTranslation } from 'react-i18next'
import type { DocumentInfo } from '../../../contract/document'
import { sentenceOf } from '../../../contract/failure'
import type { DiskUse } from '../../../contract/host'
import { flows } from '../../flows/flows'
import { useDocuments } from '../../store/documents'
import { useEngine } from '../../store/engine'
import { useSettings } from '../../store/settings'
import { CutName } from '../../ui/cut-name'
import { bytes, grouped, relativeDate } from '../../ui/format'
import { PinIcon } from '../../ui/icons'
import { Amount } from './fields'

const gigabyte = 1e9

export function Storage() {
  const { t } = useTranslation('settings')
  const budget = useSettings(settings => settings.diskBudget)
  const documents = useDocuments(store => store.documents)
  const [use, setUse] = useState<DiskUse>()
  useEffect(() => {
    void flows
      .host()
      .diskUse()
      .then(setUse, () => undefined)
  }, [documents, budget])
  const read = Object.values(documents)
    .filter(({ readings }) => readings.length > 0)
    .sort((a, b) => sizeOf(b) - sizeOf(a))
  return (
    <section aria-labelledby="settings-storage">
      <h3 id="settings-storage">{t('storage')}</h3>
      <Place />
      <Amount
        label={t('budget')}
        hint={t('budgetHint')}
        value={budget / gigabyte}
        min={0}
        max={100_000}
        step={0.1}
        unit="GB"
        onChange={value => void flows.settings.change({ diskBudget: Math.round(value * gigabyte) })}
      />
      {use && (
        <p className="quiet numbers">
          {t('use', {
            readings: bytes(use.readings),
            pinned: bytes(use.pinned),
            library: bytes(use.library),
            free: bytes(use.free),
            reserve: bytes(use.reserve)
          })}
        </p>
      )}
      {read.length > 0 && (
        <details>
          <summary>{t('kept', { count: read.length })}</summary>
          <ul className="storage-list">
            {read.map(document => (
              <Kept key={document.id} document={document} />
            ))}
          </ul>
        </details>
      )}
    </section>
  )
}

const sizeOf = ({ readings }: DocumentInfo): number =>
  readings.reduce((sum, { pageFileBytes }) => sum + pageFileBytes, 0)

function Kept({ document }: { document: DocumentInfo }) {
  const { t } = useTranslation('settings')
  const { id, name, pinned, readings } = document
  const [asking, setAsking] = useState(false)
  const pin = t(pinned ? 'unpinNamed' : 'pinNamed', { name })
  return (
    <li>
      <span className="storage-name" title={name}>
        <CutName name={name} />
      </span>
      <span className="quiet numbers">
        {bytes(sizeOf(document))} · {t('used', { when: relativeDate(document.usedAt) })}
        {pinned && ` · ${t('pinned')}`}
      </span>
      <button
        type="button"
        className="icon-button"
        aria-label={pin}
        title={pin}
        aria-pressed={pinned}
        onClick={() => void flows.documents.update(id, { pinned: !pinned })}
      >
        <PinIcon />
      </button>
      {asking ? (
        <span className="row" role="group" aria-label={t('eraseNamed', { name })}>
          <span>{t('eraseAsk', { tokens: grouped(readings.reduce((sum, { read }) => sum + read, 0)) })}</span>
          <button
            type="button"
            className="button small danger"
            autoFocus
            onClick={() => {
              setAsking(false)
              void eraseAll(document)
            }}
          >
            {t('erase')}
          </button>
          <button type="button" className="button small" onClick={() => setAsking(false)}>
            {t('keep')}
          </button>
        </span>
      ) : (
        <button
          type="button"
          className="button small"
          aria-label={t('eraseNamed', { name })}
          onClick={() => setAsking(true)}
        >
          {t('erase')} …
        </button>
      )}
    </li>
  )
}

async function eraseAll({ id, readings }: DocumentInfo): Promise<void> {
  for (const { modelKey } of readings) await flows.documents.removeReading(id, modelKey)
}

function Place() {
  const { t } = useTranslation('settings')
  const about = useEngine(engine => engine.about)
  const [asked, setAsked] = useState(false)
  const [path, setPath] = useState('')
  const [state, setState] = useState<'still' | 'moving' | { refused: string }>('still')
  if (!about) return null
  const move = (to?: string): void => {
    setState('moving')
    flows.start.moveLibrary(to).then(
      () => {
        setState('still')
        setAsked(false)
      },
      (error: unknown) => setState({ refused: sentenceOf(error) })
    )
  }
  const submit = (event: FormEvent): void => {
    event.preventDefault()
    if (path.trim() !== '') move(path.trim())
  }
  return (
    <div className="field">
      <span className="label">{t('folder')}</span>
      <code className="storage-path">{about.dataFolder}</code>
      {asked && !about.can.chooseFolder ? (
        <form className="row" onSubmit={submit}>
          <label className="visually-hidden" htmlFor="library-path">
            {t('newFolder')}
          </label>
          <input
            id="library-path"
            autoFocus
            placeholder={t('newFolder')}
            value={path}
            onChange={event => setPath(event.target.value)}
          />
          <button type="submit" className="button main" disabled={state === 'moving' || path.trim() === ''}>
            {t('moveNow')}
          </button>
          <button type="button" className="button" onClick={() => setAsked(false)}>
            {t('cancel')}
          </button>
        </form>
      ) : (
        <p>
          <button
            type="button"
            className="button small"
            disabled={state === 'moving'}
            onClick={() => (about.can.chooseFolder ? move() : setAsked(true))}
          >
            {t('move')} …
          </button>
        </p>
      )}
      <p role="status" className="quiet">
        {state === 'moving' && t('moving')}
      </p>
      {typeof state === 'object' && (
        <p className="notice bad" role="alert">
          {state.refused}
        </p>
      )}
    </div>
  )
}
