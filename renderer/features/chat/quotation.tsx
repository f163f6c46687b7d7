/** Words that an answer quotes: found in the document, and a click shows them there, or not found. */
import type { ReactNode } from 'react'
import { useTranslation } from 'react-i18next'
import type { ChatMessage } from '../../../contract/chat'
import { showStretch, useChanged } from './places'

type Quoted = NonNullable<ChatMessage['quotations']>[number]

interface Props {
  readonly documentId: string
  readonly textDigest: string | undefined
  readonly quotation: Quoted
  readonly children: ReactNode
}

export function Quotation({ documentId, textDigest, quotation, children }: Props) {
  const { t } = useTranslation('chat')
  const changed = useChanged(documentId, textDigest)
  const { verified, text, start, end } = quotation
  if (!verified || start === undefined || end === undefined)
    return (
      <mark className="quotation missing" title={t('quotation.missing')}>
        {children}
        <span className="visually-hidden">{t('quotation.isMissing')}</span>
      </mark>
    )
  const show = (): void => showStretch(documentId, { start, end, text }, changed)
  return (
    // A real button cannot break over lines in the middle of a sentence.
    <mark
      className="quotation"
      role="button"
      tabIndex={0}
      title={t('quotation.show')}
      onClick={show}
      onKeyDown={event => {
        if (event.key !== 'Enter' && event.key !== ' ') return
        event.preventDefault()
        show()
      }}
    >
      {children}
      <span className="visually-hidden">{t('quotation.isFound')}</span>
    </mark>
  )
}

/** Those that are not marked in the answer itself, because formatting runs through them. */
export function Quotations({
  quotations = [],
  ...where
}: Pick<Props, 'documentId' | 'textDigest'> & { readonly quotations?: readonly Quoted[] }) {
  return quotations
    .filter(({ text }) => /[*_`[\]\\]/.test(text))
    .map((quotation, index) => (
      <p key={index} className="quiet">
        <Quotation {...where} quotation={quotation}>
          “{quotation.text}”
        </Quotation>
      </p>
    ))
}
