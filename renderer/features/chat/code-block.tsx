/** A block of code with the name of its language and a button that copies it. */
import { Children, isValidElement, type ReactNode, useRef } from 'react'
import { useTranslation } from 'react-i18next'
import { CopyButton } from './copy-button'

export function CodeBlock({ children }: { readonly children?: ReactNode }) {
  const { t } = useTranslation('chat')
  const code = useRef<HTMLPreElement>(null)
  const language = languageOf(children)
  return (
    <figure className="code">
      <figcaption>
        <span className="quiet">{language ?? t('code.plain')}</span>
        <CopyButton label={t('code.copy')} text={() => code.current?.textContent.replace(/\n$/, '') ?? ''} />
      </figcaption>
      <pre ref={code} tabIndex={0} role="group" aria-label={language ?? t('code.plain')}>
        {children}
      </pre>
    </figure>
  )
}

function languageOf(children: ReactNode): string | undefined {
  const code = Children.toArray(children).find(child => isValidElement<{ className?: string }>(child))
  const name = isValidElement<{ className?: string }>(code) ? code.props.className : undefined
  return /language-(\S+)/.exec(name ?? '')?.[1]
}
