/** Questions before something is changed or lost. */
import { type FormEvent, useId, useState } from 'react'
import { useTranslation } from 'react-i18next'
import type { DocumentInfo } from '../../../contract/document'
import { flows } from '../../flows/flows'
import { Dialog } from '../../ui/dialog'
import { bytes, grouped } from '../../ui/format'
import type { Asked } from './document-menu'
import { readingBytes, readingWith } from './document-state'
import { useDocument, useModelOf } from './use-document'

interface QuestionProps {
  readonly asked: Asked
  readonly close: () => void
}

export function Question({ asked: { what, id }, close }: QuestionProps) {
  const document = useDocument(id)
  if (!document) return null
  if (what === 'remove') return <Remove document={document} close={close} />
  if (what === 'forget') return <Forget document={document} close={close} />
  if (what === 'readAgain') return <ReadAgain document={document} close={close} />
  return <Name what={what} document={document} close={close} />
}

interface About {
  readonly document: DocumentInfo
  readonly close: () => void
}

function Remove({ document: { id, name, bytes: size }, close }: About) {
  const { t } = useTranslation('library')
  return (
    <Confirm
      title={t('removeTitle', { name })}
      action={t('remove')}
      close={close}
      act={async () => {
        await flows.documents.remove(id)
        focusList()
      }}
    >
      <p>{t('removeText', { bytes: bytes(size) })}</p>
      <p className="quiet">{t('removeFile')}</p>
    </Confirm>
  )
}

/** The row that had the keyboard is gone: the list keeps it. */
const focusList = (): void =>
  void requestAnimationFrame(() => {
    if (document.activeElement === document.body)
      document.querySelector<HTMLElement>('[data-row][tabindex="0"], .library-head button')?.focus()
  })

function Forget({ document, close }: About) {
  const { t } = useTranslation('library')
  return (
    <Confirm
      title={t('forgetTitle', { name: document.name })}
      action={t('forget')}
      close={close}
      act={() => forgetAll(document)}
    >
      <p>{t('forgetText', { bytes: bytes(readingBytes(document)), tokens: grouped(tokensOf(document)) })}</p>
    </Confirm>
  )
}

const tokensOf = ({ readings }: DocumentInfo): number => readings.reduce((sum, { read }) => sum + read, 0)

async function forgetAll({ id, readings }: DocumentInfo): Promise<void> {
  for (const { modelKey } of readings) await flows.documents.removeReading(id, modelKey)
}

function ReadAgain({ document, close }: About) {
  const { t } = useTranslation('library')
  const model = useModelOf(document)
  const reading = readingWith(document, model?.name) ?? readingWith(document, undefined)
  if (!reading) return null
  return (
    <Confirm
      title={t('readAgainTitle', { name: document.name })}
      action={t('menu.readAgain')}
      close={close}
      act={async () => {
        await flows.documents.removeReading(document.id, reading.modelKey)
        await flows.adding.plan(document.id)
      }}
    >
      <p>
        {t('readAgainText', {
          model: reading.modelName,
          tokens: grouped(reading.read),
          bytes: bytes(reading.pageFileBytes)
        })}
      </p>
    </Confirm>
  )
}

interface ConfirmProps {
  readonly title: string
  readonly action: string
  readonly act: () => Promise<void>
  readonly close: () => void
  /** Said by the button that changes nothing. */
  readonly keep?: string
  readonly children: React.ReactNode
}

export function Confirm({ title, action, act, close, keep, children }: ConfirmProps) {
  const { t } = useTranslation('library')
  return (
    <Dialog
      title={title}
      size="small"
      onClose={close}
      actions={
        <>
          <button type="button" className="button" onClick={close}>
            {keep ?? t('cancel')}
          </button>
          <button
            type="button"
            className="button danger"
            onClick={() => {
              close()
              void act()
            }}
          >
            {action}
          </button>
        </>
      }
    >
      <div className="library-confirm">{children}</div>
    </Dialog>
  )
}

function Name({ what, document, close }: About & { what: 'rename' | 'group' }) {
  const { t } = useTranslation('library')
  const [words, setWords] = useState(what === 'rename' ? document.name : '')
  const form = useId()
  const keep = (event: FormEvent): void => {
    event.preventDefault()
    const name = words.trim()
    if (name === '') return
    close()
    void flows.documents.update(document.id, what === 'rename' ? { name } : { group: name })
  }
  return (
    <Dialog
      title={t(what === 'rename' ? 'renameTitle' : 'groupTitle')}
      size="small"
      onClose={close}
      actions={
        <>
          <button type="button" className="button" onClick={close}>
            {t('cancel')}
          </button>
          <button type="submit" form={form} className="button main" disabled={words.trim() === ''}>
            {t('save')}
          </button>
        </>
      }
    >
      <form id={form} onSubmit={keep}>
        <label className="field">
          <span className="label">{t(what === 'rename' ? 'name' : 'groupName')}</span>
          <input
            value={words}
            maxLength={200}
            autoFocus
            onFocus={event => event.target.select()}
            onChange={event => setWords(event.target.value)}
          />
        </label>
      </form>
    </Dialog>
  )
}
