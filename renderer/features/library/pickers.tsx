/** The browser's own dialogs for files and folders, in both hosts; what was picked goes the same way as what was dropped. */
import type { ChangeEvent } from 'react'
import { openDialog } from '../../store/view'
import { looksLikeModel, offerModel } from '../models/offer'
import { type Picked, take } from './take'

type Kind = 'files' | 'folder'

const idOf = (kind: Kind): string => `pick-${kind}`

/** Opens the dialog. A browser shows it only in answer to a person's press; a native menu is none, so it asks for one. */
export function pick(kind: Kind): void {
  if (navigator.userActivation.isActive) document.getElementById(idOf(kind))?.click()
  else openDialog('open')
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
