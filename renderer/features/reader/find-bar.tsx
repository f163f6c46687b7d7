/** The field, the count of all hits, and the ways through them. */
import { type KeyboardEvent, type ReactNode, useEffect, useRef } from 'react'
import { useTranslation } from 'react-i18next'
import { ChevronDownIcon, ChevronUpIcon, CloseIcon } from '../../ui/icons'
import { ask, closeFind, step, useFind } from './find'
import { HitListIcon, MatchCaseIcon, WholeWordsIcon } from './icons'
import { useReader } from './reader-store'
import { shownText } from './shown-text'

export function FindBar() {
  const { t } = useTranslation('reader')
  const field = useRef<HTMLInputElement>(null)
  const { words, matchCase, wholeWords, focused } = useFind()
  const hasHits = useFind(find => find.hits.count > 0)
  const hasList = useReader(({ side }) => side === 'hits')
  useEffect(() => {
    field.current?.focus()
    field.current?.select()
  }, [focused])
  const press = (event: KeyboardEvent): void => {
    if (event.key !== 'Enter') return
    step(event.shiftKey ? -1 : 1)
    event.preventDefault()
  }
  const close = (): void => {
    closeFind()
    shownText()?.focus()
  }
  return (
    <search className="reader-find">
      <input
        ref={field}
        type="text"
        aria-label={t('findWords')}
        placeholder={t('findWords')}
        value={words}
        spellCheck={false}
        autoComplete="off"
        onChange={event => ask({ words: event.target.value })}
        onKeyDown={press}
      />
      <Switch
        icon={<MatchCaseIcon />}
        label={t('matchCase')}
        isOn={matchCase}
        onSwitch={() => ask({ matchCase: !matchCase })}
      />
      <Switch
        icon={<WholeWordsIcon />}
        label={t('wholeWords')}
        isOn={wholeWords}
        onSwitch={() => ask({ wholeWords: !wholeWords })}
      />
      <Count />
      <button
        type="button"
        className="icon-button"
        aria-label={t('findPrevious')}
        title={t('findPrevious')}
        disabled={!hasHits}
        onClick={() => step(-1)}
      >
        <ChevronUpIcon />
      </button>
      <button
        type="button"
        className="icon-button"
        aria-label={t('findNext')}
        title={t('findNext')}
        disabled={!hasHits}
        onClick={() => step(1)}
      >
        <ChevronDownIcon />
      </button>
      <Switch
        icon={<HitListIcon />}
        label={t('hitList')}
        isOn={hasList}
        onSwitch={() => useReader.setState({ side: hasList ? undefined : 'hits' })}
      />
      <button
        type="button"
        className="icon-button"
        aria-label={t('findClose')}
        title={t('findClose')}
        onClick={close}
      >
        <CloseIcon />
      </button>
    </search>
  )
}

interface SwitchProps {
  readonly icon: ReactNode
  readonly label: string
  readonly isOn: boolean
  readonly onSwitch: () => void
}

function Switch({ icon, label, isOn, onSwitch }: SwitchProps) {
  return (
    <button
      type="button"
      className="icon-button"
      aria-label={label}
      title={label}
      aria-pressed={isOn}
      onClick={onSwitch}
    >
      {icon}
    </button>
  )
}

function Count() {
  const { t } = useTranslation('reader')
  const { state, reason, active } = useFind()
  const count = useFind(find => find.hits.count)
  const words = {
    idle: '',
    searching: count > 0 ? t('hitsSoFar', { count }) : '…',
    done:
      count === 0 ? t('noHits') : active < 0 ? t('hits', { count }) : t('hitOf', { hit: active + 1, count }),
    failed: t('findFailed', { reason: reason ?? '' })
  }[state]
  return (
    <span className="reader-count numbers" role="status">
      {words}
    </span>
  )
}
