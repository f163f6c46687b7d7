/** "2 / 3": the message has siblings on other branches. */
import { useTranslation } from 'react-i18next'
import { flows } from '../../flows/flows'
import { useChat } from '../../store/chat'
import { newestLeaf, siblingsOf } from '../../store/chat-tree'
import { ChevronEndIcon, ChevronStartIcon } from '../../ui/icons'

export interface Siblings {
  readonly documentId: string
  readonly chatId: string
  /** From 0, among `count` messages that stand in this place. */
  readonly place: number
  readonly count: number
  /** The list stays where it is when the branch changes under the pointer. */
  readonly onSwitch: () => void
}

export function BranchSwitcher(props: Siblings & { readonly messageId: string }) {
  const { documentId, chatId, messageId, place, count, onSwitch } = props
  const { t } = useTranslation('chat')
  const busy = useChat(({ answering }) => answering[chatId] !== undefined)
  if (count < 2) return null
  const step = (by: number): void => {
    const messages = useChat.getState().chats[chatId]?.messages ?? []
    const message = messages.find(({ id }) => id === messageId)
    const sibling = message && siblingsOf(messages, message)[place + by]
    if (!sibling) return
    onSwitch()
    flows.chats.showBranch(documentId, chatId, newestLeaf(messages, sibling.id))
  }
  return (
    <span className="branches numbers" role="group" aria-label={t('branch.group')}>
      <button
        type="button"
        className="icon-button"
        aria-label={t('branch.previous')}
        title={t('branch.previous')}
        disabled={busy || place === 0}
        onClick={() => step(-1)}
      >
        <ChevronStartIcon />
      </button>
      <span aria-label={t('branch.place', { place: place + 1, among: count })}>
        {place + 1} / {count}
      </span>
      <button
        type="button"
        className="icon-button"
        aria-label={t('branch.next')}
        title={t('branch.next')}
        disabled={busy || place === count - 1}
        onClick={() => step(1)}
      >
        <ChevronEndIcon />
      </button>
    </span>
  )
}
