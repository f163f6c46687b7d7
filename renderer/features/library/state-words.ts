/** A document's state in a few words, as the library shows it. */
import { useTranslation } from 'react-i18next'
import { hasStopped, useEngine } from '../../store/engine'
import { percent } from '../../ui/format'
import type { DocumentState } from './document-state'

export function useStateWords(state: DocumentState): string {
  const { t } = useTranslation('library')
  const stopped = useEngine(hasStopped)
  switch (state.name) {
    case 'planned': {
      const verdict = state.plan.verdict.name
      if (verdict === 'too-long' || verdict === 'no-disk') return t(`state.${verdict}`)
      return t('state.planned')
    }
    case 'queued':
      if (stopped) return t('state.waiting')
      return state.place === 1 ? t('state.next') : t('state.queued', { place: state.place })
    case 'reading':
      return state.progress
        ? t('state.reading', { percent: percent(state.progress.tokens, state.progress.total, true) })
        : t('state.starting')
    case 'partial':
      return t('state.partial', { percent: percent(state.reading.read, state.reading.tokens) })
    case 'limited':
      return t('state.limited', { percent: percent(state.reading.read, state.reading.tokens) })
    case 'read':
      return t('state.read', { model: state.reading.modelName })
    case 'other-model':
      return t('state.other-model', { model: state.chosen ?? '' })
    default:
      return t(`state.${state.name}`)
  }
}

/** What has room in the narrowest library: without the name of a model or what else the tooltip says. */
export function useBriefWords(state: DocumentState): string {
  const { t } = useTranslation('library')
  const words = useStateWords(state)
  return state.name === 'read' || state.name === 'other-model' || state.name === 'changed'
    ? t(`briefly.${state.name}`)
    : words
}
