/** The coverage promise: how many tokens of how many were in view; then the model and its speed. */
import { useTranslation } from 'react-i18next'
import type { ChatMessage } from '../../../contract/chat'
import { coverageOf } from '../../store/coverage'

interface Props {
  readonly message: ChatMessage
  readonly inView: NonNullable<ChatMessage['inView']>
}

export function CoverageLine({ message: { modelName, firstTokenSeconds, tokensPerSecond }, inView }: Props) {
  const { t } = useTranslation('chat')
  const coverage = coverageOf(inView)
  const about = [
    modelName,
    firstTokenSeconds !== undefined && t('firstWord', { seconds: firstTokenSeconds }),
    !!tokensPerSecond && t('speed', { speed: tokensPerSecond })
  ]
  return (
    <p className="coverage numbers">
      <span className={`in-view ${coverage.name}`}>{t(`coverage.${coverage.name}`, { ...coverage })}</span>
      <span className="quiet">{about.filter(Boolean).join(' · ')}</span>
    </p>
  )
}
