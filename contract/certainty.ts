/** How far an answer may be trusted, as window and command line say it: never more than was measured. */
import type { ChatMessage } from './chat'

/**
 * `sure`: at or above the model's border. `unsure`: below it, or it only repeats itself. `unmeasured`: the model states no
 * border, or the answer is of a time when no certainty was kept. `silent`: it says that the document does not say.
 */
export type Trust = 'sure' | 'unsure' | 'unmeasured' | 'silent'

export function trustOf({
  content,
  state,
  certainty,
  border
}: Pick<ChatMessage, 'content' | 'state' | 'certainty' | 'border'>): Trust {
  if (saysNothing(content)) return 'silent'
  if (certainty === undefined || border === undefined) return 'unmeasured'
  // Each token of a loop is sure of itself.
  return certainty < border || state === 'repeated' ? 'unsure' : 'sure'
}

const nothing = [
  /^(the|this) (document|text|book|file|passage) (does not|doesn.t) (say|tell|state|mention|specify|provide|answer|contain)\b/i,
  /^(there is|i (can )?f(i|ou)nd) no (mention|answer|information)\b/i,
  /^(das|der|dieses|dieser) (dokument|text) (sagt|nennt|erwähnt|enthält|verrät|beantwortet)\b.*\b(nicht|nichts|keine?n?)\b/i,
  /^(darüber|dazu|davon) (sagt|steht|findet sich)\b.*\b(nicht|nichts|keine?n?)\b/i
]
const butSays = /\b(but|however|although|aber|jedoch|sondern)\b/i

/** All that it says is a number, in digits: beside an exact count it would only raise doubt about the right one. */
export const saysNumberOnly = (answer: string): boolean => /^[^\p{L}\d]*\d[\d.,\s]*[^\p{L}\d]*$/u.test(answer)

/** The whole answer is one short sentence that the document does not say. */
export function saysNothing(answer: string): boolean {
  const said = answer.trim()
  return (
    said.length <= 120 &&
    !/[.!?]\s+\S/.test(said) &&
    !butSays.test(said) &&
    nothing.some(each => each.test(said))
  )
}
