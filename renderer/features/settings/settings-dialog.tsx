/** Everything that a person may set; what is changed counts at once. */
import { useState } from 'react'
import { useTranslation } from 'react-i18next'
import { chosenByProgram } from '../../../contract/embedded-models'
import type { Settings } from '../../../contract/settings'
import { flows } from '../../flows/flows'
import { embeddedModels, settingFor, usualModel } from '../../flows/model-choice'
import { useEngine } from '../../store/engine'
import { useSettings } from '../../store/settings'
import { useView } from '../../store/view'
import { Dialog } from '../../ui/dialog'
import { languages } from '../../words/index'
import { Choice, Amount, Switch } from './fields'
import './settings.css'
import { Storage } from './storage'

const closeDialog = (): void => useView.setState({ dialog: undefined })

export function SettingsDialog() {
  const { t } = useTranslation('settings')
  const open = useView(({ dialog }) => dialog === 'settings')
  if (!open) return null
  return (
    <Dialog title={t('title')} onClose={closeDialog} size="large">
      <div className="settings">
        <Appearance />
        <Reading />
        <Answers />
        <Storage />
        <Rest />
      </div>
    </Dialog>
  )
}

function Appearance() {
  const { t } = useTranslation('settings')
  const { theme, fontSize, language } = useSettings()
  return (
    <section aria-labelledby="settings-look">
      <h3 id="settings-look">{t('look')}</h3>
      <Choice
        label={t('theme.label')}
        value={theme}
        options={{ system: t('theme.system'), light: t('theme.light'), dark: t('theme.dark') }}
        onChange={theme => void flows.settings.change({ theme })}
      />
      <Amount
        label={t('fontSize')}
        value={fontSize}
        min={11}
        max={24}
        unit="px"
        onChange={fontSize => void flows.settings.change({ fontSize })}
      />
      <Choice
        label={t('language')}
        value={language}
        options={{ system: t('asSystem'), ...languages }}
        onChange={language => void flows.settings.change({ language })}
      />
    </section>
  )
}

function Reading() {
  const { t } = useTranslation('settings')
  const { contextLimit, keepAwake, notify } = useSettings()
  const models = useEngine(engine => engine.models)
  const usual = usualModel()
  const isOpen = embeddedModels().length > 1
  const html = useView(view => view.html)
  return (
    <section aria-labelledby="settings-reading">
      <h3 id="settings-reading">{t('reading')}</h3>
      <Choice
        label={t('defaultModel')}
        hint={isOpen ? t('defaultModel.automaticHint') : undefined}
        value={usual ? settingFor(usual.id) : chosenByProgram}
        options={{
          ...(isOpen && { [chosenByProgram]: t('defaultModel.automatic') }),
          ...Object.fromEntries(models.map(({ id, name }) => [settingFor(id), name]))
        }}
        onChange={defaultModel => void flows.settings.change({ defaultModel })}
      />
      <Choice
        label={t('html')}
        value={html}
        options={{ readable: t('html.readable'), whole: t('html.whole') }}
        onChange={html => useView.setState({ html })}
      />
      <Amount
        label={t('contextLimit')}
        hint={t('contextLimitHint')}
        value={contextLimit}
        min={0}
        max={100_000_000}
        unit={t('tokens')}
        onChange={contextLimit => void flows.settings.change({ contextLimit })}
      />
      <Switch
        label={t('keepAwake')}
        checked={keepAwake}
        onChange={keepAwake => void flows.settings.change({ keepAwake })}
      />
      <Switch
        label={t('notify')}
        checked={notify}
        onChange={notify => void flows.settings.change({ notify })}
      />
    </section>
  )
}

function Answers() {
  const { t } = useTranslation('settings')
  const { sampling, longestAnswer } = useSettings()
  const change = (next: Partial<typeof sampling>): void =>
    void flows.settings.change({ sampling: { ...sampling, ...next } })
  return (
    <section aria-labelledby="settings-answers">
      <h3 id="settings-answers">{t('answers')}</h3>
      <Amount
        label={t('longestAnswer')}
        hint={t('longestAnswerHint')}
        value={longestAnswer}
        min={1}
        max={8192}
        unit={t('tokens')}
        onChange={longestAnswer => void flows.settings.change({ longestAnswer })}
      />
      <Amount
        label={t('temperature')}
        hint={t('temperatureHint')}
        value={sampling.temperature}
        min={0}
        max={2}
        step={0.1}
        onChange={temperature => change({ temperature })}
      />
      <details>
        <summary>{t('moreSampling')}</summary>
        <div className="settings-more">
          <Amount
            label={t('topK')}
            hint={t('topKHint')}
            value={sampling.topK}
            min={0}
            max={1000}
            onChange={topK => change({ topK })}
          />
          <Amount
            label={t('topP')}
            hint={t('topPHint')}
            value={sampling.topP}
            min={0.05}
            max={1}
            step={0.05}
            onChange={topP => change({ topP })}
          />
          <Amount
            label={t('repetition')}
            hint={t('repetitionHint')}
            value={sampling.repetitionPenalty}
            min={0.5}
            max={2}
            step={0.05}
            onChange={repetitionPenalty => change({ repetitionPenalty })}
          />
          <Amount
            label={t('seed')}
            hint={t('seedHint')}
            value={sampling.seed}
            min={0}
            max={1_000_000_000}
            onChange={seed => change({ seed })}
          />
        </div>
      </details>
    </section>
  )
}

function Rest() {
  const { t } = useTranslation('settings')
  const [asking, setAsking] = useState(false)
  const [before, setBefore] = useState<Settings>()
  return (
    <section aria-labelledby="settings-rest">
      <h3 id="settings-rest">{t('rest')}</h3>
      <p className="row">
        <button type="button" className="button" onClick={() => useView.setState({ dialog: 'shortcuts' })}>
          {t('shortcuts.title')} …
        </button>
        <button type="button" className="button" onClick={() => useView.setState({ dialog: 'diagnostics' })}>
          {t('diagnostics.title')} …
        </button>
        <button type="button" className="button" onClick={() => useView.setState({ dialog: 'models' })}>
          {t('models.title')} …
        </button>
      </p>
      {asking ? (
        <p className="row" role="group" aria-label={t('reset')}>
          <span>{t('resetAsk')}</span>
          <button
            type="button"
            className="button danger"
            autoFocus
            onClick={() => {
              setAsking(false)
              void flows.settings.reset().then(setBefore)
            }}
          >
            {t('reset')}
          </button>
          <button type="button" className="button" onClick={() => setAsking(false)}>
            {t('cancel')}
          </button>
        </p>
      ) : before ? (
        <p className="row" role="status">
          <span>{t('resetDone')}</span>
          <button
            type="button"
            className="button"
            onClick={() => {
              setBefore(undefined)
              void flows.settings.change(before)
            }}
          >
            {t('undo')}
          </button>
        </p>
      ) : (
        <p>
          <button type="button" className="button" onClick={() => setAsking(true)}>
            {t('reset')} …
          </button>
        </p>
      )}
    </section>
  )
}
