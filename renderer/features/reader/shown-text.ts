/** The text on the screen, if one is. A view is no plain data, so it is in no store. */
import type { TextView } from './text-view'

let shown: TextView | undefined

export const shownText = (): TextView | undefined => shown

export function setShownText(view: TextView | undefined): void {
  shown = view
}
