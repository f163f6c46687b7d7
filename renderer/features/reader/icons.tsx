/** Signs of the search that no other part of the window has. */
import { icon } from '../../ui/icons'

export const HitListIcon = icon('M3.5 5h13M3.5 8.5h13M3.5 12h8M3.5 15.5h8M14.5 12v4m-2-2 2 2 2-2')
export const MatchCaseIcon = icon(
  'm2.5 14.5 3.6-9h.3l3.6 9M3.7 11.5h5.1M17 14.5v-6m0 3a2.6 3 0 1 1-5.2 0 2.6 3 0 0 1 5.2 0Z'
)
export const WholeWordsIcon = icon(
  'M3 13v2.5h14V13M5 11.5 7 5h.2l2 6.5M5.7 9.5h2.9M11.5 5v6.5m0-2.2a1.9 2.2 0 1 0 3.8 0 1.9 2.2 0 0 0-3.8 0Z'
)
export const WrapIcon = icon('M3 5h14M3 10h11a2.75 2.75 0 0 1 0 5.5h-3m2-2-2 2 2 2M3 15.5h4', true)
