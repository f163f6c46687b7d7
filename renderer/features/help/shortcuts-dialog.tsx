/** All keys, and other keys for them: press what it shall be. */
import { useState } from 'react'
import { useTranslation } from 'react-i18next'
import { flows } from '../../flows/flows'
import {
  type Command,
  commands,
  defaultKeys,
  holderOf,
  keysOf,
  keysOfEvent,
  shownKeys
} from '../../shortcuts/commands'
import { useSettings } from '../../store/settings'
import { useView } from '../../store/view'
import { Dialog } from '../../ui/dialog'
import './help.css'

export function ShortcutsDialog() {
  const { t } = useTranslation('settings')
  const open = useView(({ dialog }) => dialog === 'shortcuts')
  const rebound = useSettings(settings => settings.shortcuts)
  if (!open) return null
  return (
    <Dialog
      title={t('shortcuts.title')}
      onClose={() => useView.setState({ dialog: undefined })}
      actions={
        <button
          type="button"
          className="button"
          disabled={Object.keys(rebound).length === 0}
          onClick={() => void flows.settings.change({ shortcuts: {} })}
        >
          {t('shortcuts.reset')}
        </button>
      }
    >
      <div className="help">
        <p className="quiet">{t('shortcuts.what')}</p>
        <table className="keys">
          <thead className="visually-hidden">
            <tr>
              <th scope="col">{t('shortcuts.command')}</th>
              <th scope="col">{t('shortcuts.keys')}</th>
            </tr>
          </thead>
          <tbody>
            {commands.map(command => (
              <Row key={command} command={command} />
            ))}
          </tbody>
        </table>
      </div>
    </Dialog>
  )
}

function Row({ command }: { command: Command }) {
  const { t } = useTranslation('settings')
  const rebound = useSettings(settings => settings.shortcuts)
  const [listening, setListening] = useState(false)
  const [taken, setTaken] = useState<{ readonly keys: string; readonly holder: Command }>()
  const all = keysOf(rebound)
  const name = t(`command.${command}`)
  const set = (keys: string, from?: Command): void => {
    setTaken(undefined)
    const next = { ...rebound, [command]: keys, ...(from && { [from]: '' }) }
    // Only what differs is kept, so that better defaults of a later version reach people.
    const differs = Object.entries(next).filter(([each, now]) => defaultKeys[each as Command] !== now)
    void flows.settings.change({ shortcuts: Object.fromEntries(differs) })
  }
  return (
    <tr>
      <th scope="row">{name}</th>
      <td>
        <button
          type="button"
          className="button small key"
          aria-label={t('shortcuts.change', {
            name,
            keys: shownKeys(all[command]).join(' ') || t('shortcuts.none')
          })}
          onClick={() => {
            setTaken(undefined)
            setListening(true)
          }}
          onBlur={() => setListening(false)}
          onKeyDown={event => {
            if (!listening) return
            event.preventDefault()
            event.stopPropagation()
            if (event.key === 'Escape') return setListening(false)
            if (event.key === 'Backspace' || event.key === 'Delete') {
              setListening(false)
              return set('')
            }
            const keys = keysOfEvent(event.nativeEvent)
            if (keys === undefined) return
            const holder = holderOf(keys, command, all)
            setTaken(holder && { keys, holder })
            setListening(false)
            if (!holder) set(keys)
          }}
        >
          {listening ? t('shortcuts.press') : <Keys keys={all[command]} />}
        </button>
        {taken && (
          <p className="key-taken quiet" role="alert">
            {t('shortcuts.taken', { name: t(`command.${taken.holder}`) })}
            <button type="button" className="button small" onClick={() => set(taken.keys, taken.holder)}>
              {t('shortcuts.take')}
            </button>
          </p>
        )}
      </td>
    </tr>
  )
}

function Keys({ keys }: { keys: string }) {
  const { t } = useTranslation('settings')
  const shown = shownKeys(keys)
  if (shown.length === 0) return <>{t('shortcuts.none')}</>
  return (
    <>
      {shown.map(key => (
        <kbd key={key}>{key}</kbd>
      ))}
    </>
  )
}
