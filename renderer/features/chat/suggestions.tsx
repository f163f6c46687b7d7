/** An empty conversation: what can be asked, and up to three questions to begin with, none that the model cannot answer. */
import { useTranslation } from 'react-i18next'
import type { Chat } from '../../../contract/chat'
import { flows } from '../../flows/flows'
import { useChat } from '../../store/chat'
import { useDocuments } from '../../store/documents'
import { useAsking } from './asking'
import { useModelFor } from './model-for'
import { oftenNamed, proseLanguage, statedQuestions } from './questions-from-text'
import { useBeginning } from './use-beginning'

/** Of the sample text, questions that the embedded model answers (assets/models/small/README.md tells some that it does not). */
const sample = {
  name: 'the-keeper-of-skerry-light.txt',
  questions: [
    'What is the special magic Lisbon number?',
    'When was the lighthouse built?',
    'What was the name of the captain?'
  ]
}
const most = 3

export function Suggestions({ documentId }: { readonly documentId: string }) {
  const { t } = useTranslation('chat')
  const asking = useAsking(documentId).name
  const mayAsk = asking === 'all' || asking === 'so-far'
  const questions = useQuestions(documentId)
  return (
    <div className="empty">
      <h3>{t('empty.title')}</h3>
      <p className="quiet">{t('empty.what')}</p>
      {mayAsk && questions.length > 0 && <Questions documentId={documentId} questions={questions} />}
    </div>
  )
}

/** Below a conversation: those that were not asked in it. Folded, so that the answer has the room. */
export function FurtherSuggestions({
  documentId,
  chat
}: {
  readonly documentId: string
  readonly chat: Chat
}) {
  const { t } = useTranslation('chat')
  const asking = useAsking(documentId).name
  const busy = useChat(({ answering }) => answering[chat.id] !== undefined)
  const asked = new Set(chat.messages.map(({ content }) => content))
  const questions = useQuestions(documentId).filter(question => !asked.has(question))
  if (busy || questions.length === 0 || (asking !== 'all' && asking !== 'so-far')) return null
  return (
    <details className="further">
      <summary>{t('empty.further', { count: questions.length })}</summary>
      <Questions documentId={documentId} questions={questions} />
    </details>
  )
}

interface QuestionsProps {
  readonly documentId: string
  readonly questions: readonly string[]
}

function Questions({ documentId, questions }: QuestionsProps) {
  const { t } = useTranslation('chat')
  return (
    <ul className="suggestions" aria-label={t('empty.suggestions')}>
      {questions.map(question => (
        <li key={question}>
          <button
            type="button"
            className="button"
            onClick={() => void flows.questions.ask(documentId, question)}
          >
            {question}
          </button>
        </li>
      ))}
    </ul>
  )
}

/** What the model is known to answer first, then what exact search answers whatever the model. */
function useQuestions(documentId: string): readonly string[] {
  const { t } = useTranslation('chat')
  const name = useDocuments(({ documents }) => documents[documentId]?.name)
  const card = useModelFor(documentId)?.card
  const isSample = name === sample.name
  const beginning = useBeginning(documentId)
  if (beginning === undefined) return []
  const language = proseLanguage(beginning)
  const known = language !== undefined && card?.languages.includes(language) ? card : undefined
  if (known && isSample) return sample.questions
  const summary = known?.answers.includes('summary') ? [t('suggest.about'), t('suggest.who')] : []
  const stated = known && language === 'en' ? statedQuestions(beginning, known.answers, most) : []
  // Of running text only: what stands often in a table or in code is not what a person would count.
  const often = language === undefined ? [] : oftenNamed(beginning, most)
  return [...summary, ...stated, ...often.map(words => t('suggest.often', { words }))].slice(0, most)
}
