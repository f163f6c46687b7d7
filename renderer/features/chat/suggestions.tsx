/** An empty conversation: what can be asked, and three questions to begin with. */
import { useTranslation } from 'react-i18next'
import { askQuestion } from '../../flows/ask-question'
import { useDocuments } from '../../store/documents'
import { useAsking } from './asking'

/** Of the sample text, questions that the embedded model answers (assets/model/README.md tells some that it does not). */
const sample = {
  name: 'the-keeper-of-skerry-light.txt',
  questions: [
    'What is the special magic Lisbon number?',
    'When was the lighthouse built?',
    'What was the name of the captain?'
  ]
}

export function Suggestions({ documentId }: { readonly documentId: string }) {
  const { t } = useTranslation('chat')
  const name = useDocuments(({ documents }) => documents[documentId]?.name)
  const asking = useAsking(documentId).name
  const general = [t('suggest.about'), t('suggest.who'), t('suggest.end')]
  const questions = name === sample.name ? sample.questions : general
  return (
    <div className="empty">
      <h3>{t('empty.title')}</h3>
      <p className="quiet">{t('empty.what')}</p>
      {(asking === 'all' || asking === 'so-far') && (
        <ul className="suggestions" aria-label={t('empty.suggestions')}>
          {questions.map(question => (
            <li key={question}>
              <button type="button" className="button" onClick={() => void askQuestion(documentId, question)}>
                {question}
              </button>
            </li>
          ))}
        </ul>
      )}
    </div>
  )
}
