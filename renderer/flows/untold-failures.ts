/** What a press began and nobody waited for: its failure is told as a notice, since silence looks like a button that is broken. */
import { HostFailure, sentenceOf } from '../../contract/failure'
import { EngineError } from '../engine/jobs'
import { addNotice } from '../store/documents'

export function tellUntoldFailures(): void {
  addEventListener('unhandledrejection', ({ reason }) => tellUntold(reason))
}

/** Nothing for what was ended on purpose, and for what a banner tells: an engine or a program that is gone. */
export function tellUntold(reason: unknown): void {
  const isBanner =
    reason instanceof EngineError || (reason instanceof HostFailure && reason.code === 'host-gone')
  const isEnded =
    (reason instanceof HostFailure && reason.code === 'cancelled') ||
    (reason instanceof DOMException && reason.name === 'AbortError')
  if (!isBanner && !isEnded) addNotice('refused', sentenceOf(reason))
}
