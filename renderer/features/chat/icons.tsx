/** Icons that only the conversation has. */
import { icon } from '../../ui/icons'

export const NewestIcon = icon('M10 4v11M5.5 10.5L10 15l4.5-4.5')
export const AskIcon = icon('M10 16V4.5M5.5 9L10 4.5 14.5 9')
export const InfoIcon = icon('M10 2.75a7.25 7.25 0 1 0 0 14.5 7.25 7.25 0 0 0 0-14.5zM10 9v4.75M10 6.4v.2')
