/**
 * The browser's own dialogs for files and folders; what was picked goes the same way as what was dropped. A folder is
 * chosen in the system's dialog where the host has one: the browser's gives its files one by one, without .gitignore.
 */
import { sentenceOf } from '../../../contract/failure'
import type { ChangeEvent } from 'react'
import i18next from 'i18next'
import { flows } from '../../flows/flows'
import { addNotice } from '../../store/documents'
import { useEngine } from '../../store/engine'
import { openDialog, useView } from '../../store/view'
import { looksLikeModel, offerModel } from '../models/offer'
import { type Picked, take } from './take'

type Kind = 'files' | 'folder'

const idOf = (kind: Kind): string => `pick-${kind}`

/** Opens the dialog. A browser shows it only in answer to a person's press; a native menu is none, so it asks for one. */
export function pick(kind: Kind): void {
  flows.adding.prepare()
  if (kind === 'folder' && useEngine.getState().about?.can.chooseFolder) void pickFolder()
  else if (navigator.userActivation.isActive) document.getElementById(idOf(kind))?.click()
  else openDialog('open')
}

async function pickFolder(): Promise<void> {
  const chosen = await flows.adding.chooseFolder().catch((error: unknown) => {
    addNotice('refused', sentenceOf(error))
    return undefined
  })
  if (!chosen) return
  const { grant, name, holdsModel } = chosen
  if (!holdsModel) return useView.setState({ dialog: 'add', toAdd: { picked: [], folder: name, grant } })
  // A model is looked at by the page, which gets its files by the Models dialog.
  addNotice('refused', i18next.t('flows:folderIsModel', { name }))
  openDialog('models')
}

export function Pickers() {
  return (
    <div hidden>
      <input id={idOf('files')} type="file" multiple onChange={picked(take)} />
      <input id={idOf('folder')} type="file" webkitdirectory="" onChange={picked(takeFolder)} />
    </div>
  )
}

const picked =
  (then: (files: Picked[], folder?: string) => void) =>
  ({ target }: ChangeEvent<HTMLInputElement>): void => {
    const files = Array.from(target.files ?? [], file => ({
      file,
      path: file.webkitRelativePath || file.name
    }))
    // The same files may be chosen again.
    target.value = ''
    if (files.length > 0) then(files, target.webkitdirectory ? topOf(files) : undefined)
  }

function takeFolder(files: Picked[], folder?: string): void {
  if (looksLikeModel(files)) void offerModel(files)
  else take(files, folder)
}

const topOf = ([first]: readonly Picked[]): string | undefined => first?.path.split('/')[0]
