/** What is known of how an answer came about, behind a button: who wants it finds it, and nobody else has to read it. */
import { useTranslation } from 'react-i18next'
import type { ChatMessage } from '../../../contract/chat'
import { InfoIcon } from './icons'
import { useTip } from './use-tip'

export function AboutAnswer({ message }: { readonly message: ChatMessage }) {
  const { t } = useTranslation('chat')
  const { area, button, tip, show } = useTip()
  const { modelName, inView, firstTokenSeconds, tokensPerSecond, certainty, border } = message
  const facts: (readonly [string, string])[] = []
  if (modelName !== undefined) facts.push([t('about.model'), modelName])
  if (inView)
    facts.push([
      t('about.inView'),
      inView.answeredFrom === undefined
        ? t('coverage.whole', { ...inView })
        : t('coverage.found', { ...inView, answeredFrom: inView.answeredFrom })
    ])
  if (certainty !== undefined)
    facts.push([
      t('about.certainty'),
      border === undefined ? t('about.percent', { certainty }) : t('about.ofBorder', { certainty, border })
    ])
  if (firstTokenSeconds !== undefined)
    facts.push([t('about.firstWord'), t('about.seconds', { seconds: firstTokenSeconds })])
  if (tokensPerSecond) facts.push([t('about.speed'), t('speed', { speed: tokensPerSecond })])
  if (facts.length === 0) return null
  return (
    <span className="about-answer" {...area}>
      <button {...button} type="button" className="icon-button" aria-label={t('about.label')} onClick={show}>
        <InfoIcon />
      </button>
      <div {...tip} className="tip">
        <dl>
          {facts.map(([name, value]) => (
            <div key={name}>
              <dt>{name}</dt>
              <dd className="numbers">{value}</dd>
            </div>
          ))}
        </dl>
      </div>
    </span>
  )
}
