import type { DocumentInfo } from '../../../contract/document'
import type { Activity } from '../../store/documents'

/**
 * Which part of the text the model has read, 0 to 1 and less than 1; absent: all of it, or nothing. Tokens are
 * taken for equally long, so the place in the text is right to within some percent.
 */
export function readShare({ readings }: DocumentInfo, activity: Activity | undefined): number | undefined {
  const running = activity?.name === 'reading' ? activity.progress : undefined
  const newest = readings.reduce<DocumentInfo['readings'][number] | undefined>(
    (latest, each) => (latest && latest.updatedAt >= each.updatedAt ? latest : each),
    undefined
  )
  const [read, total] = running ? [running.tokens, running.total] : [newest?.read ?? 0, newest?.tokens ?? 0]
  return read > 0 && read < total ? read / total : undefined
}
