/**
 * An answer as Markdown. The model's words are not trusted: no HTML, no picture is fetched and no link leads anywhere,
 * because all three could carry the document out of the computer.
 */
import { type ComponentProps, memo, useMemo } from 'react'
import { useTranslation } from 'react-i18next'
import ReactMarkdown, { type Components } from 'react-markdown'
import remarkGfm from 'remark-gfm'
import type { ChatMessage } from '../../../contract/chat'
import { CodeBlock } from './code-block'
import { markQuotations } from './mark-quotations'
import { markdownBlocks } from './markdown-blocks'
import { Quotation } from './quotation'

type Quotations = NonNullable<ChatMessage['quotations']>
const none: Quotations = []

interface Marked {
  readonly documentId: string
  readonly textDigest?: string
  readonly quotations?: Quotations
}

export function Markdown({ text, quotations = none, ...where }: Marked & { readonly text: string }) {
  const blocks = useMemo(() => markdownBlocks(text), [text])
  return blocks.map((block, index) => <Block key={index} {...where} text={block} quotations={quotations} />)
}

const remark = [remarkGfm]

/** Of a growing answer only the last block changes. */
const Block = memo(
  ({ text, documentId, textDigest, quotations = none }: Marked & { readonly text: string }) => {
    const rehype = useMemo(() => [markQuotations(quotations)], [quotations])
    const components = useMemo(
      () => ({ ...plain, mark: marker(documentId, textDigest, quotations) }),
      [documentId, textDigest, quotations]
    )
    return (
      <ReactMarkdown
        remarkPlugins={remark}
        rehypePlugins={rehype}
        components={components}
        // Addresses are shown and never followed: the true one is shown.
        urlTransform={url => url}
      >
        {text}
      </ReactMarkdown>
    )
  }
)
Block.displayName = 'Block'

const marker = (documentId: string, textDigest: string | undefined, quotations: Quotations) =>
  function Mark({ children, ...rest }: ComponentProps<'mark'> & { 'data-quotation'?: number }) {
    const quotation = quotations[Number(rest['data-quotation'])]
    return quotation ? (
      <Quotation documentId={documentId} textDigest={textDigest} quotation={quotation}>
        {children}
      </Quotation>
    ) : (
      <mark>{children}</mark>
    )
  }

const plain: Components = {
  a: ({ href = '', children }) => <Address href={href}>{children}</Address>,
  img: ({ alt, src }) => <Picture alt={alt} src={typeof src === 'string' ? src : undefined} />,
  pre: ({ children }) => <CodeBlock>{children}</CodeBlock>,
  table: ({ children }) => <Table>{children}</Table>
}

function Address({ href, children }: { readonly href: string; readonly children?: React.ReactNode }) {
  // Footnotes lead nowhere either; "#…" tells nobody anything.
  const shown = href === '' || href.startsWith('#') || children === href
  return (
    <span className="address">
      {children}
      {!shown && <span className="quiet"> ({href})</span>}
    </span>
  )
}

function Picture({ alt, src }: { readonly alt?: string; readonly src?: string }) {
  const { t } = useTranslation('chat')
  return <span className="picture">{t('picture', { alt: alt?.trim() || src || '' })}</span>
}

function Table({ children }: { readonly children?: React.ReactNode }) {
  const { t } = useTranslation('chat')
  return (
    <div className="table" role="group" aria-label={t('table')} tabIndex={0}>
      <table>{children}</table>
    </div>
  )
}
