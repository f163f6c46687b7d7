/** Search in the conversations of all documents. */
import { useEffect, useState } from 'react'
import { useTranslation } from 'react-i18next'
import type { ChatHit } from '../../../contract/chat'
import { flows } from '../../flows/flows'
import { useDocuments } from '../../store/documents'

type Found =
  | { readonly name: 'hits'; readonly hits: readonly ChatHit[] }
  | { readonly name: 'failed'; readonly reason: string }

interface Props {
  readonly words: string
  readonly onDone: () => void
}

export function ChatSearch({ words, onDone }: Props) {
  const { t } = useTranslation('chat')
  const [found, setFound] = useState<Found>()
  useEffect(() => {
    let left = false
    // A pause in typing, so that not every letter reads all conversations.
    const timer = setTimeout(() => {
      flows.chats.search(words).then(
        hits => !left && setFound({ name: 'hits', hits }),
        (error: Error) => !left && setFound({ name: 'failed', reason: error.message })
      )
    }, 150)
    return () => {
      left = true
      clearTimeout(timer)
    }
  }, [words])

  if (!found) return <p className="quiet nothing">{t('search.searching')}</p>
  if (found.name === 'failed') return <p className="notice bad">{found.reason}</p>
  return (
    <>
      <p className="quiet nothing" role="status">
        {t('search.hits', { count: found.hits.length })}
      </p>
      <ul className="chats" aria-label={t('search.title')}>
        {found.hits.map(hit => (
          <li key={`${hit.chatId} ${hit.messageId}`}>
            <button
              type="button"
              className="open"
              onClick={() => {
                onDone()
                void flows.chats.openHit(hit)
              }}
            >
              <span className="title">{hit.excerpt}</span>
              <Where hit={hit} />
            </button>
          </li>
        ))}
      </ul>
    </>
  )
}

function Where({ hit: { documentId, title } }: { readonly hit: ChatHit }) {
  const name = useDocuments(({ documents }) => documents[documentId]?.name)
  return (
    <span className="quiet">
      {title}
      {name && ` · ${name}`}
    </span>
  )
}
