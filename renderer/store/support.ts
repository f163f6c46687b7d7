/** The passages that stand behind an answer, as far as any do. */
import { saysNothing } from '../../contract/certainty'
import type { ChatMessage, Passage } from '../../contract/chat'

const none: readonly Passage[] = []

/** Best first; none behind "the document does not say", and none that lies within another one. */
export function supportOf({
  content,
  sources = none
}: Pick<ChatMessage, 'content' | 'sources'>): readonly Passage[] {
  if (saysNothing(content)) return none
  const within = (one: Passage, other: Passage): boolean => one.start >= other.start && one.end <= other.end
  const kept = sources.filter(
    (one, at) =>
      !sources.some((other, i) => i !== at && within(one, other) && (i < at || !within(other, one)))
  )
  return kept.length === sources.length ? sources : kept
}
