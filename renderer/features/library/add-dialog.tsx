/** A folder or several files: read as one document, or each by itself. */
import { type FormEvent, useId, useState } from 'react'
import { useTranslation } from 'react-i18next'
import { flows } from '../../flows/flows'
import { closeDialog, type ToAdd, useView } from '../../store/view'
import { Dialog } from '../../ui/dialog'
import { hasHtml, howHtml } from './take'

export function AddDialog() {
  const toAdd = useView(view => (view.dialog === 'add' ? view.toAdd : undefined))
  return toAdd ? <Add {...toAdd} /> : null
}

function Add({ picked, folder, grant }: ToAdd) {
  const { t } = useTranslation('library')
  const html = useView(view => view.html)
  const [asOne, setAsOne] = useState(folder !== undefined)
  const [name, setName] = useState(() => folder ?? nameOf())
  const form = useId()
  function nameOf(): string {
    const first = picked[0]?.path ?? ''
    return t('severalFiles', { name: first, count: picked.length - 1 })
  }
  const add = (event: FormEvent): void => {
    event.preventDefault()
    closeDialog()
    const how = { ...(asOne && { asOne: name.trim() || nameOf() }), ...howHtml(picked) }
    if (folder !== undefined && grant !== undefined) void flows.adding.addFolder({ grant, name: folder }, how)
    else void flows.adding.addFiles(picked, how)
  }
  return (
    <Dialog
      title={
        folder === undefined ? t('addTitle', { count: picked.length }) : t('addFolderTitle', { name: folder })
      }
      size="small"
      onClose={closeDialog}
      actions={
        <>
          <button type="button" className="button" onClick={closeDialog}>
            {t('cancel')}
          </button>
          <button type="submit" form={form} className="button main">
            {t('add')}
          </button>
        </>
      }
    >
      <form id={form} className="library-add" onSubmit={add}>
        <fieldset>
          <legend className="visually-hidden">{t('add')}</legend>
          <Tick
            name="how"
            title={t('asOne')}
            text={t('asOneText')}
            checked={asOne}
            onChoose={() => setAsOne(true)}
          />
          {asOne && (
            <label className="field">
              <span className="visually-hidden">{t('nameOfAll')}</span>
              <input value={name} onChange={event => setName(event.target.value)} />
            </label>
          )}
          <Tick
            name="how"
            title={t('asEach')}
            text={t('asEachText')}
            checked={!asOne}
            onChoose={() => setAsOne(false)}
          />
        </fieldset>
        {hasHtml(picked) && (
          <fieldset>
            <legend>{t('htmlTitle')}</legend>
            <Tick
              name="html"
              title={t('htmlReadable')}
              text={t('htmlReadableText')}
              checked={html === 'readable'}
              onChoose={() => useView.setState({ html: 'readable' })}
            />
            <Tick
              name="html"
              title={t('htmlWhole')}
              text={t('htmlWholeText')}
              checked={html === 'whole'}
              onChoose={() => useView.setState({ html: 'whole' })}
            />
          </fieldset>
        )}
      </form>
    </Dialog>
  )
}

interface TickProps {
  readonly name: string
  readonly title: string
  readonly text: string
  readonly checked: boolean
  readonly onChoose: () => void
}

function Tick({ name, title, text, checked, onChoose }: TickProps) {
  const id = useId()
  return (
    <div className="tick">
      <input
        id={id}
        type="radio"
        name={name}
        checked={checked}
        aria-describedby={`${id}-text`}
        onChange={onChoose}
      />
      <label htmlFor={id}>{title}</label>
      <p id={`${id}-text`} className="quiet">
        {text}
      </p>
    </div>
  )
}
