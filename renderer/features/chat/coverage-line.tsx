/** The coverage promise where it is not all: how many tokens of how many were in view. The whole needs no words. */
import { useTranslation } from 'react-i18next'
import type { ChatMessage } from '../../../contract/chat'
import { coverageOf } from '../../store/coverage'

export function CoverageLine({ inView }: { readonly inView: NonNullable<ChatMessage['inView']> }) {
  const { t } = useTranslation('chat')
  const coverage = coverageOf(inView)
  if (coverage.name === 'whole') return null
  return (
    <p className="coverage numbers">
      <span className={`in-view ${coverage.name}`}>{t(`coverage.${coverage.name}`, { ...coverage })}</span>
    </p>
  )
}
